"""The plots of a run: loss large, learning rate and speed beside it."""

from pathlib import Path
from types import ModuleType

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.app import App
from desktop.core import formatting
from desktop.features.training.curves import CurveDrawer
from desktop.features.training.loss_plot import LossPlot
from desktop.features.training.plot_export import ask_where, save_picture, save_table
from desktop.features.training.plot_library import PlotLibrary
from desktop.features.training.small_plot import SmallPlot
from engine.protocol.problems import Refused
from engine.protocol.records import Run

SIDE = 276


class RunPlots(QWidget):
    """Empty frames until the plot library is there."""

    def __init__(self, app: App, library: PlotLibrary) -> None:
        super().__init__()
        self._app = app
        self._run: Run | None = None
        self._drawer = CurveDrawer()
        theme = app.theme
        self.loss = LossPlot(theme)
        self.rate = SmallPlot(theme, "Learning rate", _rate, from_zero=True)
        self.speed = SmallPlot(theme, "Tokens per second", formatting.count, from_zero=False)
        side_box = QWidget()
        side_box.setFixedWidth(theme.px(SIDE))
        side = QVBoxLayout(side_box)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(theme.px(14))
        side.addWidget(self.rate)
        side.addWidget(self.speed)
        side.addStretch()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(32))
        row.addWidget(self.loss, 1)
        row.addWidget(side_box)
        self._side = side_box
        self._frames = (self.loss.frame, self.rate.frame, self.speed.frame)
        for frame in self._frames:
            frame.saved.connect(self.save)
        self._library = library
        library.ready.connect(self._attach)
        if library.module is not None:
            self._attach()
        else:
            library.load()

    def _attach(self) -> None:
        """One plot in each turn of the event loop."""
        module: ModuleType | None = self._library.module
        plots = (self.loss, self.rate, self.speed)
        empty = next((plot for plot in plots if plot.frame.plot is None), None)
        if module is not None and empty is not None:
            empty.attach(module)
            QTimer.singleShot(0, self, self._attach)

    def set_narrow(self, narrow: bool) -> None:
        self._side.setVisible(not narrow)

    def show_run(self, run: Run) -> None:
        """Redraws everything: at most ten times a second, only when in view."""
        self._run = run
        curves = self._drawer.follow(self._app.store.metrics.of(run.id), run.total_steps)
        self.loss.show_run(run, curves)
        self.rate.show_line(curves.learning_rate, run.total_steps)
        self.speed.show_line(curves.speed, run.total_steps)

    def save(self, kind: str) -> None:
        """Ask where, then write: the picture of all three, or the points."""
        if self._run is not None:
            name = f"run-{self._run.number}-{self._run.name}".replace("/", "-")
            ask_where(self, kind, name, lambda path: self.write(kind, path))

    def write(self, kind: str, path: Path) -> None:
        run = self._run
        if run is None:
            return
        try:
            if kind == "png":
                save_picture(self, path)
            else:
                save_table(self._app.store.metrics.of(run.id), path)
        except Refused as refusal:
            self._app.notifications.problem(refusal.problem)
            return
        self._app.notifications.show(f"Saved {path.name}.", "done")


def _rate(value: float) -> str:
    """Three figures: "5.97e-5", "2e-4"."""
    return formatting.number(float(f"{value:.3g}"))
