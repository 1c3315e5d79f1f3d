"""Waits for the records that jobs make."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from desktop.core.store import Store
from engine.protocol.jobs import Job, JobState
from engine.protocol.problems import Problem

Arrived = Callable[[str], object]  # gets the record's id
Failed = Callable[[Problem], object]

CANCELLED = Problem("jobs.cancelled", "It was cancelled.")


class Arrivals(QObject):
    """One callback per job: its record is there, or it failed."""

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._waiting: dict[str, tuple[Arrived, Failed]] = {}  # by job
        # Bound methods: Qt cuts them off with their object, which it cannot do with a lambda.
        for signal in (
            store.jobs_changed,
            store.models_changed,
            store.adapters_changed,
            store.datasets_changed,
        ):
            signal.connect(self._look)

    def expect(self, job: Job, arrived: Arrived, failed: Failed) -> None:
        """The job's answer may come after its end: what the store holds by now counts."""
        if job.id not in self._store.jobs:
            self._store.jobs[job.id] = job
        self._waiting[job.id] = (arrived, failed)
        self._look()

    def _look(self) -> None:
        for id, (arrived, failed) in list(self._waiting.items()):
            job = self._store.jobs.get(id)
            if job is None:
                del self._waiting[id]
            elif job.state is JobState.DONE and self._there(job.subject):
                del self._waiting[id]
                arrived(job.subject)
            elif job.state in (JobState.FAILED, JobState.CANCELLED):
                del self._waiting[id]
                failed(job.problem or CANCELLED)

    def _there(self, subject: str) -> bool:
        tables = (self._store.models, self._store.adapters, self._store.datasets)
        return any(subject in table for table in tables)
