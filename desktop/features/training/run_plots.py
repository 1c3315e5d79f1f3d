"""The plots of a run: loss large, rate and speed beside it, gradient and machine below."""

from pathlib import Path
from types import ModuleType

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.app import App
from desktop.core import formatting
from desktop.features.training.curves import CurveDrawer, Curves, Line
from desktop.features.training.loss_plot import LossPlot
from desktop.features.training.plot_export import ask_where, save_picture, save_table
from desktop.features.training.plot_library import PlotLibrary
from desktop.features.training.plot_look import PlotLook
from desktop.features.training.run_words import three_figures
from desktop.features.training.small_plot import SmallPlot
from engine.protocol.problems import Refused
from engine.protocol.records import Run

SIDE = 276


class RunPlots(QWidget):
    """Empty frames until the plot library is there. `machine` is a row of its own, for the page."""

    def __init__(self, app: App, library: PlotLibrary, look: PlotLook) -> None:
        super().__init__()
        self._app, self._look = app, look
        self._run: Run | None = None
        self._drawer = CurveDrawer()
        theme = app.theme
        self.loss = LossPlot(theme, look)
        self.rate = SmallPlot(theme, "Learning rate", three_figures, from_zero=True)
        self.speed = SmallPlot(theme, "Tokens per second", formatting.count, from_zero=False)
        share = formatting.percent
        self.gradient = SmallPlot(theme, "Gradient norm", three_figures, from_zero=True)
        self.processor = SmallPlot(theme, "Processor", share, from_zero=True, top=1.0)
        self.memory = SmallPlot(theme, "Memory", formatting.size, from_zero=True)
        self.gpu = SmallPlot(theme, "GPU", share, from_zero=True, top=1.0)
        self.gpu_memory = SmallPlot(theme, "GPU memory", formatting.size, from_zero=True)
        self._beside = (self.rate, self.speed)
        self._below = (self.gradient, self.processor, self.memory, self.gpu, self.gpu_memory)
        self.machine = QWidget()
        self._lay_out()
        for plot in self._plots():
            plot.frame.saved.connect(self.save)
        self._library = library
        library.ready.connect(self._attach)
        if library.module is not None:
            self._attach()
        else:
            library.load()

    def _lay_out(self) -> None:
        px = self._app.theme.px
        self._side = QWidget()
        self._side.setFixedWidth(px(SIDE))
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(px(14))
        for plot in self._beside:
            side.addWidget(plot)
        side.addStretch()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(32))
        row.addWidget(self.loss, 1)
        row.addWidget(self._side)
        below = QHBoxLayout(self.machine)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(px(32))
        for plot in self._below:
            below.addWidget(plot, 1)

    def _plots(self) -> tuple[LossPlot | SmallPlot, ...]:
        return (self.loss, *self._beside, *self._below)

    def _attach(self) -> None:
        """One plot in each turn of the event loop."""
        module: ModuleType | None = self._library.module
        empty = next((plot for plot in self._plots() if plot.frame.plot is None), None)
        if module is not None and empty is not None:
            empty.attach(module)
            QTimer.singleShot(0, self, self._attach)

    def set_narrow(self, narrow: bool) -> None:
        self._side.setVisible(not narrow)

    def show_run(self, run: Run) -> None:
        """Redraws everything: at most ten times a second, only when in view."""
        self._run = run
        curves = self._drawer.follow(self._app.store.metrics.of(run.id), self._look.smoothing)
        self.loss.show_run(run, curves)
        for plot, line in self._lines(curves):
            plot.show_line(line, run.total_steps)
        for plot in (self.gpu, self.gpu_memory):
            plot.setVisible(plot.known)

    def _lines(self, curves: Curves) -> tuple[tuple[SmallPlot, Line], ...]:
        return (
            (self.rate, curves.learning_rate),
            (self.speed, curves.speed),
            (self.gradient, curves.gradient_norm),
            (self.processor, curves.processor),
            (self.memory, curves.memory),
            (self.gpu, curves.gpu),
            (self.gpu_memory, curves.gpu_memory),
        )

    def save(self, kind: str) -> None:
        """Ask where, then write: the picture of them all, or the points."""
        if self._run is not None:
            name = f"run-{self._run.number}-{self._run.name}".replace("/", "-")
            ask_where(self, kind, name, lambda path: self.write(kind, path))

    def write(self, kind: str, path: Path) -> None:
        run = self._run
        if run is None:
            return
        try:
            if kind == "png":
                save_picture((self, self.machine), path, self._app.theme)
            else:
                save_table(self._app.store.metrics.of(run.id), path)
        except Refused as refusal:
            self._app.notifications.problem(refusal.problem)
            return
        self._app.notifications.show(f"Saved {path.name}.", "done")
