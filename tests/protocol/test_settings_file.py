"""Presets and specs as TOML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.protocol.method_specs import METHODS, method_of
from engine.protocol.options import with_values
from engine.protocol.presets import FRESH, METHOD
from engine.protocol.problems import Refused
from engine.protocol.settings_file import (
    LIMIT,
    format_preset,
    format_spec,
    parse_preset,
    parse_settings,
    parse_spec,
)
from engine.protocol.specs import Preset, TrainSpec
from engine.store.presets import built_in


@pytest.mark.parametrize("kind", [method.kind for method in METHODS])
def test_a_spec_of_every_method_comes_back_as_it_was(kind: str) -> None:
    spec = with_values(TrainSpec("SmolLM2", "a.jsonl", name="mine"), {METHOD: kind, "epochs": 2.5})
    assert parse_settings(format_spec(spec)) == spec


@given(st.text(max_size=120), st.floats(1e-9, 1.0))
def test_any_name_and_rate_come_back(name: str, rate: float) -> None:
    spec = replace(TrainSpec("b", "d"), name=name, learning_rate=rate)
    assert parse_spec(format_spec(spec)) == spec


def test_a_preset_comes_back_as_it_was() -> None:
    own = Preset("Mine", "Mine", 'Says "hello"', {METHOD: "ia3", "learning_rate": 1e-5}, own=True)
    assert parse_settings(format_preset(own)) == own


def test_the_built_in_presets_are_such_files() -> None:
    for preset in built_in():
        again = parse_preset(format_preset(preset))
        assert (again.title, again.values) == (preset.title, preset.values)


def test_what_a_file_leaves_out_is_as_it_is_usual_for_its_method() -> None:
    spec = parse_spec(b'base = "b"\ndataset = "d"\n[method]\nkind = "prompt"\n')
    assert spec.learning_rate == method_of("prompt").learning_rate
    assert spec.batch_size == FRESH.batch_size


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "utf-8"),
        (b"base = ", "Invalid value"),
        (b'base = "b"\n', "missing required field `dataset`"),
        (b'base = "b"\ndataset = "d"\nrnk = 3\n', "rnk"),
        (b'base = "b"\ndataset = "d"\n[method]\nkind = "magic"\n', "magic"),
        (b'base = "b"\ndataset = "d"\nepochs = -1\n', "$.epochs"),
        (b"x" * (LIMIT + 1), "larger than 64 kB"),
        (b'title = "x"\n[values]\nrnk = 3\n', "rnk"),
        (b"a = " + b"[" * 5000, ""),
    ],
)
def test_a_file_that_is_none_says_why(content: bytes, words: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_settings(content)
    assert words in caught.value.problem.message


def test_a_preset_is_not_taken_for_a_run_nor_a_run_for_a_preset() -> None:
    with pytest.raises(Refused, match="it is a preset"):
        parse_spec(format_preset(built_in()[0]))
    with pytest.raises(Refused, match="no preset"):
        parse_preset(format_spec(TrainSpec("b", "d")))
