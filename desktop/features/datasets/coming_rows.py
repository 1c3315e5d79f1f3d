"""A dataset's page before there is a dataset: the first rows of the file that is being read."""

from PySide6.QtCore import QObject, Signal

from desktop.app import App
from desktop.core.engine_process import EngineState
from desktop.features.datasets import wording
from engine.protocol.jobs import Job
from engine.protocol.problems import Problem
from engine.protocol.records import DataPreview

REMOVED = Problem("datasets.removed", "This dataset was removed.")


class ComingRows(QObject):
    """Look at it whenever jobs change, as long as the dataset is not there."""

    told = Signal(str)  # how far the reading is
    arrived = Signal(object)  # a DataPreview, once
    failed = Signal(object)  # a Problem: there will be no dataset

    def __init__(self, app: App, id: str, parent: QObject) -> None:
        super().__init__(parent)
        self._app, self._id = app, id
        self._job: Job | None = None  # that reads the file for the first time

    @property
    def job(self) -> Job | None:
        """The job, while it goes on."""
        return wording.job_of(self._app.store, self._id)

    def look(self) -> None:
        job = self.job
        if job is None:
            self._tell_the_end()
            return
        self.told.emit(f"{job.detail or 'Waiting to be read'}, {job.progress:.0%}")
        if self._job is None:
            self._job = job
            self._app.client.get(f"/api/jobs/{job.id}/preview", DataPreview, self.arrived.emit,
                                 failed=self._none, owner=self)  # fmt: skip

    def cancel(self) -> None:
        if self._job is not None:
            self._app.client.post(f"/api/jobs/{self._job.id}/cancel", owner=self)

    def _none(self, problem: Problem) -> None:
        """Some files show no rows until all of it is read; what is wrong, the job says."""

    def _tell_the_end(self) -> None:
        ended = self._app.store.jobs.get(self._job.id) if self._job is not None else None
        if ended is not None and ended.problem is not None:
            self.failed.emit(ended.problem)
        elif self._app.store.state is EngineState.READY and (ended is None or ended.ended):
            self.failed.emit(REMOVED)
