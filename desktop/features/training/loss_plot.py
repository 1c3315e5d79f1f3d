"""Loss: the smooth training line over its raw values, validation with markers, the best step."""

from types import ModuleType
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.core.theme import Theme
from desktop.features.training.curves import Curves, nice_ticks, span_of, step_ticks, tick_text
from desktop.features.training.legend import LegendEntry
from desktop.features.training.plot_frame import PlotFrame, Ticks
from desktop.features.training.run_words import loss
from desktop.workbench.label import Label
from engine.protocol.records import Run

HIGH = 298  # title, plot and axis at 900 px of window
EXPLAINED = "How surprised the model is by the right answer; lower is better."


class LossPlot(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._curves = Curves()
        self._run: Run | None = None
        self._lines: dict[str, Any] = {}
        self.frame = PlotFrame(theme, "Loss by step", margins=(36, 8, 1, 26))
        self.frame.x_ticks = self._x_ticks
        self.frame.y_ticks = self._y_ticks
        self.frame.tell = self._tell
        self.frame.drawn.connect(self._add_lines)
        title = Label("Loss", "section")
        title.setToolTip(EXPLAINED)
        self.training = LegendEntry(theme, "Training", "accent")
        self.validation = LegendEntry(theme, "Validation", "orange")
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(title)
        head.addStretch()
        head.addWidget(self.training)
        head.addWidget(self.validation)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addLayout(head)
        column.addWidget(self.frame, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(theme.px(HIGH))

    def attach(self, library: ModuleType) -> None:
        self._library = library
        self.frame.attach(library)

    def _add_lines(self) -> None:
        frame, library = self.frame, self._library
        self._lines = {
            "raw": frame.add_line(rough=True),
            "smooth": frame.add_line(rough=False),
            "validation": frame.add_line(rough=False),
        }
        dots = library.ScatterPlotItem(size=6, pxMode=True, antialias=True)
        ring = library.ScatterPlotItem(size=11, pxMode=True, antialias=True)
        for name, item in (("dots", dots), ("ring", ring)):
            frame.plot.addItem(item)
            self._lines[name] = item
        frame.on_theme(self._colour)
        self._fill()

    def _colour(self) -> None:
        pen = self.frame.pen
        self._lines["raw"].setPen(pen("accent", 1, 0.25))
        self._lines["smooth"].setPen(pen("accent", 2))
        self._lines["validation"].setPen(pen("orange", 2))
        self._lines["dots"].setPen(None)
        self._lines["dots"].setBrush(self._theme.colour("orange"))
        self._lines["ring"].setPen(pen("ok", 2))
        self._lines["ring"].setBrush(self._theme.colour("editor"))

    def show_run(self, run: Run, curves: Curves) -> None:
        self._run, self._curves = run, curves
        last_train, last_validation = curves.smooth.last, curves.validation.last
        self.training.set_value(loss(last_train) if last_train is not None else "–")
        self.validation.set_value(loss(last_validation) if last_validation is not None else "–")
        has_best = run.best_step is not None and run.best_loss is not None
        self.frame.mark = (
            (float(run.best_step or 0), f"best {loss(run.best_loss or 0)}") if has_best else None
        )
        last_step = max((*curves.train.steps[-1:], *curves.validation.steps[-1:]), default=1.0)
        low, high = span_of(curves.train, curves.validation)
        self.frame.set_home(0.0, max(float(run.total_steps), last_step), low, high)
        self._fill()

    def _fill(self) -> None:
        if not self._lines:
            return
        curves, run = self._curves, self._run
        self._lines["raw"].setData(*curves.train.drawn(), connect="finite")
        self._lines["smooth"].setData(*curves.smooth.drawn(), connect="finite")
        self._lines["validation"].setData(curves.validation.steps, curves.validation.values)
        self._lines["dots"].setData(curves.validation.steps, curves.validation.values)
        best = run is not None and run.best_step is not None and run.best_loss is not None
        ring = ([run.best_step], [run.best_loss]) if run is not None and best else ([], [])
        self._lines["ring"].setData(*ring)

    def _steps_per_epoch(self) -> float | None:
        run = self._run
        if self._curves.epochs.steps:
            return self._curves.epochs.steps[-1] / self._curves.epochs.values[-1]
        if run is not None and run.total_steps and not run.spec.max_steps:
            return run.total_steps / run.spec.epochs
        return None

    def _x_ticks(self, low: float, high: float) -> Ticks:
        most = max(1, self.frame.width() // self._theme.px(90))
        return step_ticks(low, high, self._steps_per_epoch(), most)

    def _y_ticks(self, low: float, high: float) -> Ticks:
        ticks = nice_ticks(low, high, max(2, self.frame.height() // self._theme.px(50)))
        return [(value, tick_text(value, ticks)) for value in ticks]

    def _tell(self, step: float) -> tuple[float, str] | None:
        curves = self._curves
        raw, smooth = curves.train.at(step), curves.smooth.at(step)
        validation, epoch = curves.validation.at(step), curves.epochs.at(step)
        at = raw or validation
        if at is None:
            return None
        lines = [f"Step {at[0]:.0f}" + (f", epoch {epoch[1]:.2f}" if epoch else "")]
        if raw is not None and smooth is not None:
            lines.append(f"Training {loss(smooth[1])}, this step {loss(raw[1])}")
        if validation is not None:
            lines.append(f"Validation {loss(validation[1])} at step {validation[0]:.0f}")
        return at[0], "\n".join(lines)
