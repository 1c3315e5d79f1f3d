from collections.abc import Callable

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.workbench.label import Label
from desktop.workbench.side_bar import DropHint, SideBar


def runs_bar(app: App) -> SideBar:
    app.window.show_activity("runs")
    bar = app.window.side_bar("runs")
    assert isinstance(bar, SideBar)
    return bar


def shown(bar: SideBar) -> list[str]:
    return [row.id for section in bar.list.rows.sections for row in section.rows]


def test_search_filters_and_keeps_the_tree(qtbot: QtBot, app: App) -> None:
    bar = runs_bar(app)
    bar.search.setText("triage support")
    qtbot.waitUntil(lambda: shown(bar) == ["r14", "r12", "r11"])
    assert [section.title for section in bar.list.rows.sections] == ["Active", "Finished"]
    QTest.keyClick(bar.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(shown(bar)) == 5)


def test_a_search_without_hits_says_so_and_can_be_cleared(qtbot: QtBot, app: App) -> None:
    bar = runs_bar(app)
    bar.search.setText("xyz")
    qtbot.waitUntil(lambda: any(
        label.isVisible() and label.text() == "Nothing matches 'xyz'."
        for label in bar.findChildren(Label)
    ))  # fmt: skip


def test_an_empty_place_names_the_next_step(app: App, flush: Callable[[], None]) -> None:
    bar = runs_bar(app)
    app.store.runs.clear()
    app.store.runs_changed.emit(set())
    flush()
    texts = [label.text() for label in bar.findChildren(Label) if label.isVisible()]
    assert "No runs yet. A first one takes about 4 minutes with the sample." in texts


def test_closed_sections_are_remembered(app: App) -> None:
    bar = runs_bar(app)
    bar.list.setExpanded(bar.list.rows.index(1, 0), False)
    bar.set_sections(bar.list.rows.sections)
    assert app.settings.get("side_bar.runs.closed", []) == ["finished"]


def test_a_row_is_selected_before_its_commands_act(app: App) -> None:
    bar = runs_bar(app)
    bar.list.select("r12")
    assert app.selection.run is app.store.runs["r12"]


def test_the_drop_hint_takes_files(qtbot: QtBot, app: App) -> None:
    got: list[object] = []
    hint = DropHint(app.theme, "Drop here", got.append)
    qtbot.addWidget(hint)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/tmp/a.jsonl")])
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data,
                            Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)  # fmt: skip
    hint.dragEnterEvent(enter)
    assert enter.isAccepted()
    hint.dropEvent(
        QDropEvent(QPoint(5, 5).toPointF(), Qt.DropAction.CopyAction, data,
                   Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    )  # fmt: skip
    assert [str(path) for path in got[0]] == ["/tmp/a.jsonl"]  # type: ignore[attr-defined]
