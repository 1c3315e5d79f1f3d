import pytest

from engine.protocol.method_specs import LoraSpec, QloraSpec
from engine.protocol.problems import Refused
from engine.protocol.recipes import ImportRecipe
from engine.recipes.olive_flags import recipe_of_flags
from engine.recipes.reading import read_olive
from tests.engine.recipes.recipes import imported, paths, spec_of

WHOLE = r"""olive finetune -m BASE --method lora -o out --data_name json \
  --data_files /absolute/train.jsonl --text_field text --train_split train \
  --eval_split "train[:2]" --max_seq_len 64 --max_samples 8 --lora_r 8 --lora_alpha 16 \
  --target_modules q_proj,v_proj --torch_dtype float32 --per_device_train_batch_size 2 \
  --max_steps 3 --logging_steps 1 --learning_rate 1e-3 --gradient_checkpointing False \
  --save_steps 2 --report_to none --log_level 1 --disable_telemetry"""


def test_a_whole_command_line_becomes_a_spec() -> None:
    found = read_olive(ImportRecipe(flags=WHOLE))
    spec = spec_of(found)
    assert spec.method == LoraSpec(rank=8, alpha=16.0, dropout=0.05, target_modules="query-value")
    assert (spec.max_length, spec.max_steps, spec.batch_size) == (64, 3, 2)
    assert (spec.learning_rate, spec.precision, spec.checkpoint_every) == (1e-3, "float32", 2)
    assert not spec.gradient_checkpointing
    assert found.base == "BASE"
    assert found.data.files == ("/absolute/train.jsonl",)
    assert (found.data.split, found.data.validation_split) == ("train", "train[:2]")
    assert found.data.columns == ("text",)


def test_what_a_command_line_has_without_a_counterpart_is_named() -> None:
    named = {
        path.rpartition(".")[2] for path in paths(read_olive(ImportRecipe(flags=WHOLE)).left_out)
    }
    assert named == {
        "max_samples", "logging_steps", "report_to", "output_dir", "log_severity_level",
        "disable_telemetry",
    }  # fmt: skip


@pytest.mark.parametrize(
    "flag",
    ["--logging_dir x", "--overwrite_output_dir true", "--report_to tensorboard", "--output_dir y",
     "--lora_dropout 0.1", "--rslora true", "--modules_to_save lm_head", "--eval_subset z",
     "--account_name a", "--trust_remote_code", "--batch_size 4", "--test"],
)  # fmt: skip
def test_flags_that_are_gone_or_unknown_are_named(flag: str) -> None:
    before = paths(imported(recipe_of_flags("-m B -d json")).left_out)
    assert paths(imported(recipe_of_flags(f"-m B -d json {flag}")).left_out) - before


def test_qlora_adapts_every_layer_whatever_it_is_told() -> None:
    found = imported(recipe_of_flags("--method=qlora -m B -d json --target_modules q_proj"))
    spec = spec_of(found)
    assert spec.method == QloraSpec(
        rank=64, alpha=16.0, dropout=0.05, double_quantization=False, target_modules="all-linear"
    )
    assert "passes.f.target_modules" in paths(found.left_out)


def test_a_template_has_its_new_lines_and_a_chat_its_column() -> None:
    found = imported(
        recipe_of_flags(["-m", "B", "-d", "json", "--text_template", r"Q: {p}\nA: {r}"])
    )
    assert found.data.template == "Q: {p}\nA: {r}"
    chat = imported(recipe_of_flags("finetune -m B -d json --use_chat_template")).data
    assert (chat.chat, chat.messages) == (True, "messages")


def test_a_negative_number_is_a_value_and_a_switch_stands_alone() -> None:
    found = imported(recipe_of_flags("-m B -d json --max_steps -1 --gradient_checkpointing"))
    assert (found.values["max_steps"], found.values["gradient_checkpointing"]) == (0, True)


@pytest.mark.parametrize(
    "command",
    ["olive finetune --method dora", "olive run --config x", 'olive finetune -m "B', "-m",
     "-m B stray", "stray", "finetune stray", "-m B -d a b", "- x", "a " * 600],
)  # fmt: skip
def test_what_is_no_such_command_line_is_refused(command: str) -> None:
    with pytest.raises(Refused) as caught:
        recipe_of_flags(command)
    assert caught.value.problem.code == "recipes.flags"
