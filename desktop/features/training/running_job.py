"""The status bar's running job, and the badge of the activity."""

from PySide6.QtCore import QObject

from desktop.app import App
from desktop.core.job_words import time_left
from desktop.workbench.status_bar import StatusText
from engine.protocol.jobs import Job, JobKind, JobState


class RunningJob(QObject):
    """Shows the training that runs, else another running job; a click opens it."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self._app = app
        self._item = app.window.status.add(
            "Running job", side="left", order=20, priority=100, run=self.open
        )
        app.store.jobs_changed.connect(self.refresh)
        app.store.runs_changed.connect(self.refresh)
        self.refresh()

    def job(self) -> Job | None:
        running = [j for j in self._app.store.jobs.values() if j.state is JobState.RUNNING]
        running.sort(key=lambda job: (job.kind is not JobKind.TRAIN, job.started_at or 0))
        return running[0] if running else None

    def refresh(self, changed: object = None) -> None:
        running = sum(j.state is JobState.RUNNING for j in self._app.store.jobs.values())
        self._app.window.activities.set_badge("runs", running)
        job = self.job()
        if job is None:
            self._item.show_status(StatusText())
            return
        run = self._app.store.runs.get(job.subject)
        self._item.show_status(
            StatusText(
                text=run.name if run is not None else job.title,
                icon="sync",
                tone="accent",
                progress=job.progress,
                extra=time_left(job),
                tip=f"{job.title}: {job.detail}" if job.detail else job.title,
            )
        )

    def open(self) -> None:
        job = self.job()
        if job is None:
            return
        if job.subject in self._app.store.runs:
            self._app.open("run", job.subject)
        elif any(tab.id == "jobs" for tab in self._app.contributions.panels):
            self._app.window.show_panel(True, "jobs")
