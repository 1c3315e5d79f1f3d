"""Putting findings right: at once, as a new version, with a way back."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from desktop.app import App
from desktop.core.arrivals import Arrivals
from engine.protocol.finding_sorts import sort_of
from engine.protocol.jobs import Job
from engine.protocol.problems import Problem
from engine.protocol.records import Dataset
from engine.protocol.specs import EditDataset


class Fixes(QObject):
    """Asks the engine for edits; what comes of them arrives as the dataset's next version."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self._app = app
        self._arrivals = Arrivals(app.store, self)

    def fix(self, dataset: Dataset, codes: Sequence[str]) -> None:
        """All rows of these sorts."""
        self.edit(dataset, EditDataset(dataset.version, fixes=tuple(codes)))

    def ignore(self, dataset: Dataset, code: str) -> None:
        """The sort is not said any more."""
        self.edit(dataset, EditDataset(dataset.version, ignore=(code,)))

    def remove_longer(self, dataset: Dataset, base: str, limit: int) -> None:
        wanted = EditDataset(dataset.version, longer_than=limit, base=base)
        self.edit(dataset, wanted)

    def edit(self, dataset: Dataset, wanted: EditDataset) -> None:
        """When the version is there, a toast says what made it and takes it back."""
        before = dataset.version
        failed: Callable[[Problem], object] = self._app.notifications.problem

        def made(id: str) -> None:
            now = self._app.store.datasets.get(id)
            if now is not None:
                self._app.notifications.undo(f"{now.change}.", lambda: self.restore(id, before))

        self._app.client.post(
            f"/api/datasets/{dataset.id}/edits",
            wanted,
            answer=Job,
            then=lambda job: self._arrivals.expect(job, made, failed),
            owner=self,
        )

    def restore(self, id: str, version: int) -> None:
        """Make an earlier version the newest."""
        self._app.client.post(f"/api/datasets/{id}/restore", {"version": version}, owner=self)


def fixable(dataset: Dataset) -> tuple[str, ...]:
    """The sorts that "Fix all" puts right: what is wrong, not what is only a hint."""
    return tuple(
        code for code in dataset.finding_counts if sort_of(code).severity in ("error", "warning")
    )
