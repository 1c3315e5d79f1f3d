"""spec -> recipe -> spec: whatever comes back different was named on the way out."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from engine.protocol.method_specs import (
    LohaSpec,
    LokrSpec,
    LoraSpec,
    MethodSpec,
    QloraSpec,
)
from engine.protocol.options import Option, Value, get_value, options_of, with_values
from engine.protocol.specs import TrainSpec
from engine.protocol.trainer_names import OPTIMIZERS, SCHEDULES, schedule_options
from engine.recipes.olive_export import Trained, export_olive
from engine.recipes.recipe_text import parse_recipe
from tests.engine.recipes.recipes import BASE, imported, paths, spec_of

METHODS: tuple[MethodSpec, ...] = (
    LoraSpec(), LoraSpec(dora=True), QloraSpec(), QloraSpec(init="loftq"), LohaSpec(), LokrSpec(),
)  # fmt: skip
OURS = ("base", "dataset", "name", "preset", "method.kind")


def some(option: Option) -> SearchStrategy[Value]:
    """Any value that the option's declaration allows."""
    if option.choices:
        return st.sampled_from(option.choices)
    if option.kind == "bool":
        return st.booleans()
    if option.kind == "int":
        low = 0 if option.ge is None else int(option.ge)
        return st.integers(low, 10**6 if option.le is None else int(option.le))
    low_f = option.ge if option.ge is not None else option.gt or 0.0
    high = option.le if option.le is not None else option.lt or 1e6
    return st.floats(
        low_f, high, exclude_min=option.ge is None and option.gt is not None,
        exclude_max=option.le is None and option.lt is not None,
        allow_subnormal=False,
    )  # fmt: skip


@st.composite
def specs(draw: st.DrawFn) -> TrainSpec:
    spec = TrainSpec(base="b", dataset="d", method=draw(st.sampled_from(METHODS)))
    kinds = {"method.kind": str(get_value(spec, "method.kind"))}
    known = [each for each in options_of(TrainSpec, kinds=kinds) if each.path not in OURS]
    kept = {"method.init", "method.dora"}
    chosen = {each.path: draw(some(each)) for each in known if each.path not in kept}
    if draw(st.booleans()):
        chosen["max_steps"] = 0
    return with_values(spec, chosen)


@given(spec=specs())
@settings(max_examples=100, deadline=None)
def test_what_comes_back_different_was_named(spec: TrainSpec) -> None:
    exported = export_olive(Trained(spec, base=BASE))
    found = imported(exported.text)
    again, named = spec_of(found), paths(exported.left_out)
    kinds = {"method.kind": str(get_value(spec, "method.kind"))}
    for option in options_of(TrainSpec, kinds=kinds):
        if option.path not in OURS and option.path not in named:
            assert get_value(again, option.path) == get_value(spec, option.path), option.path
    assert type(again.method) is type(spec.method)
    assert found.base == BASE.path


@given(spec=specs())
@settings(max_examples=50, deadline=None)
def test_a_recipe_of_our_own_loses_nothing_of_what_is_learned_on_the_way_in(
    spec: TrainSpec,
) -> None:
    left = paths(imported(export_olive(Trained(spec, base=BASE)).text).left_out)
    passes = {path.removeprefix("passes.adapter.") for path in left if path.startswith("passes")}
    assert passes <= {"training_args.report_to", "save_quant_config"}


@pytest.mark.slow
def test_the_names_are_those_that_the_training_worker_gives_the_trainer(
    tmp_path: Path,
) -> None:
    from engine.workers.trainer import arguments_of

    def told(**values: str) -> Any:
        spec = with_values(TrainSpec(base="b", dataset="d"), values)
        return arguments_of(spec, total_steps=105, folder=str(tmp_path), validation_rows=0)

    for optimizer, name in OPTIMIZERS.items():
        assert told(optimizer=optimizer).optim == name
    for schedule, name in SCHEDULES.items():
        arguments = told(schedule=schedule)
        assert arguments.lr_scheduler_type == name
        assert arguments.lr_scheduler_kwargs == schedule_options(schedule, 105)


def test_a_recipe_on_a_gpu_takes_bfloat16_where_the_precision_was_left_open() -> None:
    spec = TrainSpec(base="b", dataset="d")
    recipe = parse_recipe(export_olive(Trained(spec, base=BASE, on_gpu=True)).text)
    assert recipe["passes"]["adapter"]["torch_dtype"] == "bfloat16"
    accelerator = recipe["systems"]["local_system"]["accelerators"][0]
    assert accelerator == {"device": "gpu", "execution_providers": ["CUDAExecutionProvider"]}
