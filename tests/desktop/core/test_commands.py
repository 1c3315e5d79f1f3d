from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMenuBar

from desktop.app import App
from desktop.core.commands import Command, keys_text, tool_tip


def test_an_id_is_given_once(app: App) -> None:
    with pytest.raises(ValueError, match="twice"):
        app.commands.add(Command(id="runs.stop", title="Runs: Stop", run=lambda: None))


def test_a_command_that_is_off_does_nothing(app: App) -> None:
    app.selection.set("run", "")
    assert not app.commands.run("runs.finish")
    app.selection.set("run", "r14")
    assert app.commands.run("runs.finish")


def test_the_action_follows_the_rule(app: App, flush: Callable[[], None]) -> None:
    app.selection.set("run", "")
    flush()
    assert not app.commands.action("runs.finish").isEnabled()
    app.selection.set("run", "r14")
    flush()
    assert app.commands.action("runs.finish").isEnabled()
    app.store.runs.clear()
    app.store.runs_changed.emit(set())
    flush()
    assert not app.commands.action("runs.finish").isEnabled()


def test_menus_and_palette_hold_the_same_actions(app: App) -> None:
    listed = {command.id for command in app.commands}
    bar = app.window.findChild(QMenuBar)
    assert bar is not None
    in_menus = [
        action
        for title in bar.actions()
        for action in menu_of(title).actions()
        if not action.isSeparator()
    ]
    assert in_menus
    for action in in_menus:
        assert action.objectName() in listed
        assert action is app.commands.action(action.objectName())


def menu_of(title: QAction) -> QMenu:
    menu = title.menu()
    assert isinstance(menu, QMenu)
    return menu


def test_a_key_runs_its_command(app: App, qapp: QApplication) -> None:
    ran: list[str] = []
    app.commands.ran.connect(ran.append)
    app.window.activateWindow()
    app.window.setFocus()
    QTest.keyClick(app.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(app.window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier
                   | Qt.KeyboardModifier.ShiftModifier)  # fmt: skip
    assert ran == ["runs.new", "adapters.show"]
    assert app.window.activity == "adapters"


def test_no_two_commands_of_the_frame_share_a_key(app: App) -> None:
    taken: dict[str, str] = {}
    for command in app.commands:
        for sequence in app.commands.action(command.id).shortcuts():
            keys = sequence.toString()
            assert keys, f"{command.id} has a key that Qt does not know"
            assert keys not in taken, f"{keys}: {command.id} and {taken[keys]}"
            taken[keys] = command.id


def test_the_last_used_come_first(app: App) -> None:
    app.commands.run("runs.new")
    app.commands.run("adapters.merge")
    app.commands.run("runs.new")
    assert app.commands.recent()[:2] == ["runs.new", "adapters.merge"]


def test_tool_tips_name_the_keys(app: App) -> None:
    command = app.commands.get("adapters.export")
    assert keys_text(command) == "Ctrl+Shift+E"
    assert tool_tip(command) == "Export Adapter… (Ctrl+Shift+E)"
