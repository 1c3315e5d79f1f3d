"""Dragging queued jobs: what a drop means for their order."""

from collections.abc import Sequence

from PySide6.QtCore import QMimeData

JOB_MIME = "application/x-adapter-studio-job"


def dragged_job(data: QMimeData) -> str:
    """Id of the job, or ""."""
    return bytes(data.data(JOB_MIME).data()).decode() if data.hasFormat(JOB_MIME) else ""


def before_of(queue: Sequence[str], moved: str, place: int) -> str | None:
    """The job before which `moved` lands at that gap of the queue; "" for the end, None: it stays.

    Gaps count from 0, before the first job.
    """
    at = queue.index(moved)
    if place in (at, at + 1):
        return None
    return queue[place] if place < len(queue) else ""
