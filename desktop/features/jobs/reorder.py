"""Dragging queued jobs: what a drop means for their order."""

from collections.abc import Sequence

from PySide6.QtCore import QMimeData

JOB_MIME = "application/x-adapter-studio-job"


def dragged_job(data: QMimeData) -> str:
    """Id of the job, or ""."""
    return bytes(data.data(JOB_MIME).data()).decode() if data.hasFormat(JOB_MIME) else ""


def moves(queue: Sequence[str], moved: str, place: int) -> list[str]:
    """Jobs to bring to the front, one after the other, so that `moved` stands before `place`.

    The engine knows one move only, to the front. What is behind the place keeps its order.
    """
    at = queue.index(moved)
    if place in (at, at + 1):
        return []
    rest = [id for id in queue if id != moved]
    before = rest[: place - (at < place)]
    return [moved, *reversed(before)]
