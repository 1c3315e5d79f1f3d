"""The Output tab: what the engine says, or one job's log."""

from datetime import datetime

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.app import App
from desktop.core.engine_client import Request
from desktop.workbench.fields import Combo
from engine.protocol.events import LogAdded
from engine.protocol.jobs import Job, JobState
from engine.protocol.problems import Problem

ENGINE = "engine"
MOST_LINES, MOST_JOBS = 5000, 50
AGAIN_MS = 2000  # a running job's log is read again while it is shown


class Output(QWidget):
    """Stays at its end while it is scrolled to the end."""

    def __init__(self, app: App) -> None:
        super().__init__()
        self._app = app
        self._source = ENGINE
        self._request: Request | None = None
        self.choice = Combo(app.theme, "Log")
        self.choice.setMinimumWidth(app.theme.px(240))
        self.choice.activated.connect(lambda at: self.show_source(self.choice.itemData(at)))
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Log")
        self.text.setMaximumBlockCount(MOST_LINES)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setUndoRedoEnabled(False)
        self._again = QTimer(self, interval=AGAIN_MS)
        self._again.timeout.connect(self._read_again)
        self._lay_out()
        self.setFocusProxy(self.text)
        app.store.log_added.connect(self._on_lines)
        app.store.jobs_changed.connect(self._fill_choice)
        app.theme.changed.connect(self._dress)
        self._dress()
        self._fill_choice()
        self.show_source(ENGINE)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(16, 4, 16, 4)
        row.addWidget(self.choice)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.text, 1)

    def _dress(self) -> None:
        self.text.setFont(self._app.theme.font("mono"))
        self.text.document().setDocumentMargin(self._app.theme.px(14))

    def _fill_choice(self, ids: object = None) -> None:
        """The engine, then the jobs, the newest first."""
        jobs = sorted(self._app.store.jobs.values(), key=lambda job: -job.created_at)[:MOST_JOBS]
        wanted = [(ENGINE, "Engine"), *((job.id, title_of(job)) for job in jobs)]
        have = [(self.choice.itemData(at), self.choice.itemText(at))
                for at in range(self.choice.count())]  # fmt: skip
        if wanted == have:
            return
        self.choice.clear()
        for source, title in wanted:
            self.choice.addItem(title, source)
        self.choice.setCurrentIndex(max(self.choice.findData(self._source), 0))

    def show_source(self, source: str) -> None:
        """The engine's lines, or the log of that job."""
        self._source = source
        self.choice.setCurrentIndex(max(self.choice.findData(source), 0))
        self.text.clear()
        if self._request is not None:
            self._request.abort()
            self._request = None
        if source == ENGINE:
            self._again.stop()
            self._append([each for each in self._app.store.log if each.source == ENGINE])
        else:
            self._read_again()
            self._again.start()

    def _on_lines(self, lines: list[LogAdded]) -> None:
        if self._source == ENGINE:
            self._append([each for each in lines if each.source == ENGINE])

    def _append(self, lines: list[LogAdded]) -> None:
        for line in lines:
            at = datetime.fromtimestamp(line.at).strftime("%H:%M:%S")
            self.text.appendPlainText(f"{at}  {line.text}")

    def _read_again(self) -> None:
        job = self._app.store.jobs.get(self._source)
        if job is None or not job.active:
            self._again.stop()
        if self._request is not None or (not self.isVisible() and self.text.toPlainText()):
            return
        self._request = self._app.client.get(
            f"/api/jobs/{self._source}/log", None, self._take, failed=self._failed, owner=self
        )

    def _take(self, body: bytes) -> None:
        self._request = None
        text = body.decode("utf-8", "replace").rstrip() or "This job has written nothing."
        if text == self.text.toPlainText():
            return
        bar = self.text.verticalScrollBar()
        at_end, where = bar.value() >= bar.maximum() - 2, bar.value()
        self.text.setPlainText(text)
        bar.setValue(bar.maximum() if at_end else where)

    def _failed(self, problem: Problem) -> None:
        self._request = None
        self._again.stop()
        self.text.setPlainText(problem.message)


def title_of(job: Job) -> str:
    states = {
        JobState.FAILED: "failed",
        JobState.RUNNING: "running",
        JobState.CANCELLED: "cancelled",
    }
    state = states.get(job.state, "")
    return f"{job.title} ({state})" if state else job.title
