import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from desktop.features.jobs.jobs_view import JobsView
from desktop.features.jobs.reorder import before_of
from engine.protocol.events import JobChanged
from engine.protocol.jobs import JobState
from engine.protocol.start_rules import Move
from tests.desktop.features.conftest import Studio
from tests.desktop.features.run_records import job

QUEUE = ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("moved", "place", "before"),
    [
        ("c", 0, "a"),
        ("d", 2, "c"),
        ("a", 3, "d"),
        ("a", 4, ""),
        ("b", 1, None),
        ("b", 2, None),
    ],
)
def test_a_drop_is_a_place_before_another_job(moved: str, place: int, before: str | None) -> None:
    assert before_of(QUEUE, moved, place) == before


def test_a_queued_job_is_dropped_before_another(studio: Studio, qtbot: QtBot) -> None:
    late = job(16, JobState.QUEUED, created_at=50.0)
    studio.engine.answer("POST", "/api/jobs/j16/move", late)
    studio.engine.send(JobChanged(late))
    studio.app.commands.run("jobs.show")
    view = studio.app.window.panel.tab("jobs")
    assert isinstance(view, JobsView)
    rows = view.list.rows
    qtbot.waitUntil(lambda: rows.index_of("j16").isValid())
    data = rows.mimeData([rows.index_of("j16")])
    at = QPointF(view.list.visualRect(rows.index_of("j15")).topLeft()) + QPointF(60, 3)
    event = QDropEvent(at, Qt.DropAction.MoveAction, data, Qt.MouseButton.LeftButton,
                       Qt.KeyboardModifier.NoModifier)  # fmt: skip
    view.list.dropEvent(event)
    qtbot.waitUntil(lambda: bool(studio.app.notifications.notices))
    assert [each.read(Move) for each in studio.engine.asked if each.method == "POST"] == [
        Move("j15")
    ]
    notice = studio.app.notifications.notices[-1]
    assert notice.text == "'Train tickets 16' is 1st in the queue."
    notice.actions[0].run()
    qtbot.waitUntil(lambda: len(studio.engine.paths("POST")) == 2)
    assert studio.engine.asked[-1].read(Move) == Move("")
