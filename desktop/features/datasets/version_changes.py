"""Asks for new versions of datasets, tells when they are there, and takes them back."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from desktop.app import App
from desktop.core.arrivals import Arrivals
from engine.protocol.dataset_specs import EditDataset
from engine.protocol.jobs import Job
from engine.protocol.problems import Problem
from engine.protocol.records import Dataset

Failed = Callable[[Problem], object]


class VersionChanges(QObject):
    """Nothing is shown in hope: the toast comes with the version."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self._app = app
        self._arrivals = Arrivals(app.store, self)

    def edit(
        self,
        dataset: Dataset,
        wanted: EditDataset,
        said: Callable[[Dataset], str] = lambda now: f"{now.change}.",
        *,
        begun: Callable[[], object] = lambda: None,
        there: Callable[[], object] = lambda: None,
        failed: Failed | None = None,
    ) -> None:
        """`said` words the toast from the new version.

        `begun` once the engine has accepted, `there` once it is the newest; `failed` when the
        engine refuses it.
        """

        def arrived(id: str) -> None:
            now = self._app.store.datasets.get(id)
            if now is not None:
                self._app.notifications.undo(
                    said(now), lambda: self._send_restore(id, dataset.version)
                )
                there()

        def accepted(job: Job) -> None:
            begun()
            self._arrivals.expect(job, arrived, self._failed)

        self._app.client.post(f"/api/datasets/{dataset.id}/edits", wanted, answer=Job,
                              then=accepted, failed=failed, owner=self)  # fmt: skip

    def restore(self, dataset: Dataset, version: int) -> None:
        """Make that version the newest again; the toast takes it back."""

        def restored(now: Dataset) -> None:
            self._app.notifications.undo(
                f"Version {version} of {now.name} is the newest again.",
                lambda: self._send_restore(dataset.id, dataset.version),
            )

        self._send_restore(dataset.id, version, restored)

    def _send_restore(
        self, id: str, version: int, then: Callable[[Dataset], object] | None = None
    ) -> None:
        self._app.client.post(f"/api/datasets/{id}/restore", {"version": version},
                              answer=Dataset, then=then, owner=self)  # fmt: skip

    def _failed(self, problem: Problem) -> None:
        if problem.code != "jobs.cancelled":
            self._app.notifications.problem(problem)
