from collections.abc import Callable

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.app import App
from desktop.workbench.tabs import TAB_MIME


def titles(app: App, group: int = 0) -> list[str]:
    return [f"{tab.kind} {tab.key}" for tab in app.window.editors.groups[group].tabs]


def test_a_page_opens_once(app: App) -> None:
    first = app.open("run", "r14")
    app.open("dataset", "d1")
    assert app.open("run", "r14") is first
    assert titles(app) == ["run r14", "dataset d1"]


def test_a_preview_gives_way_to_the_next_and_stays_once_kept(app: App) -> None:
    app.open("run", "r14", preview=True)
    app.open("run", "r12", preview=True)
    assert titles(app) == ["run r12"]
    app.open("run", "r12")
    app.open("run", "r13", preview=True)
    assert titles(app) == ["run r12", "run r13"]


def test_an_edit_keeps_a_preview_and_shows_the_dot(app: App) -> None:
    page = app.open("run", "r14", preview=True)
    page.describe(modified=True)
    tab = app.window.editors.active_tab
    assert tab is not None
    assert tab.modified
    assert not tab.preview


def test_closing_goes_to_the_tab_used_before(app: App) -> None:
    for key in ("r14", "r13", "r12"):
        app.open("run", key)
    app.open("run", "r14")
    app.commands.run("workbench.close-tab")
    assert app.window.editors.active_tab is not None
    assert app.window.editors.active_tab.key == "r12"


def test_a_closed_tab_comes_back_with_its_unsaved_edits(app: App) -> None:
    page = app.open("run", "r14")
    page.describe(modified=True)
    app.commands.run("workbench.close-tab")
    assert titles(app) == []
    app.commands.run("workbench.reopen")
    assert app.window.editors.active is page


def test_two_groups_at_most_and_the_last_tab_closes_its_group(
    app: App, flush: Callable[[], None]
) -> None:
    app.open("run", "r14")
    app.open("dataset", "d1")
    app.commands.run("workbench.split")
    assert (titles(app, 0), titles(app, 1)) == (["run r14"], ["dataset d1"])
    app.open("chat", "c1", beside=True)
    assert len(app.window.editors.groups) == 2
    assert titles(app, 1) == ["dataset d1", "chat c1"]
    flush()
    app.window.editors.close_page("dataset", "d1")
    app.window.editors.close_page("chat", "c1")
    assert len(app.window.editors.groups) == 1
    assert titles(app) == ["run r14"]


def test_splitting_again_joins_the_groups(app: App) -> None:
    app.open("run", "r14")
    app.open("dataset", "d1")
    app.commands.run("workbench.split")
    app.commands.run("workbench.split")
    assert titles(app) == ["run r14", "dataset d1"]


def test_back_and_forward_go_through_the_pages_visited(app: App) -> None:
    for key in ("r14", "r13", "r12"):
        app.open("run", key)
    app.commands.run("workbench.back")
    app.commands.run("workbench.back")
    assert app.window.editors.active_tab is not None
    assert app.window.editors.active_tab.key == "r14"
    app.commands.run("workbench.forward")
    assert app.window.editors.active_tab.key == "r13"


def test_ctrl_tab_lists_by_use_and_opens_on_release(app: App, qapp: QApplication) -> None:
    for key in ("r14", "r13", "r12"):
        app.open("run", key)
    app.open("run", "r14")
    app.commands.run("workbench.used-tab")
    app.commands.run("workbench.used-tab")
    switcher = app.window.switcher
    assert switcher.isVisible()
    assert switcher.currentRow() == 2
    QTest.keyRelease(switcher, Qt.Key.Key_Control)
    assert not switcher.isVisible()
    assert app.window.editors.active_tab is not None
    assert app.window.editors.active_tab.key == "r13"


def test_the_close_mark_and_the_middle_button_close(app: App, flush: Callable[[], None]) -> None:
    for key in ("r14", "r13", "r12"):
        app.open("run", key)
    flush()
    strip = app.window.editors.groups[0].strip
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.close_rect(1).center())
    assert titles(app) == ["run r14", "run r12"]
    QTest.mouseClick(strip, Qt.MouseButton.MiddleButton, pos=strip.tabRect(0).center())
    assert titles(app) == ["run r12"]


def drop_of(carried: str, at: QPoint) -> QDropEvent:
    data = QMimeData()
    data.setData(TAB_MIME, carried.encode())
    drop_of.kept = data  # type: ignore[attr-defined]
    return QDropEvent(
        QPointF(at), Qt.DropAction.MoveAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip


def test_a_tab_dropped_on_the_strip_moves(app: App, flush: Callable[[], None]) -> None:
    for key in ("r14", "r13", "r12"):
        app.open("run", key)
    flush()
    strip = app.window.editors.groups[0].strip
    strip.dropEvent(drop_of("0 2", QPoint(2, 10)))
    assert titles(app) == ["run r12", "run r14", "run r13"]


def test_a_tab_dropped_at_the_edge_splits(app: App, flush: Callable[[], None]) -> None:
    app.open("run", "r14")
    app.open("run", "r13")
    flush()
    group = app.window.editors.groups[0]
    group.dropEvent(drop_of("0 0", QPoint(group.width() - 20, 300)))
    assert (titles(app, 0), titles(app, 1)) == (["run r13"], ["run r14"])


def test_a_drag_from_elsewhere_changes_nothing(app: App) -> None:
    app.open("run", "r14")
    for carried in ("", "9 9", "x", "0 7"):
        app.window.editors.groups[0].strip.dropEvent(drop_of(carried, QPoint(2, 10)))
    assert titles(app) == ["run r14"]


def test_pages_of_restored_tabs_are_made_only_when_shown(app: App) -> None:
    app.open("run", "r14")
    app.open("dataset", "d1")
    app.window.editors.groups[0].show_tab(0)
    area = app.window.editors
    for group in area.groups:
        group.tabs.clear()
    area.restore()
    assert titles(app) == ["run r14", "dataset d1"]
    assert [tab.page is not None for tab in area.groups[0].tabs] == [True, False]
