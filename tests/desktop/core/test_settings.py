from pathlib import Path

from PySide6.QtWidgets import QApplication

from desktop.core.settings import Settings


def test_values_are_there_again_after_a_restart(qapp: QApplication, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "desktop.json")
    settings.set("workbench.theme", "light")
    settings.set("workbench.tabs", [{"kind": "run", "key": "r1"}])
    settings.save()
    again = Settings(tmp_path / "desktop.json")
    assert again.get("workbench.theme", "dark") == "light"
    assert again.get("workbench.tabs", []) == [{"kind": "run", "key": "r1"}]
    assert not list(tmp_path.glob("*.new"))


def test_a_value_of_the_wrong_type_counts_as_not_there(qapp: QApplication, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "desktop.json")
    settings.set("panel.size", "tall")
    settings.set("zoom", 1)
    assert settings.get("panel.size", 156) == 156
    assert settings.get("zoom", 1.5) == 1.0


def test_an_unreadable_file_is_put_aside(qapp: QApplication, tmp_path: Path) -> None:
    path = tmp_path / "desktop.json"
    for broken in (b"{not json", b"[1, 2]", b"\xff\xfe"):
        path.write_bytes(broken)
        assert Settings(path).get("workbench.theme", "dark") == "dark"
        assert not path.exists()
        assert path.with_suffix(".json.unreadable").read_bytes() == broken


def test_only_a_change_is_told_and_saved(qapp: QApplication, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "desktop.json")
    told: list[str] = []
    settings.changed.connect(told.append)
    settings.set("a", 1)
    settings.set("a", 1)
    assert told == ["a"]
