"""Presets on any method, and what a change of the method keeps."""

import pytest

from engine.protocol.method_specs import METHODS, method_of
from engine.protocol.options import Value, get_value, with_values
from engine.protocol.presets import (
    FRESH,
    METHOD,
    checked_preset,
    preset_from,
    preset_like,
    preset_rate,
    preset_spec,
    preset_values,
    settings_of,
    with_method,
)
from engine.protocol.problems import Refused
from engine.protocol.specs import Preset, TrainSpec
from engine.store.presets import built_in

QUICK, BALANCED, THOROUGH = built_in()
PLAIN = TrainSpec(base="m1", dataset="d1", name="mine")


def of(kind: str, preset: Preset | None = BALANCED, **more: Value) -> dict[str, Value]:
    """Settings as a person would have them; double underscores stand for dots."""
    typed = {name.replace("__", "."): value for name, value in more.items()}
    return {**settings_of(preset_spec(FRESH, preset, kind)), **typed}


def test_a_preset_keeps_what_the_run_is_about() -> None:
    spec = preset_spec(PLAIN, THOROUGH, "lora")
    assert (spec.base, spec.dataset, spec.name) == ("m1", "d1", "mine")
    assert (spec.preset, spec.epochs, get_value(spec, "method.rank")) == ("thorough", 10.0, 32)


def test_going_from_one_preset_to_another_leaves_nothing_behind() -> None:
    thorough = preset_spec(PLAIN, THOROUGH, "lora")
    assert get_value(preset_spec(thorough, QUICK, "lora"), "method.rank") == 16


@pytest.mark.parametrize("kind", [method.kind for method in METHODS])
@pytest.mark.parametrize("preset", built_in(), ids=lambda preset: preset.id)
def test_every_preset_fits_every_method_and_is_known_again(preset: Preset, kind: str) -> None:
    settings = of(kind, preset)
    assert settings[METHOD] == kind
    assert preset_like(settings, built_in()) == preset.id


def test_a_preset_is_not_known_once_a_value_differs() -> None:
    assert preset_like(of("lora", method__rank=17), built_in()) == ""


def test_a_preset_s_rank_is_not_taken_for_the_rank_of_another_meaning() -> None:
    assert preset_values(THOROUGH, "qlora")["method.rank"] == 32
    for kind in ("vera", "adalora"):
        assert "method.rank" not in preset_values(THOROUGH, kind)


def test_the_learning_rate_goes_with_the_method() -> None:
    usual = {method.kind: method.learning_rate for method in METHODS}
    for kind, rate in usual.items():
        assert preset_rate(None, kind) == rate
        assert preset_rate(QUICK, kind) == pytest.approx(5 * rate)


def test_the_rate_of_a_preset_for_one_method_is_scaled_for_another() -> None:
    own = Preset("x", "x", "", {METHOD: "ia3", "learning_rate": 6e-3}, own=True)
    assert preset_rate(own, "ia3") == 6e-3
    assert preset_rate(own, "lora") == pytest.approx(4e-4)


def test_another_method_takes_over_what_was_changed_and_both_have() -> None:
    typed = of("lora", method__rank=24, batch_size=4, method__dora=True)
    taken = with_method(typed, "qlora", preset=BALANCED, before={})
    assert (taken["method.rank"], taken["batch_size"]) == (24, 4)
    assert "method.dora" not in taken


def test_what_was_left_alone_becomes_what_is_usual_for_the_method() -> None:
    taken = with_method(of("lora"), "loha", preset=BALANCED, before={})
    assert (taken["method.rank"], taken["method.alpha"]) == (8, 16.0)
    assert taken["learning_rate"] == preset_rate(BALANCED, "loha")
    assert preset_like(taken, built_in()) == "balanced"


def test_a_learning_rate_that_was_typed_stays() -> None:
    taken = with_method(of("lora", learning_rate=7e-4), "ia3", preset=BALANCED, before={})
    assert taken["learning_rate"] == 7e-4


def test_the_way_back_brings_back_what_only_the_first_method_has() -> None:
    typed = of("lora", method__dora=True, method__rank=24)
    there = with_method(typed, "ia3", preset=BALANCED, before={})
    back = with_method(there, "lora", preset=BALANCED, before=typed)
    assert back == typed


def test_what_cannot_be_read_is_taken_over_too() -> None:
    taken = with_method(of("lora", batch_size="many"), "ia3", preset=BALANCED, before={})
    assert taken["batch_size"] == "many"


def test_a_preset_of_one_s_own_says_only_what_it_changes() -> None:
    spec = with_values(FRESH, {METHOD: "ia3", "epochs": 7.0, "learning_rate": 1e-2})
    own = preset_from(spec, "Gentle")
    assert own.values == {METHOD: "ia3", "epochs": 7.0, "learning_rate": 1e-2}
    assert settings_of(preset_spec(FRESH, own, "ia3")) == settings_of(spec)
    assert preset_like(settings_of(spec), [*built_in(), own]) == "Gentle"


@pytest.mark.parametrize(
    "values", [{"epochs": -1.0}, {METHOD: "ia3", "method.rank": 4}, {METHOD: "magic"}, {"rnk": 4}]
)
def test_a_preset_is_checked_like_a_spec(values: dict[str, Value]) -> None:
    with pytest.raises(Refused):
        checked_preset(Preset("x", "x", "", values))


def test_a_preset_names_no_base_and_no_data() -> None:
    checked = checked_preset(Preset("x", "x", "", {"base": "m1", "epochs": "2"}))
    assert checked.values == {"epochs": 2.0}


def test_full_rank_methods_want_less_and_scales_want_more_than_lora() -> None:
    lora = method_of("lora").learning_rate
    for kind in ("ia3", "vera", "prefix", "prompt"):
        assert method_of(kind).learning_rate >= 10 * lora
