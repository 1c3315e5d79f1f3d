"""The Jobs tab, the question at the end and the panel that opens by itself."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.features.jobs.job_actions import JobActions
from desktop.features.jobs.jobs_view import JobsView
from desktop.workbench.panel import PanelButton
from engine.protocol.events import JobChanged
from engine.protocol.jobs import Job, JobKind, JobState
from tests.desktop.features.conftest import Studio
from tests.desktop.features.records import TICKETS
from tests.desktop.features.run_records import (
    DIVERGED,
    QUEUED_JOB,
    RUNNING_JOB,
    runs_state,
)


@pytest.fixture
def view(studio: Studio) -> JobsView:
    studio.app.commands.run("jobs.show")
    view = studio.app.window.panel.tab("jobs")
    assert isinstance(view, JobsView)
    return view


def click(view: JobsView, job: str, action: str) -> None:
    index = view.list.rows.index_of(job)
    row = view.list.rows.row(index)
    assert row is not None
    boxes = view.list._delegate.buttons(view.list.visualRect(index), row)
    box = next(box for box, found in boxes if found[2] == action)
    QTest.mouseClick(view.list.viewport(), Qt.MouseButton.LeftButton, pos=box.center())


def test_its_keys_show_it_and_its_title_counts_what_is_to_come(
    studio: Studio, view: JobsView
) -> None:
    assert view.list.hasFocus()
    button = studio.app.window.panel.findChild(PanelButton)
    assert button is not None
    assert button.accessibleName() == "Jobs, 2"


def test_the_buttons_of_a_row_act_on_its_job(studio: Studio, view: JobsView, qtbot: QtBot) -> None:
    studio.engine.answer("POST", "/api/jobs/j14/pause", RUNNING_JOB)
    studio.engine.answer("POST", "/api/jobs/j11/resume", RUNNING_JOB)
    click(view, "j14", "Pause")
    qtbot.waitUntil(lambda: "/api/jobs/j14/pause" in studio.engine.paths("POST"))
    click(view, "j11", "Try again")
    qtbot.waitUntil(lambda: "/api/jobs/j11/resume" in studio.engine.paths("POST"))


def test_a_queued_job_moves_to_the_front(studio: Studio, view: JobsView, qtbot: QtBot) -> None:
    last = Job("j16", JobKind.TRAIN, "Train last", created_at=99.0)
    studio.engine.answer("POST", "/api/jobs/j16/move", last)
    studio.engine.send(JobChanged(last))
    qtbot.waitUntil(lambda: view.list.rows.index_of("j16").isValid())
    click(view, "j16", "Start next")
    qtbot.waitUntil(lambda: "/api/jobs/j16/move" in studio.engine.paths("POST"))


def test_delete_cancels_with_undo(studio: Studio, view: JobsView, qtbot: QtBot) -> None:
    studio.engine.answer("POST", "/api/jobs/j15/cancel", QUEUED_JOB)
    studio.engine.answer("POST", "/api/jobs/j15/resume", QUEUED_JOB)
    view.list.setCurrentIndex(view.list.rows.index_of("j15"))
    QTest.keyClick(view.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: bool(studio.app.notifications.notices))
    studio.app.notifications.notices[-1].actions[0].run()
    qtbot.waitUntil(lambda: "/api/jobs/j15/resume" in studio.engine.paths("POST"))


def test_enter_opens_what_the_job_makes(studio: Studio, view: JobsView) -> None:
    view.list.setCurrentIndex(view.list.rows.index_of("j13"))
    QTest.keyClick(view.list, Qt.Key.Key_Return)
    assert studio.app.window.editors.is_open("run", "r13")


def test_without_jobs_it_says_that_nothing_is_running(studio: Studio, view: JobsView) -> None:
    studio.app.store.replace(runs_state(runs=(), jobs=()))
    studio.app.store.flush()
    assert not view.list.isVisible()


def test_rows_keep_their_place_while_they_change(
    studio: Studio, view: JobsView, qtbot: QtBot
) -> None:
    view.list.setCurrentIndex(view.list.rows.index_of("j15"))
    studio.engine.send(JobChanged(replace(RUNNING_JOB, state=JobState.DONE, ended_at=9.9e9)))
    qtbot.waitUntil(lambda: view.list.rows.index_of("j15").row() == 0)
    row = view.list.current()
    assert row is not None
    assert row.id == "j15"


def test_the_panel_opens_by_itself_when_a_job_fails(studio: Studio, qtbot: QtBot) -> None:
    window = studio.app.window
    window.show_panel(False)
    studio.engine.send(JobChanged(replace(RUNNING_JOB, state=JobState.FAILED, problem=DIVERGED)))
    qtbot.waitUntil(lambda: window.panel.isVisible())
    assert window.panel.active == "jobs"
    assert studio.app.selection.id("job") == "j14"
    assert not window.panel.tab("jobs").hasFocus()


def test_the_panel_stays_closed_when_a_measurement_fails(studio: Studio, qtbot: QtBot) -> None:
    studio.app.window.show_panel(False)
    measuring = Job("j20", JobKind.MEASURE, "Measure", JobState.RUNNING)
    studio.engine.send(JobChanged(measuring), JobChanged(replace(measuring, state=JobState.FAILED)))
    qtbot.waitUntil(lambda: "j20" in studio.app.store.jobs)
    qtbot.wait(60)
    assert not studio.app.window.panel.isVisible()


def test_closing_during_a_run_asks_and_cancel_stays(studio: Studio, qtbot: QtBot) -> None:
    window = studio.app.window
    window.close()
    question = window.may_close.__self__.question  # type: ignore[attr-defined]
    assert window.isVisible()
    assert question.cancel.hasFocus() or question.isVisible()
    question.cancel.click()
    assert window.isVisible()


def test_closing_may_leave_the_run_in_the_background(studio: Studio, qtbot: QtBot) -> None:
    window = studio.app.window
    window.close()
    question = window.may_close.__self__.question  # type: ignore[attr-defined]
    question.keep.click()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert not [path for path in studio.engine.paths("POST") if "pause" in path]


def test_pause_and_quit_pauses_what_waits_before_what_runs(studio: Studio, qtbot: QtBot) -> None:
    window = studio.app.window
    for job in (RUNNING_JOB, QUEUED_JOB):
        studio.engine.answer("POST", f"/api/jobs/{job.id}/pause", job)
    window.close()
    question = window.may_close.__self__.question  # type: ignore[attr-defined]
    question.pause.click()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert studio.engine.paths("POST") == ["/api/jobs/j15/pause", "/api/jobs/j14/pause"]


def test_without_a_run_the_window_just_closes(studio: Studio) -> None:
    studio.app.store.replace(runs_state(runs=(), jobs=()))
    studio.app.window.close()
    assert not studio.app.window.isVisible()


def test_a_click_beside_the_buttons_does_nothing(studio: Studio, view: JobsView) -> None:
    before = len(studio.engine.paths("POST"))
    QTest.mouseClick(view.list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(400, 10))
    assert len(studio.engine.paths("POST")) == before


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        (JobKind.EDIT_DATASET, "d1"),
        (JobKind.EXAMINE_DATASET, "d1/3"),
        (JobKind.EXPORT_DATASET, "d1"),
        (JobKind.MIX_DATASETS, "d1"),
    ],
)
def test_jobs_on_a_dataset_lead_to_it(studio: Studio, kind: JobKind, subject: str) -> None:
    studio.app.store.datasets["d1"] = TICKETS
    actions = JobActions(studio.app)
    assert actions.place(Job("j30", kind, "Work", subject=subject)) == ("dataset", "d1")


def test_an_export_adds_nothing_to_the_catalog(studio: Studio) -> None:
    studio.app.store.datasets["d1"] = TICKETS
    done = Job("j30", JobKind.EXPORT_DATASET, "Export", JobState.DONE, subject="d1")
    assert JobActions(studio.app).result(done) == ""
