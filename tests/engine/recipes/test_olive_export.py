from typing import Any

import msgspec
import pytest
import yaml

from engine.protocol.dataset_specs import Mapping, Template
from engine.protocol.method_specs import METHODS, LoraSpec, MethodSpec, QloraSpec
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset
from engine.protocol.specs import TrainSpec
from engine.recipes.olive_export import Trained, export_olive
from tests.engine.recipes.recipes import BASE, LLAMA, imported, paths

SPEC = TrainSpec(base="b", dataset="d", name="Mine")


def dataset(*, template: Template | None = None, version: int = 1, **columns: str) -> Dataset:
    return Dataset(
        "d" * 32, "faq", version, "/published", "0", "/data/faq.csv",
        mapping=msgspec.convert(columns, Mapping), template=template, rows=200, train_rows=160,
        validation_rows=20, test_rows=20,
    )  # fmt: skip


def exported(trained: Trained) -> tuple[dict[str, Any], set[str]]:
    found = export_olive(trained)
    return yaml.safe_load(found.text), paths(found.left_out)


def test_a_recipe_names_the_base_the_file_and_the_rows_that_are_held_out() -> None:
    recipe, named = exported(Trained(SPEC, base=BASE, dataset=dataset(text="body")))
    assert recipe["input_model"]["model_path"] == BASE.path
    train, held_out = recipe["data_configs"]
    assert train["load_dataset_config"] == {
        "data_name": "csv", "data_files": ["/data/faq.csv"], "split": "train[:90%]",
    }  # fmt: skip
    assert held_out["load_dataset_config"]["split"] == "train[90%:]"
    assert train["pre_process_data_config"]["text_cols"] == ["body"]
    assert recipe["passes"]["adapter"]["eval_data_config"] == held_out["name"]
    assert "dataset.split" in named


@pytest.mark.parametrize(
    ("source", "text", "named"),
    [
        (dataset(messages="turns"), {"chat_template": True, "message_col": "turns"}, False),
        (dataset(user="q", assistant="a"), {"text_template": "{q}\n\n{a}"}, True),
        (
            dataset(template=Template("T", "fields", r"\[[{q}\]] [[{a}]]"), user="q"),
            {"text_template": "[[{q}]] {a}"},
            True,
        ),
        (dataset(template=Template("T", "jinja", "{{ q }}"), text="t"), {"text_cols": ["t"]}, True),
    ],
)
def test_how_a_row_becomes_text(source: Dataset, text: dict[str, object], named: bool) -> None:
    recipe, left_out = exported(Trained(SPEC, base=BASE, dataset=source))
    config = recipe["data_configs"][0]["pre_process_data_config"]
    assert text.items() <= config.items()
    assert ("dataset.template" in left_out) is named


def test_changes_that_a_later_version_made_are_named() -> None:
    _, named = exported(Trained(SPEC, base=BASE, dataset=dataset(text="t", version=3)))
    assert "dataset.version" in named


@pytest.mark.parametrize(
    ("method", "kind"),
    [(LoraSpec(), "LoRA"), (LoraSpec(dora=True), "DoRA"), (QloraSpec(), "QLoRA"),
     (QloraSpec(init="loftq"), "LoftQ")],
)  # fmt: skip
def test_each_method_has_its_pass(method: MethodSpec, kind: str) -> None:
    recipe, _ = exported(Trained(TrainSpec("b", "d", method=method), base=BASE))
    assert recipe["passes"]["adapter"]["type"] == kind


def test_target_modules_are_the_names_that_the_base_has() -> None:
    recipe, _ = exported(Trained(SPEC, base=BASE))
    assert recipe["passes"]["adapter"]["target_modules"] == sorted(LLAMA)
    recipe, named = exported(Trained(SPEC, base_name="gone"))
    assert "target_modules" not in recipe["passes"]["adapter"]
    assert "method.target_modules" in named
    assert recipe["input_model"]["model_path"] == "gone"


@pytest.mark.parametrize("kind", ["adalora", "ia3", "vera", "oft", "prefix", "prompt", "layernorm"])
def test_a_method_without_a_pass_is_refused_by_its_name(kind: str) -> None:
    method = next(each for each in METHODS if each.kind == kind)
    with pytest.raises(Refused, match=method.title):
        export_olive(Trained(TrainSpec("b", "d", method=method.spec())))  # type: ignore[arg-type]


def test_options_without_a_counterpart_are_named_in_the_file_too() -> None:
    spec = TrainSpec(
        "b", "d", threads=2, method=LoraSpec(rslora=True, init="pissa", learning_rate_ratio=16.0)
    )
    found = export_olive(Trained(spec, base=BASE))
    assert paths(found.left_out) >= {
        "method.rslora", "method.init", "method.learning_rate_ratio", "threads", "loss_on",
        "early_stopping",
    }  # fmt: skip
    for note in found.left_out:
        assert f"# Left out: {note.path}. {note.reason}" in found.text


def test_a_decay_at_the_end_is_written_once_the_steps_are_known() -> None:
    spec = TrainSpec("b", "d", schedule="warmup-stable-decay")
    recipe, named = exported(Trained(spec, base=BASE, total_steps=100))
    arguments = recipe["passes"]["adapter"]["training_args"]
    assert arguments["lr_scheduler_kwargs"] == {"num_decay_steps": 20}
    recipe, named = exported(Trained(spec, base=BASE))
    assert "schedule" in named


def test_a_name_that_would_break_out_of_the_comment_stays_in_it() -> None:
    spec = TrainSpec("b", "d", name="Mine\npasses: {}\r#")
    assert imported(export_olive(Trained(spec, base=BASE)).text).values["method.rank"] == 16
