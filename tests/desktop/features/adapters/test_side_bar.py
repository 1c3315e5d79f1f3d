from pathlib import Path
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.features.adapters.side_bar import AdaptersSideBar
from desktop.workbench.status_bar import StatusItem
from engine.protocol.events import AdapterChanged, JobChanged
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.specs import AddPath
from tests.desktop.features.adapters import records
from tests.fakes.engine import FakeEngine


def side_bar(app: App) -> AdaptersSideBar:
    app.window.show_activity("adapters")
    return cast(AdaptersSideBar, app.window.side_bar("adapters"))


def choose(app: App, id: str) -> AdaptersSideBar:
    bar = side_bar(app)
    bar.list.setFocus()
    bar.list.select(id)
    return bar


def test_choosing_a_row_selects_and_a_double_click_opens(app: App) -> None:
    bar = choose(app, "a2")
    assert app.selection.id("adapter") == "a2"
    QTest.keyClick(bar.list, Qt.Key.Key_Return)
    assert app.window.editors.is_open("adapter", "a2")


def test_the_list_follows_the_page_so_that_commands_never_meet_another_row(app: App) -> None:
    bar = choose(app, "a2")
    app.open("adapter", "a3")
    assert bar.list.current_id() == "a3"


def test_delete_asks_the_engine_and_undo_brings_it_back(
    app: App, engine: FakeEngine, qtbot: QtBot
) -> None:
    engine.answer("DELETE", "/api/adapters/a2", {"undo": "t1"})
    engine.answer("POST", "/api/trash/t1/restore", {})
    bar = choose(app, "a2")
    QTest.keyClick(bar.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: bool(app.notifications.notices))
    notice = app.notifications.notices[-1]
    assert "sql-writer r8 v1" in notice.text
    notice.actions[0].run()
    qtbot.waitUntil(lambda: "/api/trash/t1/restore" in engine.paths("POST"))


def test_f2_renames_the_adapter_whose_list_has_the_focus(
    app: App, engine: FakeEngine, qtbot: QtBot
) -> None:
    engine.answer("PATCH", "/api/adapters/a2/name", {})
    choose(app, "a2")
    assert app.commands.get("adapters.rename").enabled()
    assert not app.commands.get("chat.rename").enabled()
    assert app.commands.run("adapters.rename")
    field = cast(QLineEdit, QApplication.focusWidget())
    field.setText("sql-writer, small")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "/api/adapters/a2/name" in engine.paths("PATCH"))
    assert b"sql-writer, small" in engine.asked[-1].body


def test_a_dropped_adapter_folder_is_imported_and_its_page_opens(
    app: App, engine: FakeEngine, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "from a friend"
    folder.mkdir()
    (folder / "adapter_config.json").write_text("{}")
    job = Job(id="j1", kind=JobKind.IMPORT_ADAPTER, title="Import", subject="a7")
    engine.answer("POST", "/api/imports", job)
    assert app.window.take_paths((folder,))
    qtbot.waitUntil(lambda: "/api/imports" in engine.paths("POST"))
    asked = next(each for each in engine.asked if each.path == "/api/imports")
    assert asked.read(AddPath) == AddPath(str(folder), kind="adapter")
    qtbot.waitUntil(lambda: "j1" in app.store.jobs)
    engine.send(AdapterChanged(records.adapter("a7", "from a friend", 1)))
    engine.send(JobChanged(Job(id="j1", kind=JobKind.IMPORT_ADAPTER, title="Import",
                               subject="a7", state=JobState.DONE)))  # fmt: skip
    qtbot.waitUntil(lambda: app.window.editors.is_open("adapter", "a7"))


def test_other_folders_are_not_taken_for_adapters(app: App, tmp_path: Path) -> None:
    assert not app.window.take_paths((tmp_path,))


def test_the_status_bar_names_the_adapter_at_hand(app: App) -> None:
    choose(app, "a2")
    items = app.window.status.findChildren(StatusItem)
    assert "sql-writer r8" in [each.status.text for each in items]


def test_one_of_ten_thousand_adapters_is_found(app: App, qapp: QApplication) -> None:
    bar = side_bar(app)
    app.store.adapters.update(
        {f"x{n}": records.adapter(f"x{n}", f"adapter {n}", 1, age_s=n) for n in range(10_000)}
    )
    bar.refresh()
    qapp.processEvents()
    bar.search.setText("adapter 9999")
    bar._show()
    qapp.processEvents()
    assert [row.title for row in bar.list.rows.sections[0].rows] == ["adapter 9999"]
