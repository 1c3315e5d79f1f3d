from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.workbench.about import AboutBox
from desktop.workbench.contributions import DropKind
from desktop.workbench.label import Label, Paragraph
from desktop.workbench.side_bar import SideBar
from desktop.workbench.status_bar import StatusItem, StatusText
from engine.protocol.version import VERSION
from tests.desktop.example import contribute


def test_every_focusable_visible_widget_has_a_name(app: App, flush: Callable[[], None]) -> None:
    app.window.show_activity("runs")
    app.window.show_panel(True, "jobs")
    app.open("run", "r14")
    app.notifications.undo("Deleted.", lambda: None)
    app.window.palette_box.open(">")
    flush()
    nameless = []
    for widget in app.window.findChildren(QWidget):
        if widget.isVisible() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
            accessible = QAccessible.queryAccessibleInterface(widget)
            if accessible is None or not accessible.text(QAccessible.Text.Name):
                nameless.append(f"{type(widget).__name__} {widget.objectName()}")
    assert nameless == []


def test_a_second_click_on_the_active_item_hides_the_side_bar(app: App) -> None:
    app.window.activities.chosen.emit("runs")
    assert app.window.side.isVisible()
    app.window.activities.chosen.emit("runs")
    assert not app.window.side.isVisible()
    app.window.activities.chosen.emit("models")
    assert app.window.side.isVisible()
    assert app.window.activity == "models"


def test_side_bars_are_made_when_first_shown(app: App) -> None:
    app.window.show_activity("models")
    assert app.window.side_bar("chat") is None
    app.window.show_activity("chat")
    assert isinstance(app.window.side_bar("chat"), SideBar)


def test_the_layout_comes_back(
    qtbot: QtBot, app: App, qapp: QApplication, flush: Callable[[], None], tmp_path: Path
) -> None:
    app.window.show_activity("runs")
    app.window.show_panel(True, "output")
    app.open("run", "r14")
    app.open("run", "r12", beside=True)
    app.window.close()
    again = App(tmp_path / "home")
    again.start([contribute])
    qtbot.addWidget(again.window)
    again.window.show()
    assert again.window.activity == "runs"
    assert again.window.panel.active == "output"
    assert again.window.panel.isVisible()
    keys = [[tab.key for tab in group.tabs] for group in again.window.editors.groups]
    assert keys == [["r14"], ["r12"]]


def test_the_panel_is_shown_by_key_and_never_takes_the_focus(app: App) -> None:
    app.open("run", "r14")
    app.window.show_panel(False)
    before = QApplication.focusWidget()
    app.commands.run("workbench.panel")
    assert app.window.panel.isVisible()
    assert QApplication.focusWidget() is before


def test_f6_goes_through_the_regions(app: App, flush: Callable[[], None]) -> None:
    app.window.show_activity("runs", focus=True)
    app.window.show_panel(True, "jobs")
    app.open("run", "r14")
    app.window.activateWindow()
    flush()
    seen = []
    for _ in range(5):
        app.commands.run("workbench.next-region")
        flush()
        focus = QApplication.focusWidget()
        regions = {"activities": app.window.activities, "side": app.window.side,
                   "editors": app.window.editors, "panel": app.window.panel,
                   "status": app.window.status}  # fmt: skip
        seen.append(next(n for n, w in regions.items() if focus and w.isAncestorOf(focus)))
    assert sorted(seen) == ["activities", "editors", "panel", "side", "status"]


def files(*paths: str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    return data


def test_files_over_the_window_say_what_will_happen_and_are_handed_over(
    app: App, qapp: QApplication
) -> None:
    dropped: list[tuple[Path, ...]] = []
    app.contributions.add_drop(
        DropKind(id="x", order=-1, offer=lambda paths: "Add as model", drop=dropped.append)
    )
    data = files("/tmp/a", "/tmp/b ü")
    enter = QDragEnterEvent(QPoint(700, 400), Qt.DropAction.CopyAction, data,
                            Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)  # fmt: skip
    QCoreApplication.sendEvent(app.window, enter)
    assert enter.isAccepted()
    assert app.window.overlay.isVisible()
    assert app.window.overlay.line == "Add as model"
    drop = QDropEvent(QPointF(700, 400), Qt.DropAction.CopyAction, data,
                      Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)  # fmt: skip
    QCoreApplication.sendEvent(app.window, drop)
    assert dropped == [(Path("/tmp/a"), Path("/tmp/b ü"))]
    assert not app.window.overlay.isVisible()


@pytest.mark.parametrize("url", ["https://example.org/x.jsonl", "file:///tmp/x.zip"])
def test_what_nobody_takes_is_not_accepted(app: App, url: str) -> None:
    data = QMimeData()
    data.setUrls([QUrl(url)])
    enter = QDragEnterEvent(QPoint(700, 400), Qt.DropAction.CopyAction, data,
                            Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)  # fmt: skip
    enter.ignore()
    QCoreApplication.sendEvent(app.window, enter)
    assert not app.window.overlay.isVisible()


def test_the_window_may_refuse_to_close(app: App) -> None:
    app.window.may_close = lambda: False
    assert not app.window.close()
    app.window.may_close = lambda: True
    assert app.window.close()


def test_the_least_important_status_leaves_first(app: App, flush: Callable[[], None]) -> None:
    bar = app.window.status
    long = bar.add("Long", side="left", order=50, priority=1, run=lambda: None)
    long.show_status(StatusText(text="x" * 400))
    flush()
    assert not long.isVisible()
    assert all(item.isVisible() for item in bar.findChildren(StatusItem) if item.priority > 5)


def test_the_page_of_the_front_runs_its_primary_action_and_saves(app: App) -> None:
    page = app.open("run", "r14")
    done: list[str] = []
    assert not app.commands.run("workbench.primary")
    page.primary = lambda: done.append("primary")
    page.save = lambda: done.append("save")
    assert app.commands.run("workbench.primary")
    assert app.commands.run("workbench.save")
    assert done == ["primary", "save"]


def test_a_band_tells_and_offers_one_action(app: App, flush: Callable[[], None]) -> None:
    page = app.open("run", "r14")
    done: list[bool] = []
    page.show_band("error", "Out of memory at step 3.", ("Retry", lambda: done.append(True)))
    flush()
    button = next(b for b in page.findChildren(QWidget) if b.accessibleName() == "Retry")
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert done == [True]
    page.hide_band()
    flush()
    assert not button.isVisible()


def test_the_badge_is_part_of_the_name(app: App) -> None:
    names = [w.accessibleName() for w in app.window.activities.findChildren(QWidget)]
    assert "Runs, 1" in names


def test_text_from_outside_is_never_markup(app: App, flush: Callable[[], None]) -> None:
    page = app.open("run", "r14")
    page.show_band("error", "<b>bold</b><img src='http://example.org/x.png'>")
    notice = app.notifications.show("<i>not italic</i>")
    flush()
    assert app.window.toasts.toasts[-1].accessibleName() == notice.text


def test_the_about_box_names_the_version_and_whose_icons_these_are(app: App) -> None:
    box = AboutBox(app.theme, app.window)
    texts = [label.text() for label in box.findChildren(Label)]
    texts += [paragraph.text() for paragraph in box.findChildren(Paragraph)]
    assert f"Version {VERSION}" in texts
    assert any("Codicons by Microsoft, CC BY 4.0" in text for text in texts)
