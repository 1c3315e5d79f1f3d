"""Three ticks: is a model there, does the engine run, is there room. A failing one has a remedy."""

from collections.abc import Callable

from msgspec import Struct
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.app import App
from desktop.core import formatting
from desktop.core.base_at_hand import base_at_hand
from desktop.core.engine_process import EngineState
from desktop.core.theme import Theme
from desktop.core.tokens import Token
from desktop.features.welcome.rows import OUT
from desktop.workbench.buttons import Button
from desktop.workbench.glyph import Glyph
from desktop.workbench.label import ElidedLabel, Label
from desktop.workbench.progress_bar import ProgressBar
from engine.protocol.jobs import Job, JobState
from engine.protocol.records import ModelStatus

LOW_MEMORY, LOW_DISK = 1_500_000_000, 2_000_000_000  # bytes; the built-in model trains in 1 GB
LOOKS: dict[str, tuple[str, Token]] = {
    "ok": ("pass-filled", "ok"),
    "waits": ("sync", "accent"),
    "warning": ("warning", "warn"),
    "error": ("error", "err"),
}


class Tick(Struct, frozen=True):
    """`state` is a key of LOOKS."""

    state: str
    text: str
    right: str = ""
    progress: float | None = None
    remedy: str = ""  # the button's word
    run: Callable[[], object] | None = None


class Workstation(QWidget):
    def __init__(self, app: App) -> None:
        super().__init__()
        self._app = app
        self._lines = [TickLine(app.theme) for _ in range(3)]
        column = QVBoxLayout(self)
        column.setContentsMargins(app.theme.px(OUT), 0, app.theme.px(OUT), 0)
        column.setSpacing(0)
        for line in self._lines:
            column.addWidget(line)
        store = app.store
        for signal in (store.models_changed, store.jobs_changed):
            signal.connect(self.refresh)
        store.state_changed.connect(self.refresh)
        store.engine_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        ticks = (base_tick(self._app), engine_tick(self._app), room_tick(self._app))
        for line, tick in zip(self._lines, ticks, strict=True):
            line.show_tick(tick)


class TickLine(QWidget):
    """40 high: mark, words, then a figure, a bar or the remedy."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._glyph = Glyph(theme, "sync", "accent")
        self._text = Label("", "body")
        self._right = ElidedLabel("", "meta", "text3")
        self._bar = ProgressBar(theme, high=4)
        self._bar.setFixedWidth(theme.px(88))
        self._run: Callable[[], object] | None = None
        self._button = Button(theme, "", kind="link", run=self._remedy)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._glyph)
        row.addWidget(self._text)
        row.addStretch()
        for widget in (self._bar, self._right, self._button):
            row.addWidget(widget)
        self.setFixedHeight(theme.px(40))

    def show_tick(self, tick: Tick) -> None:
        self._glyph.set_icon(*LOOKS[tick.state])
        self._text.setText(tick.text)
        self._right.setText(tick.right)
        self._right.setVisible(bool(tick.right))
        self._bar.setVisible(tick.progress is not None)
        self._bar.set_share(tick.progress or 0.0)
        self._run = tick.run
        self._button.setText(tick.remedy)
        self._button.setAccessibleName(tick.remedy)
        self._button.setVisible(bool(tick.remedy))

    def _remedy(self) -> None:
        if self._run is not None:
            self._run()


def base_tick(app: App) -> Tick:
    model = base_at_hand(app.store, app.selection)
    if app.store.state is not EngineState.READY and model is None:
        return Tick("waits", "Looking for the base model")
    if model is None:
        return Tick("warning", "No base model", remedy="Add a model folder",
                    run=lambda: app.commands.run("models.add"))  # fmt: skip
    if model.status is ModelStatus.READY:
        parameters = formatting.parameters(model.parameters)
        figures = f"{parameters} parameters, {formatting.size(model.size_bytes)}"
        return Tick("ok", "Base model ready", figures)
    if model.status is ModelStatus.MISSING:
        return Tick("warning", "The base model's folder is gone", remedy="Show",
                    run=lambda: app.open("model", model.id))  # fmt: skip
    jobs = [job for job in app.store.jobs.values() if job.subject == model.id]
    latest = max(jobs, key=lambda job: job.created_at, default=None)
    return preparing_tick(app, latest)


def preparing_tick(app: App, job: Job | None) -> Tick:
    if job is not None and job.state in (JobState.FAILED, JobState.CANCELLED):
        why = job.problem.message if job.problem is not None else "It was cancelled."
        return Tick("error", "The base model is not ready", why, remedy="Try again",
                    run=lambda: app.client.post(f"/api/jobs/{job.id}/resume"))  # fmt: skip
    progress = job.progress if job is not None else 0.0
    return Tick("waits", "Preparing the base model", formatting.percent(progress), progress)


def engine_tick(app: App) -> Tick:
    info = app.store.engine
    if app.store.state is EngineState.GONE:
        return Tick("error", "Training engine stopped", remedy="Restart",
                    run=lambda: app.commands.run("workbench.restart-engine"))  # fmt: skip
    if app.store.state is EngineState.STARTING or info is None:
        return Tick("waits", "Training engine starting")
    return Tick("ok", "Training engine ready",
                f"{info.device}, {formatting.plural(info.threads, 'thread')}")  # fmt: skip


def room_tick(app: App) -> Tick:
    info = app.store.engine
    if info is None:
        return Tick("waits", "Room to work")
    memory = info.memory_total_bytes - info.memory_used_bytes
    figures = f"{memory / 1e9:.1f} GB memory, {info.disk_free_bytes / 1e9:.0f} GB disk free"
    if info.disk_free_bytes < LOW_DISK:
        folder = QUrl.fromLocalFile(info.home)
        return Tick("warning", "Little disk space", formatting.size(info.disk_free_bytes) + " free",
                    remedy="Show the data folder",
                    run=lambda: QDesktopServices.openUrl(folder))  # fmt: skip
    if memory < LOW_MEMORY:
        return Tick("warning", "Little memory: close other programs",
                    formatting.size(memory) + " free", remedy="Resources",
                    run=lambda: app.commands.run("workbench.resources"))  # fmt: skip
    return Tick("ok", "Room to work", figures)
