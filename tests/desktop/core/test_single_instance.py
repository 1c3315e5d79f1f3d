from pathlib import Path

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.core.single_instance import SingleInstance


def test_a_second_start_hands_over_its_paths(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    first, second = SingleInstance(tmp_path), SingleInstance(tmp_path)
    assert first.claim()
    assert not second.claim()
    file = tmp_path / "tickets ü.jsonl"
    with qtbot.waitSignal(first.opened) as caught:
        assert second.hand_over((file,))
    assert caught.args == [(file,)]
    first.release()
    assert second.claim()
    second.release()


def test_other_data_folders_have_windows_of_their_own(qapp: QApplication, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = SingleInstance(tmp_path / "a"), SingleInstance(tmp_path / "b")
    assert one.claim()
    assert other.claim()
    one.release()
    other.release()
