"""One figure of several runs over each other, each in its colour."""

from dataclasses import dataclass
from types import ModuleType
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.core import formatting
from desktop.core.theme import Theme
from desktop.core.tokens import Token
from desktop.features.training.comparisons import COLOURS
from desktop.features.training.curves import (
    Curves,
    Line,
    logarithm,
    nice_ticks,
    span_of,
    time_ticks,
)
from desktop.features.training.figures import AXES, FIGURES, Figure, axis_words, on_axis
from desktop.features.training.legend import LegendEntry
from desktop.features.training.plot_controls import PlotControls
from desktop.features.training.plot_frame import PlotFrame, Ticks
from desktop.features.training.plot_look import PlotLook
from desktop.features.training.value_ticks import value_ticks
from desktop.workbench.fields import Combo
from desktop.workbench.label import Label

HIGH = 320
COMBO, AXIS = 168, 104  # px at 100 %


@dataclass(frozen=True, kw_only=True)
class Series:
    """A run's curves with what the legend calls it."""

    name: str
    tone: Token
    curves: Curves


class OverlayPlot(QWidget):
    def __init__(self, theme: Theme, look: PlotLook) -> None:
        super().__init__()
        self._theme, self._look = theme, look
        self._library: ModuleType | None = None
        self._series: list[Series] = []
        self._items: list[dict[str, Any]] = []
        self.figure = _combo(theme, "Figure", [each.title for each in FIGURES], COMBO)
        self.axis = _combo(theme, "Axis", AXES, AXIS)
        self.controls = PlotControls(theme, look)
        self.frame = PlotFrame(theme, "Runs over each other", margins=(56, 8, 1, 26))
        self.frame.x_ticks = self._x_ticks
        self.frame.y_ticks = self._y_ticks
        self.frame.tell = self._tell
        self.frame.drawn.connect(self._add_lines)
        self._legend = QHBoxLayout()
        self._legend.setSpacing(theme.px(16))
        self.entries: list[LegendEntry] = []
        self.nothing = Label("None of these runs has measured it.", "meta", "text3")
        for combo in (self.figure, self.axis):
            combo.currentIndexChanged.connect(self._on_choice)
        self._lay_out()

    def _lay_out(self) -> None:
        px = self._theme.px
        head = QHBoxLayout()
        head.setSpacing(px(12))
        head.addWidget(self.figure)
        head.addWidget(self.axis)
        head.addWidget(self.controls)
        head.addStretch()
        legend = QHBoxLayout()
        legend.setSpacing(px(16))
        legend.addLayout(self._legend)
        legend.addWidget(self.nothing)
        legend.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        column.addLayout(head)
        column.addLayout(legend)
        column.addWidget(self.frame, 1)
        self.setMinimumHeight(px(HIGH))

    def attach(self, library: ModuleType) -> None:
        self._library = library
        self.frame.attach(library)

    def _add_lines(self) -> None:
        """Room for every colour; the second series and those after it have markers too."""
        assert self._library is not None
        for _ in COLOURS:
            dots = self._library.ScatterPlotItem(size=6, pxMode=True, antialias=True)
            items = {
                "rough": self.frame.add_line(rough=True),
                "main": self.frame.add_line(rough=False),
                "dots": dots,
            }
            self.frame.plot.addItem(dots)
            self._items.append(items)
        self.frame.on_theme(self._colour)
        self._fill()

    def _colour(self) -> None:
        for tone, items in zip(COLOURS, self._items, strict=True):
            items["rough"].setPen(self.frame.pen(tone, 1, 0.2))
            items["main"].setPen(self.frame.pen(tone, 2))
            items["dots"].setPen(None)
            items["dots"].setBrush(self._theme.colour(tone))

    def show_series(self, series: list[Series]) -> None:
        self._series = series
        if [entry.name for entry in self.entries] != [each.name for each in series]:
            self._fill_legend()
        self._fill()

    def _fill_legend(self) -> None:
        while (item := self._legend.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.entries = [LegendEntry(self._theme, each.name, each.tone) for each in self._series]
        for entry in self.entries:
            self._legend.addWidget(entry)

    def _on_choice(self) -> None:
        self.frame.zoomed = False
        self._fill()

    @property
    def shown(self) -> Figure:
        return FIGURES[self.figure.currentIndex()]

    def _line(self, series: Series) -> Line:
        return on_axis(self.shown.main(series.curves), series.curves, self.axis.currentText())

    def _scaled(self, line: Line) -> Line:
        return logarithm(line) if self._look.logarithmic else line

    def _fill(self) -> None:
        figure, axis = self.shown, self.axis.currentText()
        lines = [self._scaled(self._line(each)) for each in self._series]
        for entry, series in zip(self.entries, self._series, strict=True):
            last = figure.main(series.curves).last
            entry.set_value(figure.word(last) if last is not None else "–")
        low, high = span_of(*lines)
        last_place = max((line.steps[-1] for line in lines if line.steps), default=1.0)
        self.frame.set_home(0.0, last_place * 1.01, low, high)
        self.nothing.setVisible(bool(lines) and not any(line.steps for line in lines))
        for number, items in enumerate(self._items):
            line = lines[number] if number < len(lines) else Line()
            rough = Line()
            if figure.rough is not None and number < len(lines):
                curves = self._series[number].curves
                rough = self._scaled(on_axis(figure.rough(curves), curves, axis))
            items["main"].setData(line.steps, line.values)
            items["rough"].setData(rough.steps, rough.values)
            marks = line if figure.marked else _marks(line) if number else Line()
            items["dots"].setData(marks.steps, marks.values)

    def _x_ticks(self, low: float, high: float) -> Ticks:
        most = max(1, self.frame.width() // self._theme.px(110))
        axis = self.axis.currentText()
        if axis == "By time":
            times = time_ticks(low, high, most)
            return [(each, formatting.duration(each) if each else "0") for each in times]
        ticks = nice_ticks(low, high, most)
        if axis == "By epoch":
            return [(tick, f"epoch {tick:g}") for tick in ticks]
        return [(tick, f"step {tick:.0f}") for tick in ticks if tick % 1 == 0]

    def _y_ticks(self, low: float, high: float) -> Ticks:
        most = max(2, self.frame.height() // self._theme.px(50))
        logarithmic = self._look.logarithmic
        places = value_ticks(low, high, most, logarithmic=logarithmic)
        if self.shown.title.endswith("loss"):
            return places
        word = self.shown.word
        return [(place, word(10**place if logarithmic else place)) for place, _ in places]

    def _tell(self, place: float) -> tuple[float, str] | None:
        found = [(each, self._line(each).at(place)) for each in self._series]
        known = [(each, at) for each, at in found if at is not None]
        if not known:
            return None
        nearest = min((at[0] for _, at in known), key=lambda x: abs(x - place))
        words = [f"{each.name}: {self.shown.word(at[1])}" for each, at in known]
        return nearest, "\n".join([axis_words(nearest, self.axis.currentText()), *words])


def _marks(line: Line) -> Line:
    """A point in every twentieth of the line, so that it is not told by its colour alone."""
    stride = max(1, len(line.steps) // 20)
    return Line(line.steps[::stride], line.values[::stride])


def _combo(theme: Theme, name: str, titles: "tuple[str, ...] | list[str]", width: int) -> Combo:
    combo = Combo(theme, name)
    combo.addItems(list(titles))
    combo.setFixedWidth(theme.px(width))
    return combo
