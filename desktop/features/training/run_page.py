"""The page of one run: how long, is it going well, what should I do."""

from time import time

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from desktop.app import App
from desktop.core.engine_process import EngineState
from desktop.core.job_words import LOOKS, place_in_queue
from desktop.core.tokens import Token
from desktop.features.training.advice_card import AdviceCard
from desktop.features.training.checkpoint_chat import chat_button
from desktop.features.training.checkpoints_table import CheckpointsTable
from desktop.features.training.plot_library import PlotLibrary
from desktop.features.training.plot_look import PlotLook
from desktop.features.training.progress_strip import ProgressStrip
from desktop.features.training.run_actions import RunActions
from desktop.features.training.run_buttons import RunButtons
from desktop.features.training.run_plots import RunPlots
from desktop.features.training.run_words import meta_line
from desktop.workbench.chip import Chip
from desktop.workbench.label import Label
from desktop.workbench.page import Page, PageHeader, scrolled, section_title
from engine.protocol.jobs import ACTIVE, Job, JobState
from engine.protocol.records import Run

REDRAW_MS = 100
NARROW = 820  # px of the page; below it the small plots give way
ADVICE = 392
NO_CHECKPOINT = "The first one comes with the first validation."
ICONS: dict[JobState, tuple[str, Token]] = {
    JobState.DONE: ("pass", "ok"),
    JobState.FAILED: ("error", "err"),
    JobState.CANCELLED: ("circle-slash", "text3"),
}


class RunPage(Page):
    """Redraws at most ten times a second, and only while it is in view."""

    def __init__(
        self, app: App, key: str, actions: RunActions, library: PlotLibrary, look: PlotLook
    ) -> None:
        run = app.store.runs.get(key)
        name = run.name if run is not None else "Run"
        super().__init__(app.theme, name, "pulse", "orange")
        self._app, self._key, self._actions = app, key, actions
        self._dirty = True
        self._timer = QTimer(self, singleShot=True, interval=REDRAW_MS)
        self._timer.timeout.connect(self._on_timer)
        self.header = PageHeader(app.theme, name)
        self.chip = self.header.add_chip(Chip(app.theme, "", "text2"))
        self.buttons = RunButtons(app, key)
        self.header.add_button(self.buttons)
        self.strip = ProgressStrip(app.theme)
        self.plots = RunPlots(app, library, look)
        self.checkpoints = CheckpointsTable(app.theme)
        self.chat = chat_button(app, self.checkpoints, key)
        self.no_checkpoints = Label(NO_CHECKPOINT, "meta", "text3")
        self.advice = AdviceCard(app.theme, lambda: self.buttons.run("runs.finish"))
        self._lay_out()
        app.store.runs_changed.connect(self._on_changed)
        app.store.metrics_changed.connect(self._on_changed)
        app.store.jobs_changed.connect(self._on_jobs)
        app.store.state_changed.connect(self._on_engine)
        look.changed.connect(self._mark)
        actions.asked_changed.connect(lambda id: self._on_changed({id}))
        self._draw()

    def _lay_out(self) -> None:
        px = self._app.theme.px
        self.header_slot.addWidget(self.header)
        saved_box = QWidget()
        saved = QVBoxLayout(saved_box)
        saved.setContentsMargins(0, 0, 0, 0)
        saved.setSpacing(0)
        saved.addWidget(section_title("Checkpoints", [self.chat]))
        saved.addWidget(self.checkpoints)
        saved.addWidget(self.no_checkpoints)
        saved.addStretch()
        advice_box = QWidget()
        advice = QVBoxLayout(advice_box)
        advice.setContentsMargins(0, 0, 0, 0)
        advice.addWidget(self.advice)
        advice.addStretch()
        self._advice_box = advice_box
        self._lower = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._lower.setSpacing(px(32))
        self._lower.addWidget(saved_box, 1)
        self._lower.addWidget(advice_box)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(px(24), px(16), px(24), px(16))
        column.setSpacing(px(16))
        column.addWidget(self.strip)
        column.addWidget(self.plots, 1)
        column.addLayout(self._lower)
        column.addWidget(self.plots.machine)
        self.body.addWidget(scrolled(content))

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)
        narrow = self.width() < self._app.theme.px(NARROW)
        self.plots.set_narrow(narrow)
        way = QBoxLayout.Direction
        self._lower.setDirection(way.TopToBottom if narrow else way.LeftToRight)
        self._advice_box.setFixedWidth(self._app.theme.px(ADVICE))

    def focus_first(self) -> None:
        (self.buttons.first() or self.plots.loss.frame).setFocus()

    def shown(self) -> None:
        """What is in front is what the commands act on."""
        self.buttons.select()
        if self._dirty:
            self._draw()

    # Changes.

    def _on_changed(self, changed: set[str]) -> None:
        if self._key in changed:
            self._mark()

    def _on_jobs(self, changed: set[str]) -> None:
        run = self._run()
        if run is not None and (run.job in changed or run.state is JobState.QUEUED):
            self._mark()

    def _on_engine(self) -> None:
        """A tab kept from the last time whose run is gone: known once the engine has answered."""
        if self._app.store.state is EngineState.READY and self._run() is None:
            QTimer.singleShot(
                0, self, lambda: self._app.window.editors.close_page("run", self._key)
            )

    def _mark(self) -> None:
        self._dirty = True
        if self.isVisible() and not self._timer.isActive():
            self._draw()
            self._timer.start()

    def _on_timer(self) -> None:
        if self._dirty and self.isVisible():
            self._draw()
            self._timer.start()

    def _run(self) -> Run | None:
        return self._app.store.runs.get(self._key)

    def _draw(self) -> None:
        run = self._run()
        if run is None:
            return
        self._dirty = False
        job = self._app.store.jobs.get(run.job)
        self._draw_header(run)
        place = place_in_queue(job, self._app.store.jobs) if job is not None else "Queued"
        self.strip.show_run(run, job, place, time())
        self.plots.show_run(run)
        self.checkpoints.show_run(run)
        self.checkpoints.setVisible(bool(run.checkpoints))
        self.no_checkpoints.setVisible(not run.checkpoints)
        self.no_checkpoints.setText(NO_CHECKPOINT if run.state in ACTIVE else "None was saved.")
        running = run.state is JobState.RUNNING
        self.advice.show_advice(run.advice, run.best_step, can_finish=running)
        self._draw_band(run, job)

    def _draw_header(self, run: Run) -> None:
        look = LOOKS[run.state]
        asked = self._actions.asked.get(run.id, "")
        self.chip.set(asked or look.word, look.tone, look.icon)
        if self.header.title.whole_text() != run.name:
            self.header.title.setText(run.name)
        self.header.meta.setText(meta_line(run))
        self.buttons.show_run(run, asked=bool(asked))
        self.primary = self.buttons.primary
        icon, tone = ICONS.get(run.state, ("pulse", "orange"))
        if (run.name, icon, tone) != (self.title, self.icon, self.tone):
            self.describe(run.name, icon=icon, tone=tone)

    def _draw_band(self, run: Run, job: Job | None) -> None:
        problem = job.problem if job is not None else None
        waits = run.state is JobState.PAUSED and problem is not None
        if run.state is not JobState.FAILED and not waits:
            if run.notices:
                self.show_band("warning", run.notices[-1])
            else:
                self.hide_band()
            return
        text = f"{problem.message} {problem.hint}".strip() if problem else "The run failed."
        self.show_band("error", text, ("Resume", lambda: self.buttons.run("runs.resume")))
