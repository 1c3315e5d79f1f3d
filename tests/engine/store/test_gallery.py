import tomllib
from pathlib import Path

import pytest

from engine.protocol.dataset_specs import Template
from engine.protocol.problems import Refused
from engine.protocol.template_file import format_template, parse_template
from engine.store.gallery import gallery, own_template, save_template

MINE = Template(
    name="Tones (short)",
    syntax="fields",
    text='Say "\\" {phrase}\x7f\n\ttone:\r\n[[{tone}]] 🦜\n',
    task="classification",
)


def names(home: Path) -> list[str]:
    return [entry.template.name for entry in gallery(home) if entry.own]


def test_a_saved_template_stands_beside_the_applications_own(tmp_path: Path) -> None:
    saved = save_template(tmp_path, MINE)
    assert saved.own
    found = [entry for entry in gallery(tmp_path) if entry.own]
    assert found == [saved]
    assert found[0].template == MINE
    assert len(gallery(tmp_path)) == len(gallery(tmp_path / "empty")) + 1
    assert [path.name for path in (tmp_path / "templates").iterdir()] == ["Tones (short).toml"]


def test_saving_the_same_name_again_replaces_it_in_any_case(tmp_path: Path) -> None:
    save_template(tmp_path, MINE)
    again = Template("TONES (SHORT)", "fields", "{a} {b}")
    save_template(tmp_path, again)
    assert own_template(tmp_path, "tones (short)")[0].template == again
    assert names(tmp_path) == ["TONES (SHORT)"]


@pytest.mark.parametrize("name", ["../x", "a/b", "..", ".hidden", "a:b", "x.", " x", "a\nb", "ü\0"])
def test_a_name_that_is_no_name_for_a_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="letters"):
        save_template(tmp_path, Template(name, "fields", "{a}"))
    assert not list(tmp_path.iterdir())


def test_the_applications_own_names_are_taken(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="comes with the application"):
        save_template(tmp_path, Template("alpaca", "fields", "{a}"))


def test_a_damaged_file_is_left_out_and_the_rest_is_listed(tmp_path: Path) -> None:
    save_template(tmp_path, MINE)
    (tmp_path / "templates" / "a.toml").write_text("name = [")
    (tmp_path / "templates" / "b.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "templates" / "c.toml").write_text("x = 1\n" * 100_000)
    (tmp_path / "templates" / "d.toml").write_text("a = " + "[" * 50_000)
    (tmp_path / "templates" / "e.toml").mkdir()
    assert names(tmp_path) == [MINE.name]
    with pytest.raises(Refused, match="no template of yours 'a'"):
        own_template(tmp_path, "a")


@pytest.mark.parametrize("entry", gallery(Path("/nowhere")), ids=lambda each: each.template.name)
def test_a_template_survives_its_file(entry: object) -> None:
    content = format_template(entry)  # type: ignore[arg-type]
    assert tomllib.loads(content.decode())
    assert parse_template(content, own=False) == entry
