"""Bringing files into the catalog and waiting for what becomes of them."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from desktop.core.arrivals import Arrivals
from desktop.core.engine_client import EngineClient
from desktop.core.store import Store
from desktop.workbench.notifications import Notifications
from engine.protocol.jobs import Job
from engine.protocol.problems import Problem
from engine.protocol.specs import AddPath

# A file that stands for the folder it lies in.
PARTS = ("config.json", "adapter_config.json", "tokenizer.json", "model.safetensors.index.json")


class Imports(QObject):
    """One for each feature that adds things."""

    def __init__(
        self, client: EngineClient, store: Store, notifications: Notifications, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._client, self._notifications = client, notifications
        self._arrivals = Arrivals(store, self)

    def add(
        self,
        wanted: AddPath,
        then: Callable[[str], object],
        failed: Callable[[Problem], object] | None = None,
        begun: Callable[[Job], object] = lambda job: None,
    ) -> None:
        """`then` gets the id of the record once it is there; a failure is said in a toast,
        unless `failed` takes it. `begun` gets the job as soon as there is one."""
        failed = failed or self._failed

        def expect(job: Job) -> None:
            self._arrivals.expect(job, then, failed)
            begun(job)

        self._client.post(
            "/api/imports", wanted, answer=Job, failed=failed, owner=self, then=expect
        )

    def _failed(self, problem: Problem) -> None:
        if problem.code != "jobs.cancelled":
            self._notifications.problem(problem)


def whole_thing(path: Path) -> Path:
    """The folder, when a model's or an adapter's file was chosen in its place."""
    if path.name in PARTS or (path.suffix == ".safetensors" and path.is_file()):
        return path.parent
    return path
