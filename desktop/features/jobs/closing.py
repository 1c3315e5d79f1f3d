"""Asks, when the window is closed while a run is under way, what shall become of the run."""

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout

from desktop.app import App
from desktop.workbench.buttons import Button
from desktop.workbench.label import Label, Paragraph
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.problems import Problem

PAUSE_WITHIN_MS = 3000  # the engine takes the order at once; the worker pauses on its own


class Closing(QObject):
    """`may_close` is the window's: it puts the question and closes again on the answer."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self._app = app
        self._agreed = False
        self.question: CloseQuestion | None = None

    def under_way(self) -> list[Job]:
        """Trainings, the queued ones first: paused in this order, none starts in between."""
        states = (JobState.QUEUED, JobState.RUNNING)
        jobs = [
            job
            for job in self._app.store.jobs.values()
            if job.kind is JobKind.TRAIN and job.state in states
        ]
        return sorted(jobs, key=lambda job: job.state is JobState.RUNNING)

    def may_close(self) -> bool:
        jobs = self.under_way()
        if self._agreed or not jobs or not self._app.client.attached:
            return True
        if self.question is None:
            self.question = CloseQuestion(self._app, jobs)
            self.question.keep.clicked.connect(self._close)
            self.question.pause.clicked.connect(self._pause)
            self.question.finished.connect(self._forget)
            self.question.open()
        return False

    def _forget(self) -> None:
        self.question = None

    def _close(self) -> None:
        self._agreed = True
        if self.question is not None:
            self.question.accept()
        self._app.window.close()

    def _pause(self) -> None:
        waiting = {job.id for job in self.under_way()}

        def done(id: str) -> None:
            waiting.discard(id)
            if not waiting:
                self._close()

        def failed(problem: Problem, id: str) -> None:
            done(id)

        for job in self.under_way():
            self._app.client.post(
                f"/api/jobs/{job.id}/pause", answer=Job, owner=self,
                then=lambda _, id=job.id: done(id),
                failed=lambda problem, id=job.id: failed(problem, id),
            )  # fmt: skip
        QTimer.singleShot(PAUSE_WITHIN_MS, self, self._close)


class CloseQuestion(QDialog):
    """Its buttons name the act; Cancel has the focus."""

    def __init__(self, app: App, jobs: list[Job]) -> None:
        super().__init__(app.window)
        theme = app.theme
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Close Adapter Studio")
        self.setProperty("surface", "raised")
        running = [job for job in jobs if job.state is JobState.RUNNING]
        first = (running or jobs)[0]
        more = f" and {len(jobs) - 1} more" if len(jobs) > 1 else ""
        verb = "are" if more else "is"
        title = f"'{first.title}'{more} {verb} under way."
        text = (
            "In the background it goes on without the window; open Adapter Studio again to see "
            "it. Paused, it keeps a checkpoint and goes on when you resume it."
        )
        self.keep = Button(theme, "Keep training in the background", kind="primary")
        self.pause = Button(theme, "Pause and quit")
        self.cancel = Button(theme, "Cancel", run=self.reject)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.keep)
        row.addWidget(self.pause)
        row.addStretch()
        row.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(8)
        column.addWidget(Label(title, "card"))
        column.addWidget(Paragraph(theme, text, "body", "text2"))
        column.addSpacing(12)
        column.addLayout(row)
        wide = theme.px(520)
        self.setFixedSize(wide, column.heightForWidth(wide))
        self.cancel.setFocus()
