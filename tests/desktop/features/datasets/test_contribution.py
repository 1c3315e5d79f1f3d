from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.features.datasets.page import DatasetPage
from desktop.features.datasets.problems_view import ProblemsView
from desktop.workbench.side_bar import SideBar
from engine.protocol.events import DatasetChanged, JobChanged
from engine.protocol.jobs import JobKind, JobState
from engine.protocol.problems import Problem
from engine.protocol.records import DataPreview
from tests.desktop.features.conftest import Studio
from tests.desktop.features.records import SAMPLE, TICKETS, job, rows

CSV = Path("/data/phrases.csv")
IMPORT = JobKind.IMPORT_DATASET


def offer(studio: Studio, *paths: Path) -> str:
    kinds = studio.app.contributions.drops
    return next(line for line in (kind.offer(paths) for kind in kinds) if line)


def test_data_files_are_offered_as_datasets_and_anything_else_to_the_engine(
    studio: Studio,
) -> None:
    assert offer(studio, CSV) == "Add as dataset"
    assert offer(studio, CSV, Path("/b.jsonl")) == "Add 2 datasets"
    assert "content" in offer(studio, Path("/data/picture.png"))


def test_files_that_name_different_splits_are_one_dataset(studio: Studio, qtbot: QtBot) -> None:
    train, valid = Path("/data/train.jsonl"), Path("/data/valid.csv")
    assert offer(studio, train, valid) == "Add as one dataset: train, validation"
    assert offer(studio, train, Path("/other/train.jsonl")) == "Add 2 datasets"
    studio.engine.answer("POST", "/api/imports", job(IMPORT, "d9"), status=202)
    assert studio.app.window.take_paths((train, valid))
    qtbot.waitUntil(lambda: "/api/imports" in studio.engine.paths("POST"))
    (body,) = [each.read(dict) for each in studio.engine.asked if each.path == "/api/imports"]
    assert (body["path"], body["parts"]) == (str(train), [str(valid)])


def test_a_dropped_file_opens_with_its_first_rows_while_the_others_are_read(
    studio: Studio, qtbot: QtBot
) -> None:
    reading = job(IMPORT, "d9", progress=0.4, detail="Reading phrases.csv")
    studio.engine.answer("POST", "/api/imports", reading, status=202)
    first = DataPreview(
        TICKETS.mapping, ("prompt", "completion"), rows(0, total=2).rows[:2], "utf-8"
    )
    studio.engine.answer("GET", "/api/jobs/j1/preview", first)
    studio.engine.answer("POST", "/api/jobs/j1/cancel", reading)
    assert studio.app.window.take_paths((CSV,))
    qtbot.waitUntil(lambda: studio.app.window.editors.is_open("dataset", "d9"))
    page = studio.app.window.editors.active
    assert isinstance(page, DatasetPage)
    qtbot.waitUntil(lambda: page.rows.index(1, 1).data() == "Ticket 2")
    assert page.header.meta.text() == "Reading phrases.csv, 40%"
    page._cancel.click()
    qtbot.waitUntil(lambda: "/api/jobs/j1/cancel" in studio.engine.paths("POST"))
    problem = Problem("datasets.no-rows", "No row can be used.", "Correct the file.")
    studio.engine.send(JobChanged(job(IMPORT, "d9", state=JobState.FAILED, problem=problem)))
    qtbot.waitUntil(lambda: page._band.isVisible())
    assert page._cancel.isHidden()


def test_a_dropped_file_shows_all_when_it_is_there_and_its_problems_come_forward(
    studio: Studio, qtbot: QtBot
) -> None:
    studio.engine.answer("POST", "/api/imports", job(IMPORT, "d9"), status=202)
    assert studio.app.window.take_paths((CSV,))
    qtbot.waitUntil(lambda: "/api/imports" in studio.engine.paths("POST"))
    body = next(each for each in studio.engine.asked if each.path == "/api/imports").read(dict)
    assert (body["path"], body["kind"]) == (str(CSV), "dataset")
    qtbot.waitUntil(lambda: studio.app.window.editors.is_open("dataset", "d9"))
    page = studio.app.window.editors.active
    assert isinstance(page, DatasetPage)
    studio.engine.send(
        DatasetChanged(replace(TICKETS, id="d9")),
        JobChanged(job(IMPORT, "d9", state=JobState.DONE)),
    )
    qtbot.waitUntil(lambda: page.rows.total == 250)
    qtbot.waitUntil(lambda: studio.app.window.panel.active == "problems")


