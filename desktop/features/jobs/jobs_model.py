"""The jobs as rows: running, queued in their order, then what has ended, newest first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, Qt

from desktop.core import formatting
from desktop.core.job_words import LOOKS, ordinal, queue_of
from desktop.core.tokens import Token
from desktop.features.jobs.reorder import JOB_MIME
from desktop.features.jobs.start_words import rule_words, start_words
from desktop.workbench.rows import Index
from engine.protocol.jobs import Job, JobKind, JobState

ROW = Qt.ItemDataRole.UserRole
ENDED_SHOWN = 50
ORDER = {JobState.RUNNING: 0, JobState.QUEUED: 1, JobState.PAUSED: 2, JobState.INTERRUPTED: 2}
NO_PARENT = QModelIndex()


@dataclass(frozen=True, kw_only=True)
class JobRow:
    """`actions` are command ids with an icon and a word, drawn at the right."""

    id: str
    icon: str
    tone: Token
    title: str
    state: str
    state_tone: Token
    detail: str
    progress: float | None
    time: str
    time_tone: Token
    actions: tuple[tuple[str, str, str], ...]
    queued: bool = False


PAUSE = ("jobs.pause", "debug-pause", "Pause")
STOP = ("jobs.cancel", "debug-stop", "Stop")
UP = ("jobs.up", "arrow-up", "Start next")
REMOVE = ("jobs.cancel", "close", "Remove from the queue")
RESUME = ("jobs.resume", "debug-continue", "Resume")
RETRY = ("jobs.resume", "refresh", "Try again")


def rows_of(
    jobs: dict[str, Job], now: float, result: Callable[[Job], str] = lambda job: ""
) -> list[JobRow]:
    """In the order in which they are shown; `result` says what a job that is done has made."""
    waiting = queue_of(jobs)
    queue = {job.id: number for number, job in enumerate(waiting, start=1)}
    starts = start_words(jobs, now)
    active = sorted(
        (job for job in jobs.values() if not job.ended),
        key=lambda job: (ORDER[job.state], queue.get(job.id, 0), job.created_at),
    )
    ended = sorted((j for j in jobs.values() if j.ended), key=lambda job: -(job.ended_at or 0))
    shown = [*active, *ended[:ENDED_SHOWN]]
    return [_row(job, queue.get(job.id, 0), starts.get(job.id, "") or result(job)) for job in shown]


def _row(job: Job, place: int, else_detail: str) -> JobRow:
    look = LOOKS[job.state]
    running = job.state is JobState.RUNNING
    return JobRow(
        id=job.id,
        icon=look.icon,
        tone=look.tone,
        title=job.title,
        state=f"Queued, {ordinal(place)}" if place else _word(job),
        state_tone="text" if running else "text2",
        detail=_detail(job) or else_detail,
        progress=job.progress if running else None,
        time=_time(job),
        time_tone="text" if running else "text2" if job.active else "text3",
        actions=_actions(job, place),
        queued=place > 0,
    )


def _word(job: Job) -> str:
    if job.state is JobState.CANCELLED and job.kind is not JobKind.TRAIN:
        return "Cancelled"
    return LOOKS[job.state].word


def _detail(job: Job) -> str:
    if job.problem is not None:
        return job.problem.message
    if job.state is JobState.INTERRUPTED:
        return "goes on by itself"
    if job.state is JobState.RUNNING:
        return ", ".join(part for part in (job.detail, rule_words(job)) if part)
    return job.detail if job.state is JobState.PAUSED else ""


def _time(job: Job) -> str:
    if job.state is JobState.RUNNING:
        return f"{formatting.remaining(job.remaining_s)} left" if job.remaining_s else ""
    if job.state is JobState.QUEUED and job.progress:
        return f"{formatting.percent(job.progress)} done"
    if job.ended and job.started_at is not None and job.ended_at is not None:
        return formatting.duration(max(0.0, job.ended_at - job.started_at))
    return ""


def _actions(job: Job, place: int) -> tuple[tuple[str, str, str], ...]:
    match job.state:
        case JobState.RUNNING:
            return (PAUSE, STOP) if job.kind is JobKind.TRAIN else (STOP,)
        case JobState.QUEUED:
            return (UP, REMOVE) if place > 1 else (REMOVE,)
        case JobState.PAUSED | JobState.INTERRUPTED:
            return (RESUME, REMOVE)
        case JobState.FAILED | JobState.CANCELLED:
            return (RETRY,)
        case JobState.DONE:
            return ()


class JobsModel(QAbstractListModel):
    """Rows that stay are updated in place, so selection and scroll stay too."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[JobRow] = []

    def set_rows(self, rows: Sequence[JobRow]) -> None:
        new = list(rows)
        if [row.id for row in new] != [row.id for row in self._rows]:
            self.beginResetModel()
            self._rows = new
            self.endResetModel()
            return
        old, self._rows = self._rows, new
        for at, row in enumerate(new):
            if row != old[at]:
                self.dataChanged.emit(self.index(at), self.index(at))

    def row(self, index: Index) -> JobRow | None:
        return self._rows[index.row()] if 0 <= index.row() < len(self._rows) else None

    def index_of(self, id: str) -> QModelIndex:
        at = next((at for at, row in enumerate(self._rows) if row.id == id), -1)
        return self.index(at) if at >= 0 else QModelIndex()

    def queued(self) -> list[str]:
        """Ids of the queued jobs, in their order."""
        return [row.id for row in self._rows if row.queued]

    def flags(self, index: Index) -> Qt.ItemFlag:
        row = self.row(index) if index.isValid() else None
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsDragEnabled if row is not None and row.queued else flags

    def mimeTypes(self) -> list[str]:
        return [JOB_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        row = self.row(indexes[0]) if indexes else None
        if row is not None:
            data.setData(JOB_MIME, row.id.encode())
        return data

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row(index) if index.isValid() else None
        if row is None:
            return None
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(p for p in (row.title, row.state, row.detail, row.time) if p)
        return None
