import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from engine.protocol.method_specs import LoraSpec, QloraSpec, TargetModules
from engine.protocol.options import get_value
from engine.protocol.problems import Refused
from engine.recipes.olive_data import CODE
from engine.recipes.olive_import import import_olive
from tests.engine.recipes.recipes import (
    LLAMA,
    NESTED,
    OLDEST,
    TODAY,
    imported,
    paths,
    spec_of,
    trained,
)


def test_a_recipe_of_today_becomes_a_spec() -> None:
    found = imported(TODAY)
    spec = spec_of(found)
    assert spec.method == LoraSpec(rank=4, alpha=8.0, dropout=0.05, target_modules="query-value")
    assert (spec.max_steps, spec.batch_size, spec.max_length) == (2, 2, 64)
    assert (spec.learning_rate, spec.precision, spec.gradient_checkpointing) == (
        1e-3, "float32", False,
    )  # fmt: skip
    assert found.base == "BASE_DIR"
    assert (found.data.name, found.data.files, found.data.split) == (
        "json", ("TRAIN.jsonl",), "train",
    )  # fmt: skip
    assert found.data.columns == ("text",)


def test_what_has_no_counterpart_is_named_and_nothing_else() -> None:
    assert paths(imported(TODAY).left_out) == {
        "systems", "host", "cache_dir", "output_dir", "passes.builder", "passes.extract",
        "passes.lora.training_args.logging_steps",
    }  # fmt: skip


def test_defaults_that_differ_from_ours_are_made_explicit() -> None:
    found = imported(TODAY)
    assert paths(found.changed) == {
        "passes.lora.lora_dropout", "passes.lora.training_args.lr_scheduler_type",
        "early_stopping", "loss_on", "stop_on_spike",
    }  # fmt: skip
    spec = spec_of(found)
    assert (spec.schedule, spec.warmup_ratio, spec.early_stopping) == ("constant", 0.0, 0)
    assert spec.loss_on == "everything"


def test_the_nested_style_with_flat_names_becomes_a_spec() -> None:
    found = imported(NESTED)
    spec = spec_of(found)
    assert spec.method == QloraSpec(rank=32, alpha=64.0, dropout=0.1, double_quantization=True)
    assert (spec.schedule, spec.warmup_ratio, spec.optimizer) == ("cosine", 0.05, "paged-adamw")
    assert (spec.eval_every, spec.checkpoint_every, spec.max_grad_norm) == (50, 100, 0.3)
    assert (spec.precision, spec.gradient_checkpointing, spec.max_length) == (
        "bfloat16", True, 1024,
    )  # fmt: skip
    assert found.base == "org/llama"
    assert found.data.template == "Q: {prompt}\nA: {response}"
    assert (found.data.name, found.data.validation) == ("org/codes", 1024.0)


def test_a_program_that_a_recipe_names_is_left_out_and_said_so(tmp_path: Path) -> None:
    canary = tmp_path / "ran"
    script = tmp_path / "script.py"
    script.write_text(f"open({str(canary)!r}, 'w')")
    recipe = json.loads(json.dumps(NESTED).replace("script.py", str(script)))
    notes = {note.path: note.reason for note in imported(recipe).left_out}
    assert notes["data_configs[0].user_script"] == CODE
    assert "program" in notes["data_configs[0].load_dataset_config.type"]
    assert not canary.exists()


def test_the_oldest_style_becomes_a_spec() -> None:
    found = imported(OLDEST)
    spec = spec_of(found)
    assert spec.method == QloraSpec(
        rank=64, alpha=16.0, dropout=0.05, double_quantization=False, init="loftq"
    )
    assert spec.max_length == 512
    assert (found.data.name, found.data.split, found.data.columns) == (
        "org/chats", "train", ("text",),
    )  # fmt: skip
    assert {"target", "execution_providers"} <= paths(found.left_out)


def test_every_key_of_a_recipe_is_used_or_named() -> None:
    recipe: dict[str, Any] = {**deepcopy(NESTED), "surprise": 1}
    recipe["passes"]["qlora"]["config"]["surprise"] = 1
    recipe["passes"]["qlora"]["config"]["training_args"]["surprise"] = 1
    recipe["data_configs"][0]["pre_process_data_config"]["params"]["surprise"] = 1
    recipe["data_configs"][0]["load_dataset_config"]["params"]["surprise"] = 1
    recipe["data_configs"][0]["surprise"] = 1
    recipe["input_model"]["config"]["surprise"] = 1
    found = imported(recipe)
    named = [path for path in paths(found.left_out) if path.endswith("surprise")]
    assert len(named) == 7


@pytest.mark.parametrize(
    ("names", "choice", "exact"),
    [
        ([*LLAMA], "all-linear", True),
        (["v_proj", "q_proj"], "query-value", True),
        (["q_proj", "k_proj", "v_proj", "o_proj"], "attention", True),
        ("q_proj,v_proj", "query-value", True),
        (["all-linear"], "all-linear", True),
        (["q_proj", "v_proj", "k_proj"], "attention", False),
        (["gate_proj", "up_proj", "down_proj"], "all-linear", False),
        (["q_proj"], "query-value", False),
        (["something"], "all-linear", False),
    ],
)
def test_target_modules_become_the_choice_that_means_them_or_the_nearest(
    names: object, choice: TargetModules, exact: bool
) -> None:
    found = imported(trained(target_modules=names))
    assert found.values["method.target_modules"] == choice
    assert ("passes.lora.target_modules" in paths(found.left_out)) is not exact


