"""Presets of the person's own in the data folder."""

import logging
from pathlib import Path

import pytest

from engine.protocol.problems import Refused
from engine.protocol.specs import Preset
from engine.store.presets import all_presets, built_in, own_preset, rename_preset, save_preset

MINE = Preset("Mine", "Mine", "", {"method.kind": "ia3", "epochs": 2.0}, own=True)


def own(home: Path) -> list[str]:
    return [preset.title for preset in all_presets(home) if preset.own]


def test_one_s_own_stand_after_the_application_s(tmp_path: Path) -> None:
    save_preset(tmp_path, MINE)
    save_preset(tmp_path, Preset("another", "another", "", {}))
    ids = [preset.id for preset in all_presets(tmp_path)]
    assert ids == ["quick", "balanced", "thorough", "another", "Mine"]


def test_what_is_saved_again_is_replaced_and_case_is_no_difference(tmp_path: Path) -> None:
    save_preset(tmp_path, MINE)
    save_preset(tmp_path, Preset("mine", "mine", "", {"epochs": 3.0}))
    assert own(tmp_path) == ["mine"]


def test_a_renamed_one_has_another_file(tmp_path: Path) -> None:
    save_preset(tmp_path, MINE)
    assert rename_preset(tmp_path, "Mine", "Yours").values == MINE.values
    assert own(tmp_path) == ["Yours"]
    assert (tmp_path / "presets" / "Yours.toml").is_file()
    assert rename_preset(tmp_path, "Yours", "yours").title == "yours"


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    save_preset(tmp_path, MINE)
    save_preset(tmp_path, Preset("Other", "Other", "", {}))
    with pytest.raises(Refused, match="taken"):
        rename_preset(tmp_path, "Other", "mine")
    assert own(tmp_path) == ["Mine", "Other"]


@pytest.mark.parametrize("name", ["", "../up", "a/b", "Quick", "balanced", "custom", "x" * 61, "."])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused):
        save_preset(tmp_path, Preset(name, name, "", {}))
    assert not (tmp_path / "presets").exists()


def test_a_value_out_of_its_bounds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="epochs"):
        save_preset(tmp_path, Preset("x", "x", "", {"epochs": -1.0}))


def test_a_damaged_file_is_left_out_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    save_preset(tmp_path, MINE)
    (tmp_path / "presets" / "broken.toml").write_text("title = ")
    with caplog.at_level(logging.WARNING):
        assert own(tmp_path) == ["Mine"]
    assert "broken.toml" in caplog.text


def test_the_application_s_cannot_be_removed(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        own_preset(tmp_path, built_in()[0].title)
