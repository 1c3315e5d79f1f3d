"""Loss: the smooth training line over its raw values, validation with markers, the best step."""

from types import ModuleType
from typing import Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.core.theme import Theme
from desktop.features.training.curves import Curves, Line, logarithm, span_of, step_ticks
from desktop.features.training.legend import LegendEntry
from desktop.features.training.plot_controls import PlotControls
from desktop.features.training.plot_frame import PlotFrame, Ticks
from desktop.features.training.plot_look import PlotLook
from desktop.features.training.run_words import loss
from desktop.features.training.value_ticks import value_ticks
from desktop.workbench.label import Label
from engine.protocol.records import Run

HIGH = 298  # title, plot and axis at 900 px of window
ROOM_FOR_CONTROLS = 620  # px; narrower plots leave them to the commands
EXPLAINED = "How surprised the model is by the right answer; lower is better."


class LossPlot(QWidget):
    def __init__(self, theme: Theme, look: PlotLook) -> None:
        super().__init__()
        self._theme, self._look = theme, look
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
        self.controls = PlotControls(theme, look)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(title)
        head.addWidget(self.controls)
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

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.controls.setVisible(self.width() >= self._theme.px(ROOM_FOR_CONTROLS))
        super().resizeEvent(event)

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
        low, high = span_of(self._scaled(curves.train), self._scaled(curves.validation))
        self.frame.set_home(0.0, max(float(run.total_steps), last_step), low, high)
        self._fill()

    def _scaled(self, line: Line) -> Line:
        return logarithm(line) if self._look.logarithmic else line

    def _fill(self) -> None:
        if not self._lines:
            return
        curves = self._curves
        lines = {
            "raw": curves.train,
            "smooth": curves.smooth,
            "validation": curves.validation,
            "dots": curves.validation,
            "ring": self._best(),
        }
        for name, line in lines.items():
            scaled = self._scaled(line)
            self._lines[name].setData(*scaled.drawn(), connect="finite")

    def _best(self) -> Line:
        line, run = Line(), self._run
        if run is not None and run.best_step is not None:
            line.add(run.best_step, run.best_loss)
        return line

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
        most = max(2, self.frame.height() // self._theme.px(50))
        return value_ticks(low, high, most, logarithmic=self._look.logarithmic)

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
