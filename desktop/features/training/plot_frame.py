"""A plot: pyqtgraph draws the lines, the frame around it grid, labels and what the pointer shows.

Drag zooms, a double click resets, the right button offers to save.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any, Literal

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from desktop.core.theme import Theme
from desktop.core.tokens import Token
from desktop.features.training.readout import Readout

Ticks = list[tuple[float, str]]


class PlotFrame(QWidget):
    """`x_ticks` and `y_ticks` give value and text for the range in view."""

    drawn = Signal()  # the lines can be added: `plot` is there
    saved = Signal(str)  # "png" or "csv" was chosen

    def __init__(
        self,
        theme: Theme,
        name: str,
        *,
        margins: tuple[int, int, int, int],  # left, top, right, bottom, px at 100 %
        labels: Literal["beside", "above"] = "beside",
    ) -> None:
        super().__init__()
        self._theme, self._margins, self._labels = theme, margins, labels
        self.plot: Any = None  # pyqtgraph.PlotWidget; the library carries no types
        self._cross: list[Any] = []
        self._colours: list[Callable[[], object]] = []
        self._home = (0.0, 1.0, 0.0, 1.0)
        self.zoomed = False
        self.x_ticks: Callable[[float, float], Ticks] = lambda low, high: []
        self.y_ticks: Callable[[float, float], Ticks] = lambda low, high: []
        self.mark: tuple[float, str] | None = None  # a dashed line with its words
        self.tell: Callable[[float], tuple[float, str] | None] = lambda step: None
        self.readout = Readout(theme, self)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme.changed.connect(self._recolour)

    def attach(self, library: ModuleType) -> None:
        """Make the plot, now that pyqtgraph is there."""
        self.plot = library.PlotWidget(parent=self, background=None)
        self.plot.setFrameShape(self.plot.Shape.NoFrame)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setStyleSheet("background: transparent;")  # the frame paints the grid below
        self.plot.setCacheMode(self.plot.CacheModeFlag.CacheNone)
        for part in (self.plot, self.plot.viewport()):
            part.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        item = self.plot.getPlotItem()
        item.hideButtons()
        item.setMenuEnabled(False)
        item.hideAxis("left")
        item.hideAxis("bottom")
        item.layout.setContentsMargins(0, 0, 0, 0)
        box = item.getViewBox()
        box.setMouseEnabled(False, False)
        box.setMouseMode(box.RectMode)
        box.setDefaultPadding(0)
        box.sigRangeChangedManually.connect(self._on_zoom)
        box.sigRangeChanged.connect(self._on_range)
        self.plot.scene().sigMouseMoved.connect(self._on_move)
        self.plot.viewport().installEventFilter(self)
        self._cross = [library.InfiniteLine(angle=angle) for angle in (90, 0)]
        for line in self._cross:
            self.plot.addItem(line, ignoreBounds=True)
            line.hide()
        self.on_theme(self._colour_cross)
        self._place()
        self.plot.show()
        self._apply_home()
        self.drawn.emit()

    def add_line(self, *, rough: bool) -> Any:
        """An empty line. A rough one keeps the extremes of every two pixels, a smooth one a point.

        Both this and drawing in segments matter: one wide path takes ten times as long.
        """
        line = self.plot.plot(
            [], [], antialias=True, clipToView=True, autoDownsample=True,
            autoDownsampleFactor=0.5, downsampleMethod="peak" if rough else "subsample",
        )  # fmt: skip
        line.curve.setSegmentedLineMode("on")
        return line

    def on_theme(self, colour: Callable[[], object]) -> None:
        """Called now and whenever the theme changes, to give items their colours."""
        self._colours.append(colour)
        colour()

    def pen(self, tone: Token, width: float = 1.0, alpha: float = 1.0) -> QPen:
        colour = QColor(self._theme.colour(tone))
        colour.setAlphaF(alpha)
        pen = QPen(colour, width)
        pen.setCosmetic(True)
        return pen

    def _colour_cross(self) -> None:
        for line in self._cross:
            line.setPen(self.pen("text3"))
        box = self.plot.getPlotItem().getViewBox()
        box.rbScaleBox.setPen(self.pen("accent"))
        ground = QColor(self._theme.colour("accent"))
        ground.setAlphaF(0.15)
        box.rbScaleBox.setBrush(ground)

    def _recolour(self) -> None:
        for colour in self._colours:
            colour()
        self._place()
        self.update()

    # Range.

    def set_home(self, x_low: float, x_high: float, y_low: float, y_high: float) -> None:
        """What is in view unless the person has zoomed."""
        self._home = (x_low, x_high, y_low, y_high)
        self._apply_home()

    def _apply_home(self) -> None:
        if self.plot is not None and not self.zoomed:
            x_low, x_high, y_low, y_high = self._home
            self.plot.setXRange(x_low, max(x_high, x_low + 1e-9), padding=0)
            self.plot.setYRange(y_low, max(y_high, y_low + 1e-12), padding=0)
        self.update()

    def reset(self) -> None:
        self.zoomed = False
        self._apply_home()

    def _on_zoom(self, axes: object) -> None:
        self.zoomed = True

    def _on_range(self, *changed: object) -> None:
        self.update()

    def view(self) -> tuple[float, float, float, float]:
        """x low and high, y low and high as they are in view."""
        if self.plot is None:
            return self._home
        (x_low, x_high), (y_low, y_high) = self.plot.getPlotItem().getViewBox().viewRange()
        return float(x_low), float(x_high), float(y_low), float(y_high)

    # Pointer.

    def _on_move(self, at: QPointF) -> None:
        point = self.plot.getPlotItem().getViewBox().mapSceneToView(at)
        told = self.tell(point.x())
        for line in self._cross:
            line.setVisible(told is not None)
        if told is None:
            self.readout.hide()
            return
        self._cross[0].setPos(told[0])
        self._cross[1].setPos(point.y())
        inner = self._inner()
        self.readout.show_text(told[1], inner, self._x_of(told[0], inner))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonDblClick:
            self.reset()
        if event.type() == QEvent.Type.Leave:
            self.readout.hide()
            for line in self._cross:
                line.hide()
        return False

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Save as PNG…", lambda: self.saved.emit("png"))
        menu.addAction("Save as CSV…", lambda: self.saved.emit("csv"))
        menu.addSeparator()
        menu.addAction("Reset zoom", self.reset).setEnabled(self.zoomed)
        menu.popup(event.globalPos())

    # Looks.

    def _inner(self) -> QRect:
        left, top, right, bottom = (self._theme.px(each) for each in self._margins)
        return self.rect().adjusted(left, top, -right, -bottom)

    def _place(self) -> None:
        if self.plot is not None:
            self.plot.setGeometry(self._inner())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _x_of(self, value: float, inner: QRect) -> float:
        low, high, _, _ = self.view()
        return inner.left() + (value - low) / (high - low) * inner.width()

    def _y_of(self, value: float, inner: QRect) -> float:
        _, _, low, high = self.view()
        return inner.bottom() + 1 - (value - low) / (high - low) * inner.height()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        inner = self._inner()
        x_low, x_high, y_low, y_high = self.view()
        painter.setFont(self._theme.font("small"))
        for value, text in self.y_ticks(y_low, y_high):
            y = round(self._y_of(value, inner))
            painter.fillRect(inner.left(), min(y, inner.bottom()), inner.width(), 1,
                             self._theme.colour("grid"))  # fmt: skip
            self._paint_y_label(painter, inner, y, text)
        for value, text in self.x_ticks(x_low, x_high):
            x = min(round(self._x_of(value, inner)), inner.right())
            painter.fillRect(x, inner.top(), 1, inner.height(), self._theme.colour("grid"))
            self._paint_x_label(painter, inner, x, text)
        self._paint_mark(painter, inner, x_low, x_high)
        if self.hasFocus():
            painter.setPen(self._theme.colour("accent"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_y_label(self, painter: QPainter, inner: QRect, y: int, text: str) -> None:
        px = self._theme.px
        painter.setPen(self._theme.colour("text3"))
        if self._labels == "above":
            box = QRectF(inner.left(), y - px(17), inner.width(), px(16))
        else:
            box = QRectF(0, y - px(8), inner.left() - px(8), px(16))
        painter.drawText(
            box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text
        )

    def _paint_x_label(self, painter: QPainter, inner: QRect, x: int, text: str) -> None:
        width = self._theme.metrics("small").horizontalAdvance(text) + 2
        left = min(max(x - width / 2, inner.left()), inner.right() + 1 - width)
        painter.setPen(self._theme.colour("text3"))
        top = inner.bottom() + self._theme.px(8)
        painter.drawText(QRectF(left, top, width, self._theme.px(16)),
                         int(Qt.AlignmentFlag.AlignCenter), text)  # fmt: skip

    def _paint_mark(self, painter: QPainter, inner: QRect, x_low: float, x_high: float) -> None:
        if self.mark is None or not x_low <= self.mark[0] <= x_high:
            return
        x = round(self._x_of(self.mark[0], inner)) + 0.5
        pen = QPen(self._theme.colour("ok"), 1)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawLine(QPointF(x, inner.top()), QPointF(x, inner.bottom()))
        width = self._theme.metrics("small").horizontalAdvance(self.mark[1]) + 2
        gap = self._theme.px(8)
        left = x - gap - width if x - gap - width > inner.left() else x + gap
        painter.drawText(QRectF(left, inner.top() + self._theme.px(2), width, self._theme.px(16)),
                         int(Qt.AlignmentFlag.AlignCenter), self.mark[1])  # fmt: skip
