import pytest

from engine.commands.settings import with_settings
from engine.protocol.options import get_value
from engine.protocol.problems import Refused
from engine.protocol.specs import TrainSpec

SPEC = TrainSpec(base="b", dataset="d")


def test_a_setting_wins_over_the_preset_and_the_preset_over_the_default() -> None:
    preset = {"epochs": 2.0, "learning_rate": 1e-3}
    spec = with_settings(SPEC, preset, ("epochs=4", "method.rank=8"))
    assert (spec.epochs, spec.learning_rate, get_value(spec, "method.rank")) == (4.0, 1e-3, 8)
    assert spec.batch_size == SPEC.batch_size


def test_the_last_part_of_a_nested_name_is_enough() -> None:
    assert get_value(with_settings(SPEC, {}, ("rank=4",)), "method.rank") == 4


@pytest.mark.parametrize(
    ("setting", "code", "words"),
    [
        ("rnak=8", "settings.unknown", "Did you mean 'method.rank'?"),
        ("learning-rate=1", "settings.unknown", "Did you mean 'learning_rate'?"),
        ("nothing=8", "settings.unknown", "Known: base, dataset"),
        ("rank", "settings.no-value", "--set rank=VALUE"),
        ("rank=0", "settings.invalid", "rank"),
        ("rank=many", "settings.invalid", "rank"),
        ("schedule=square", "settings.invalid", "schedule"),
    ],
)
def test_a_wrong_setting_is_refused_and_named(setting: str, code: str, words: str) -> None:
    with pytest.raises(Refused) as caught:
        with_settings(SPEC, {}, (setting,))
    problem = caught.value.problem
    assert problem.code == code
    assert words in f"{problem.message} {problem.hint}"
