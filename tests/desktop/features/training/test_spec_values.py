from desktop.features.training.spec_values import preset_like, preset_spec, values_of
from engine.protocol.options import get_value
from engine.protocol.specs import TrainSpec
from tests.desktop.features.records import QUICK
from tests.desktop.features.run_records import BALANCED, THOROUGH

PRESETS = (QUICK, BALANCED, THOROUGH)
PLAIN = TrainSpec(base="m1", dataset="d1", name="mine", method=TrainSpec("", "").method)


def test_a_preset_keeps_what_the_run_is_about() -> None:
    spec = preset_spec(PLAIN, THOROUGH)
    assert (spec.base, spec.dataset, spec.name) == ("m1", "d1", "mine")
    assert (spec.preset, spec.epochs, get_value(spec, "method.rank")) == ("thorough", 10.0, 32)


def test_going_from_one_preset_to_another_leaves_nothing_behind() -> None:
    assert get_value(preset_spec(preset_spec(PLAIN, THOROUGH), QUICK), "method.rank") == 16


def test_a_preset_is_known_by_its_values() -> None:
    values = values_of(preset_spec(PLAIN, BALANCED))
    assert preset_like(values, PRESETS) == "balanced"
    assert preset_like({**values, "method.rank": 17}, PRESETS) == ""
