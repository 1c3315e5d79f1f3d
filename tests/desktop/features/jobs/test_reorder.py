import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from desktop.features.jobs.jobs_view import JobsView
from desktop.features.jobs.reorder import moves
from engine.protocol.events import JobChanged
from engine.protocol.jobs import JobState
from tests.desktop.features.conftest import Studio
from tests.desktop.features.run_records import job

QUEUE = ["a", "b", "c", "d"]


def after(queue: list[str], asked: list[str]) -> list[str]:
    """The queue once the engine has brought each to the front."""
    for id in asked:
        queue = [id, *(other for other in queue if other != id)]
    return queue


@pytest.mark.parametrize(
    ("moved", "place", "wanted"),
    [
        ("c", 0, ["c", "a", "b", "d"]),
        ("d", 2, ["a", "b", "d", "c"]),
        ("a", 3, ["b", "c", "a", "d"]),
        ("a", 4, ["b", "c", "d", "a"]),
        ("b", 1, QUEUE),
        ("b", 2, QUEUE),
    ],
)
def test_moves_to_the_front_give_the_wanted_order(
    moved: str, place: int, wanted: list[str]
) -> None:
    assert after(QUEUE, moves(QUEUE, moved, place)) == wanted


def test_a_queued_job_is_dropped_before_another(studio: Studio, qtbot: QtBot) -> None:
    late = job(16, JobState.QUEUED, created_at=50.0)
    studio.engine.answer("POST", "/api/jobs/j16/up", late)
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
    qtbot.waitUntil(lambda: studio.engine.paths("POST") == ["/api/jobs/j16/up"])
