"""How long a run still takes, and how far it is."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.core.theme import Theme
from desktop.core.tokens import Token
from desktop.features.training.run_words import headline, progress_words
from desktop.workbench.label import ElidedLabel, Label
from desktop.workbench.progress_bar import ProgressBar
from engine.protocol.jobs import Job, JobState
from engine.protocol.records import Run

TONES: dict[JobState, Token] = {
    JobState.FAILED: "err",
    JobState.DONE: "ok",
    JobState.CANCELLED: "text3",
    JobState.PAUSED: "text3",
}


class ProgressStrip(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.left = Label("", "section")
        self.ends = ElidedLabel("", "meta", "text3")
        self.done = ElidedLabel("", "meta", "text2")
        self._bar = ProgressBar(theme)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.left)
        row.addWidget(self.ends)
        row.addStretch()
        row.addWidget(self.done)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self._bar)

    def show_run(self, run: Run, job: Job | None, place: str, now: float) -> None:
        left, ends = headline(run, job, place, now)
        self.left.setText(left)
        self.ends.setText(ends)
        self.done.setText(progress_words(run))
        share = run.step / run.total_steps if run.total_steps else 0.0
        if run.state is JobState.DONE:
            share = 1.0
        self._bar.set_share(share, TONES.get(run.state, "accent"))
