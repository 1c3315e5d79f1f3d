"""Opens the panel when a job that the person started fails before their eyes."""

from PySide6.QtCore import QObject

from desktop.app import App
from desktop.features.jobs.job_actions import SHOW_LOG
from engine.protocol.jobs import Job, JobKind, JobState

BY_ITSELF = (
    JobKind.MEASURE,
    JobKind.COUNT_TOKENS,
    JobKind.EXAMINE_DATASET,
    JobKind.PREPARE_BASE,
)
"""Kinds that the engine starts without being asked."""


class Attention(QObject):
    """Never takes the focus, and says nothing of what had failed before the window looked."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self._app = app
        self._known: dict[str, JobState] = {}
        app.store.jobs_changed.connect(self._on_jobs)

    def _on_jobs(self, changed: set[str]) -> None:
        for id in changed:
            job = self._app.store.jobs.get(id)
            before = self._known.pop(id, None)
            if job is None:
                continue
            self._known[id] = job.state
            failed = job.state is JobState.FAILED and before not in (None, JobState.FAILED)
            if failed and job.kind not in BY_ITSELF:
                self._show(job)

    def _show(self, job: Job) -> None:
        self._app.selection.set("job", job.id)
        if SHOW_LOG in self._app.commands:
            self._app.commands.run(SHOW_LOG)
        else:
            self._app.window.show_panel(True, "jobs")
