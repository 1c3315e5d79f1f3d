"""Several runs on one page: their curves over each other, and what differs between them."""

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.app import App
from desktop.core import formatting
from desktop.features.training.comparison_table import ComparisonTable
from desktop.features.training.comparisons import COLOURS, ids_of
from desktop.features.training.curves import CurveDrawer
from desktop.features.training.overlay_plot import OverlayPlot, Series
from desktop.features.training.plot_export import ask_where, save_comparison, save_picture
from desktop.features.training.plot_library import PlotLibrary
from desktop.features.training.plot_look import PlotLook
from desktop.workbench.buttons import command_button
from desktop.workbench.empty_state import EmptyState
from desktop.workbench.page import Page, PageHeader, scrolled
from engine.protocol.problems import Refused
from engine.protocol.records import Run
from engine.protocol.run_comparison import result_of

REDRAW_MS = 100
TOO_FEW = "Choose two runs or more in the side bar, with Ctrl or Shift."


def title_of(key: str) -> str:
    return f"Compare {formatting.plural(len(ids_of(key)), 'run')}"


class ComparePage(Page):
    """Redraws at most ten times a second, and only while it is in view."""

    def __init__(self, app: App, key: str, library: PlotLibrary, look: PlotLook) -> None:
        super().__init__(app.theme, title_of(key), "graph", "orange")
        self._app, self._ids, self._look, self._library = app, ids_of(key), look, library
        self._drawers = {id: CurveDrawer() for id in self._ids}
        self._timer = QTimer(self, singleShot=True, interval=REDRAW_MS)
        self._timer.timeout.connect(self._on_timer)
        self._dirty = False
        self.header = PageHeader(app.theme, "Compare runs")
        self.header.add_button(
            command_button(app.theme, app.commands, "runs.compare", text="Add a run", icon="add")
        )
        self.plot = OverlayPlot(app.theme, look)
        self.plot.frame.saved.connect(self.save_plot)
        self.table = ComparisonTable(app.theme)
        choose = command_button(app.theme, app.commands, "runs.show", text="Show runs", icon="")
        self.empty = EmptyState(TOO_FEW, choose)
        self._lay_out()
        app.store.runs_changed.connect(self._on_changed)
        app.store.metrics_changed.connect(self._on_changed)
        look.changed.connect(self._mark)
        library.ready.connect(self._attach)
        if library.module is not None:
            self._attach()
        else:
            library.load()
        self._draw()

    def _lay_out(self) -> None:
        px = self._app.theme.px
        self.header_slot.addWidget(self.header)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(px(24), px(16), px(24), px(24))
        column.setSpacing(px(24))
        column.addWidget(self.plot, 1)
        column.addWidget(self.table)
        self._content = scrolled(content)
        self.body.addWidget(self._content)
        self.body.addWidget(self.empty)

    def _attach(self) -> None:
        if self._library.module is not None and self.plot.frame.plot is None:
            self.plot.attach(self._library.module)

    def focus_first(self) -> None:
        (self.plot.figure if self.runs else self.empty).setFocus()

    def shown(self) -> None:
        if self._dirty:
            self._draw()

    @property
    def runs(self) -> list[Run]:
        """Those of them that there are; one alone is no comparison."""
        runs = [run for id in self._ids if (run := self._app.store.runs.get(id)) is not None]
        return runs if len(runs) > 1 else []

    def _on_changed(self, changed: set[str]) -> None:
        if changed & self._drawers.keys():
            self._mark()

    def _mark(self) -> None:
        self._dirty = True
        if self.isVisible() and not self._timer.isActive():
            self._draw()
            self._timer.start()

    def _on_timer(self) -> None:
        if self._dirty and self.isVisible():
            self._draw()
            self._timer.start()

    def _draw(self) -> None:
        self._dirty = False
        runs = self.runs
        self._content.setVisible(bool(runs))
        self.empty.setVisible(not runs)
        self.header.meta.setText(" · ".join(f"Run {run.number}" for run in runs))
        points = [self._app.store.metrics.of(run.id) for run in runs]
        self.plot.show_series(
            [
                Series(
                    name=f"{run.number} {run.name}",
                    tone=tone,
                    curves=self._drawers[run.id].follow(each, self._look.smoothing),
                )
                for run, tone, each in zip(runs, COLOURS, points, strict=False)
            ]
        )
        results = [result_of(run, each) for run, each in zip(runs, points, strict=True)]
        self.table.show_runs(runs, results)

    def save_plot(self, kind: str) -> None:
        """Ask where, then write: the picture of the plot, or the points of all runs."""
        name = "runs-" + "-".join(str(run.number) for run in self.runs)
        ask_where(self, kind, name, lambda path: self.write(kind, path))

    def write(self, kind: str, path: Path) -> None:
        try:
            if kind == "png":
                save_picture((self.plot, self.table), path, self._app.theme)
            else:
                save_comparison(
                    [(run.number, self._app.store.metrics.of(run.id)) for run in self.runs], path
                )
        except Refused as refusal:
            self._app.notifications.problem(refusal.problem)
            return
        self._app.notifications.show(f"Saved {path.name}.", "done")
