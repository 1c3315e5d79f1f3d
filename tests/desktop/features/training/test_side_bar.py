"""The Runs side bar, the status bar's job and the ways to a run."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.features.training.runs_side_bar import DRAFT, RunsSideBar
from desktop.workbench.rows import Row
from engine.protocol.events import JobChanged, RunChanged
from engine.protocol.jobs import JobState
from tests.desktop.features.conftest import Studio
from tests.desktop.features.run_records import DONE, RUNNING_JOB, runs_state


def side_bar(studio: Studio) -> RunsSideBar:
    studio.app.window.show_activity("runs", focus=True)
    bar = studio.app.window.side_bar("runs")
    assert isinstance(bar, RunsSideBar)
    return bar


def rows(bar: RunsSideBar, section: int) -> list[Row]:
    sections = bar.list.rows.sections
    return list(sections[section].rows) if section < len(sections) else []


def test_runs_stand_under_active_and_finished(studio: Studio) -> None:
    bar = side_bar(studio)
    assert [row.id for row in rows(bar, 0)] == ["r14", "r15"]
    assert [row.id for row in rows(bar, 1)] == ["r13", "r11"]


def test_the_draft_stands_first_and_names_its_dataset(studio: Studio) -> None:
    bar = side_bar(studio)
    studio.app.selection.set("dataset", "d1")
    studio.app.commands.run("runs.new")
    first = rows(bar, 0)[0]
    assert (first.title, first.detail) == ("New run", "Draft · tickets.jsonl")


def test_delete_on_the_draft_discards_it_with_undo(studio: Studio) -> None:
    bar = side_bar(studio)
    studio.app.commands.run("runs.new")
    bar.list.setFocus()
    bar.list.select(DRAFT)
    QTest.keyClick(bar.list, Qt.Key.Key_Delete)
    assert rows(bar, 0)[0].id == "r14"
    assert not studio.app.window.editors.is_open("new-run")
    studio.app.notifications.notices[-1].actions[0].run()
    assert rows(bar, 0)[0].id == DRAFT


def test_delete_moves_a_finished_run_to_the_bin_with_undo(studio: Studio, qtbot: QtBot) -> None:
    bar = side_bar(studio)
    studio.engine.answer("DELETE", "/api/runs/r13", {"undo": "t1"})
    studio.engine.answer("POST", "/api/trash/t1/restore", DONE)
    bar.list.select("r13")
    QTest.keyClick(bar.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: bool(studio.app.notifications.notices))
    studio.app.notifications.notices[-1].actions[0].run()
    qtbot.waitUntil(lambda: "/api/trash/t1/restore" in studio.engine.paths("POST"))


def test_a_run_under_way_cannot_be_deleted(studio: Studio) -> None:
    bar = side_bar(studio)
    bar.list.select("r14")
    assert not studio.app.commands.get("runs.remove").enabled()


def test_the_badge_and_the_status_bar_follow_the_running_job(studio: Studio, qtbot: QtBot) -> None:
    item = next(each for _, each in studio.app.window.status._items if each._name == "Running job")
    assert (item.status.text, item.status.extra) == ("tickets 14", "28 min")
    QTest.mouseClick(item, Qt.MouseButton.LeftButton)
    assert studio.app.window.editors.is_open("run", "r14")
    studio.engine.send(JobChanged(RUNNING_JOB.__class__("j14", RUNNING_JOB.kind, "x",
                                                        JobState.PAUSED)))  # fmt: skip
    qtbot.waitUntil(lambda: item.empty)


def test_the_palette_finds_runs_by_number(studio: Studio) -> None:
    provider = next(p for p in studio.app.contributions.providers if p.prefix == "#")
    found = {item.title: item for item in provider.items()}
    assert "13 tickets 13" in found
    found["13 tickets 13"].run()
    assert studio.app.window.editors.is_open("run", "r13")


def test_without_runs_it_names_the_next_step(studio: Studio, qtbot: QtBot) -> None:
    bar = side_bar(studio)
    studio.app.store.replace(runs_state(runs=(), jobs=()))
    studio.app.store.flush()
    assert bar._stack.currentWidget() is bar._empty


def test_a_renamed_run_keeps_its_tab(studio: Studio, qtbot: QtBot) -> None:
    from msgspec.structs import replace

    page = studio.app.open("run", "r13")
    studio.engine.send(RunChanged(replace(DONE, name="other")))
    qtbot.waitUntil(lambda: page.title == "other")
