"""A small plot of one figure over the steps: its range as two lines, its last value above."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.core.theme import Theme
from desktop.features.training.curves import Line, nice_ticks, round_above, span_of
from desktop.features.training.plot_frame import PlotFrame, Ticks
from desktop.workbench.label import Label

HIGH = 118


class SmallPlot(QWidget):
    """`word` writes a value; `from_zero` keeps zero in view, `top` a known highest value."""

    def __init__(
        self,
        theme: Theme,
        title: str,
        word: Callable[[float], str],
        *,
        from_zero: bool,
        top: float | None = None,
    ) -> None:
        super().__init__()
        self._word, self._from_zero, self._top = word, from_zero, top
        self._line = Line()
        self._item: Any = None
        self._value = Label("", "meta", "text2")
        self.frame = PlotFrame(theme, f"{title} by step", margins=(0, 18, 0, 6), labels="above")
        self.frame.y_ticks = self._y_ticks
        self.frame.tell = self._tell
        self.frame.drawn.connect(self._add_line)
        head = QHBoxLayout()
        head.addWidget(Label(title, "section"))
        head.addStretch()
        head.addWidget(self._value)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.frame, 1)
        self.setFixedHeight(theme.px(HIGH))

    @property
    def known(self) -> bool:
        """Whether it has anything to draw."""
        return bool(self._line.values)

    def attach(self, library: ModuleType) -> None:
        self.frame.attach(library)

    def _add_line(self) -> None:
        self._item = self.frame.add_line(rough=True)
        self.frame.on_theme(lambda: self._item.setPen(self.frame.pen("text2", 1.2)))
        self._fill()

    def show_line(self, line: Line, total_steps: int) -> None:
        self._line = line
        self._value.setText(self._word(line.last) if line.last is not None else "–")
        low, high = self._range()
        last_step = line.steps[-1] if line.steps else 1.0
        self.frame.set_home(0.0, max(float(total_steps), last_step), low, high)
        self._fill()

    def _range(self) -> tuple[float, float]:
        """Round ends."""
        if not self._line.values:
            return (0.0, 1.0)
        if self._from_zero:
            return (0.0, self._top or round_above(max(self._line.values)))
        low, high = span_of(self._line)
        ticks = nice_ticks(low, high, 4)
        step = ticks[1] - ticks[0] if len(ticks) > 1 else (high - low) or 1.0
        return (max(0.0, (low // step) * step), (high // step + 1) * step)

    def _fill(self) -> None:
        if self._item is not None:
            self._item.setData(self._line.steps, self._line.values)

    def _y_ticks(self, low: float, high: float) -> Ticks:
        return [(low, self._word(low)), (high, self._word(high))] if self._line.values else []

    def _tell(self, step: float) -> tuple[float, str] | None:
        at = self._line.at(step)
        return None if at is None else (at[0], f"Step {at[0]:.0f}\n{self._word(at[1])}")