def test_a_file_that_cannot_be_read_is_said_once(studio: Studio, qtbot: QtBot) -> None:
    studio.engine.answer("POST", "/api/imports", job(IMPORT, "d9"), status=202)
    studio.app.window.take_paths((CSV,))
    qtbot.waitUntil(lambda: "/api/imports" in studio.engine.paths("POST"))
    problem = Problem("datasets.no-rows", "No row can be used.", "Correct the file.")
    failed = job(IMPORT, "d9", state=JobState.FAILED, problem=problem)
    studio.engine.send(JobChanged(failed), JobChanged(failed))
    qtbot.waitUntil(lambda: bool(studio.app.notifications.notices))
    texts = [notice.text for notice in studio.app.notifications.notices]
    assert texts == ["No row can be used. Correct the file."]


def test_the_side_bar_tells_samples_from_the_own_and_shows_what_is_being_read(
    studio: Studio, qtbot: QtBot
) -> None:
    studio.app.window.show_activity("datasets")
    studio.engine.send(DatasetChanged(SAMPLE), JobChanged(job(IMPORT, "d9", progress=0.5)))
    bar = studio.app.window.side_bar("datasets")
    assert isinstance(bar, SideBar)
    qtbot.waitUntil(lambda: len(bar.list.rows.sections) == 2)
    workspace, samples = bar.list.rows.sections
    assert [row.title for row in workspace.rows] == ["tickets.jsonl", "phrases.csv"]
    assert workspace.rows[0].right == "3"
    assert workspace.rows[0].detail == "250 rows · prompt / completion"
    assert workspace.rows[1].progress == 0.5
    assert [row.title for row in samples.rows] == ["sample-tickets.jsonl"]


def test_delete_in_the_side_bar_can_be_undone(studio: Studio, qtbot: QtBot) -> None:
    studio.app.window.show_activity("datasets", focus=True)
    bar = studio.app.window.side_bar("datasets")
    assert isinstance(bar, SideBar)
    bar.list.select("d1")
    studio.engine.answer("DELETE", "/api/datasets/d1", {"undo": "t1"})
    studio.engine.answer("POST", "/api/trash/t1/restore", {})
    QTest.keyClick(bar.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: bool(studio.app.notifications.notices))
    studio.app.notifications.notices[-1].actions[0].run()
    qtbot.waitUntil(lambda: "/api/trash/t1/restore" in studio.engine.paths("POST"))


def test_rename_asks_in_a_small_field(studio: Studio, qtbot: QtBot) -> None:
    from desktop.workbench.record_changes import RenamePopover

    studio.app.window.show_activity("datasets", focus=True)
    bar = studio.app.window.side_bar("datasets")
    assert isinstance(bar, SideBar)
    bar.list.select("d1")
    taken = Problem("records.taken", "'b' is taken.", "Choose another name.")
    studio.engine.refuse("PATCH", "/api/datasets/d1/name", taken, status=409)
    assert studio.app.commands.run("datasets.rename")
    popover = studio.app.window.findChild(RenamePopover)
    assert isinstance(popover, RenamePopover)
    popover.field.setText("b")
    QTest.keyClick(popover.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: popover._error.isVisible())
    studio.engine.answer("PATCH", "/api/datasets/d1/name", {})
    with qtbot.waitSignal(popover.destroyed):
        QTest.keyClick(popover.field, Qt.Key.Key_Return)


def test_reading_again_keeps_the_mapping(studio: Studio, qtbot: QtBot) -> None:
    studio.engine.answer("PATCH", "/api/datasets/d1", {})
    studio.app.selection.set("dataset", "d1")
    assert studio.app.commands.run("datasets.reread")
    qtbot.waitUntil(lambda: "/api/datasets/d1" in studio.engine.paths("PATCH"))
    assert studio.engine.asked[-1].read(dict)["mapping"]["user"] == "prompt"


def test_problems_are_counted_filtered_and_visited_in_turn(studio: Studio, qtbot: QtBot) -> None:
    app = studio.app
    app.commands.run("problems.show")
    view = app.window.panel.tab("problems")
    assert isinstance(view, ProblemsView)
    qtbot.waitUntil(lambda: len(view.model.rows) == 3)
    view.filter("repeats 204")
    assert [each.finding.line for each in view.model.rows] == [204]
    view.filter("zzz")
    assert view.list.isHidden()
    view.filter("")
    app.commands.run("problems.next")
    app.commands.run("problems.next")
    assert app.window.editors.is_open("dataset", "d1")
    assert view.list.currentIndex().row() == 1
    app.commands.run("problems.earlier")
    assert view.list.currentIndex().row() == 0


@pytest.mark.parametrize("present", [True, False])
def test_the_sample_is_added_once(studio: Studio, qtbot: QtBot, present: bool) -> None:
    if present:
        studio.engine.send(DatasetChanged(SAMPLE))
        qtbot.waitUntil(lambda: "d2" in studio.app.store.datasets)
    studio.engine.answer("POST", "/api/datasets", job(IMPORT, "d2"), status=202)
    studio.app.commands.run("datasets.add-sample")
    if present:
        assert studio.app.window.editors.is_open("dataset", "d2")
    else:
        qtbot.waitUntil(lambda: "/api/datasets" in studio.engine.paths("POST"))