def test_without_a_base_all_layers_of_a_llama_are_still_known() -> None:
    found = import_olive(trained(target_modules=[*LLAMA]))
    assert found.values["method.target_modules"] == "all-linear"
    assert "passes.lora.target_modules" not in paths(found.left_out)
    unsure = import_olive(trained(target_modules=["wq", "wk", "wv"]))
    assert "not known yet" in next(
        note.reason for note in unsure.left_out if note.path == "passes.lora.target_modules"
    )


@pytest.mark.parametrize(
    ("key", "value", "option", "taken"),
    [
        ("r", 100_000, "method.rank", 512),
        ("r", 0, "method.rank", 1),
        ("r", 7.6, "method.rank", 8),
        ("r", {"olive_parameter_type": "SearchParameter", "type": "Categorical",
               "support": [2, 4]}, "method.rank", 2),
        ("r", [8, 16], "method.rank", 8),
        ("alpha", 1e9, "method.alpha", 4096.0),
    ],
)  # fmt: skip
def test_what_is_out_of_bounds_is_brought_within_and_named(
    key: str, value: object, option: str, taken: float
) -> None:
    found = imported(trained(**{key: value}))
    assert get_value(spec_of(found), option) == taken
    assert f"passes.lora.{key}" in paths(found.changed)


@pytest.mark.parametrize(
    ("key", "value", "option", "taken"),
    [
        ("r", "many", "method.rank", 64),
        ("r", True, "method.rank", 64),
        ("alpha", 0, "method.alpha", 16.0),
        ("alpha", float("nan"), "method.alpha", 16.0),
        ("lora_dropout", 1, "method.dropout", 0.05),
        ("torch_dtype", "int8", "precision", "bfloat16"),
        ("r", {"of": "no kind"}, "method.rank", 64),
    ],
)
def test_what_cannot_be_understood_gives_way_to_olives_default_and_is_named(
    key: str, value: object, option: str, taken: object
) -> None:
    found = imported(trained(**{key: value}))
    assert get_value(spec_of(found), option) == taken
    assert f"passes.lora.{key}" in paths(found.left_out)


@pytest.mark.parametrize(
    ("arguments", "option", "taken", "named"),
    [
        ({"optim": "adamw_torch_fused"}, "optimizer", "adamw", False),
        ({"optim": "paged_lion_8bit"}, "optimizer", "lion-8bit", True),
        ({"optim": "galore_adamw"}, "optimizer", "adamw", True),
        ({"lr_scheduler_type": "reduce_lr_on_plateau"}, "schedule", "constant", True),
        ({"lr_scheduler_type": "cosine"}, "warmup_ratio", 0.03, False),
        ({"lr_scheduler_type": "linear", "warmup_ratio": 0.1}, "warmup_ratio", 0.1, False),
        ({"lr_scheduler_type": "linear", "warmup_steps": 10}, "warmup_ratio", 0.03, True),
        ({"warmup_ratio": 0.1}, "warmup_ratio", 0.0, True),
        ({"max_steps": -1}, "max_steps", 0, False),
        ({"eval_strategy": "epoch", "eval_steps": 5}, "eval_every", 0, True),
        ({"save_steps": 0.5}, "checkpoint_every", 0, True),
        ({"load_best_model_at_end": True}, "seed", 42, False),
        ({"load_best_model_at_end": False, "deepspeed": {"a": 1}}, "seed", 42, True),
        ({"gradient_checkpointing": "false"}, "gradient_checkpointing", False, False),
        ({"bf16": True}, "precision", "bfloat16", True),
    ],
)
def test_arguments_of_the_trainer(
    arguments: dict[str, Any], option: str, taken: object, named: bool
) -> None:
    found = imported(trained(training_args=arguments))
    assert get_value(spec_of(found), option) == taken
    about = [path for path in paths(found.left_out) if ".training_args." in path]
    assert bool(about) is named


def test_a_second_training_pass_and_one_in_a_list_are_named() -> None:
    recipe = {"passes": {"a": [{"type": "lora", "r": 4}, {"type": "DoRA"}], "b": {"type": "LoKr"}}}
    found = imported(recipe)
    assert found.values["method.rank"] == 4
    assert {"passes.a[1]", "passes.b"} <= paths(found.left_out)


@pytest.mark.parametrize(
    "recipe",
    [{}, {"passes": {}}, {"passes": []}, {"passes": {"q": {"type": "OnnxConversion"}}},
     {"passes": {"q": 5}}],
)  # fmt: skip
def test_a_recipe_that_trains_nothing_is_refused(recipe: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        imported(recipe)
    assert caught.value.problem.code == "recipes.no-training"


def test_a_data_config_that_is_not_there_is_named() -> None:
    found = imported(trained(train_data_config="nowhere"))
    assert "passes.lora.train_data_config" in paths(found.left_out)


def test_validation_rows_are_told_from_their_slice() -> None:
    recipe = trained(train_data_config="a", eval_data_config="b") | {
        "data_configs": [
            {"name": "a", "load_dataset_config": {"data_files": "x.csv", "split": "train[:80%]"}},
            {"name": "b", "load_dataset_config": {"data_files": "y.csv", "split": "train[80%:]"}},
            {"name": "c"},
        ]
    }
    found = imported(recipe)
    assert (found.data.validation_split, found.data.validation) == ("train[80%:]", 0.2)
    assert {"data_configs[1].load_dataset_config", "data_configs[2]"} <= paths(found.left_out)


def test_a_template_with_square_brackets_keeps_them_in_our_syntax() -> None:
    recipe = trained(train_data_config="a") | {
        "data_configs": [{"name": "a", "pre_process_data_config": {"text_template": "[[{a}]]"}}]
    }
    assert imported(recipe).data.template == r"\[[{a}\]]"
