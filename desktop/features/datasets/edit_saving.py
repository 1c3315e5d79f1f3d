"""Saving pending edits: the engine makes the next version of them."""

from PySide6.QtCore import QObject, Signal

from desktop.app import App
from desktop.core.arrivals import Arrivals
from desktop.features.datasets.pending_edits import PendingEdits
from engine.protocol.jobs import Job
from engine.protocol.problems import Problem
from engine.protocol.records import Dataset


class EditSaving(QObject):
    """The edits stay pending until their version is there; `problem` is why it is not."""

    changed = Signal()

    def __init__(self, app: App, dataset: str, edits: PendingEdits, parent: QObject) -> None:
        super().__init__(parent)
        self._app, self._id, self._edits = app, dataset, edits
        self._arrivals = Arrivals(app.store, self)
        self._made = False  # the job is done, its version may still be on its way
        self.busy = False
        self.problem: Problem | None = None
        edits.changed.connect(self._on_edits)
        app.store.datasets_changed.connect(self._on_datasets)

    @property
    def overtaken(self) -> int:
        """The version that came from elsewhere meanwhile; 0 when there is none."""
        dataset = self._dataset
        if dataset is None or self.busy or not self._edits.count:
            return 0
        return dataset.version if dataset.version != self._edits.version else 0

    @property
    def _dataset(self) -> Dataset | None:
        return self._app.store.datasets.get(self._id)

    def save(self) -> None:
        if self.busy or not self._edits.count or self.overtaken:
            return
        self.busy, self._made, self.problem = True, False, None
        self.changed.emit()
        self._app.client.post(
            f"/api/datasets/{self._id}/edits",
            self._edits.wanted(),
            answer=Job,
            then=self._begun,
            failed=self._refused,
            owner=self,
        )

    def restore(self, version: int) -> None:
        """Make the version of the edits the newest again, so that they can be saved over it."""
        self._app.client.post(
            f"/api/datasets/{self._id}/restore",
            {"version": version},
            answer=Dataset,
            then=self._restored,
            failed=self._refused,
            owner=self,
        )

    def _restored(self, dataset: Dataset) -> None:
        self.problem = None
        self._edits.carry(dataset.version)
        self.changed.emit()

    def _begun(self, job: Job) -> None:
        self._arrivals.expect(job, self._on_made, self._refused)

    def _on_made(self, _: str) -> None:
        self._made = True
        self._look()

    def _refused(self, problem: Problem) -> None:
        self.busy, self.problem = False, problem
        self.changed.emit()

    def _on_edits(self) -> None:
        if self.problem is not None:
            self.problem = None
            self.changed.emit()

    def _on_datasets(self, ids: set[str]) -> None:
        if self._id in ids:
            self._look()
            self.changed.emit()

    def _look(self) -> None:
        dataset, before = self._dataset, self._edits.version
        if not self._made or dataset is None or dataset.version <= before:
            return
        self._made = self.busy = False
        self._edits.forget(dataset.version)
        self.changed.emit()
        path, client = f"/api/datasets/{self._id}/restore", self._app.client
        self._app.notifications.undo(
            f"Saved as version {dataset.version}.", lambda: client.post(path, {"version": before})
        )
