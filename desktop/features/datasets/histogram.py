"""The lengths of a dataset's rows as bars, with the limit that cuts them."""

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from desktop.core import formatting
from desktop.core.theme import Theme
from engine.protocol.records import TokenStats

PLOT, AXIS = 56, 20  # px at 100 %
NEAR = 1.6  # a limit farther than this times the longest row is named, not drawn


class Histogram(QWidget):
    """`chosen` carries the shortest and the longest length of the bar that was clicked."""

    chosen = Signal(int, int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._stats: TokenStats | None = None
        self._limit = 0
        self._hovered = -1
        self._lit = (0, 0)  # the lengths that are shown alone
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_stats(self, stats: TokenStats | None, limit: int) -> None:
        self._stats, self._limit = stats, limit
        if stats is not None:
            self.setAccessibleName(
                f"Lengths: mean {stats.mean:.0f}, 95 per cent up to {stats.p95}, "
                f"longest {stats.longest}, limit {limit} tokens"
            )
        self.update()

    @property
    def stats(self) -> TokenStats | None:
        return self._stats

    def show_chosen(self, shortest: int, longest: int) -> None:
        """The bar whose rows alone are in the table."""
        self._lit = (shortest, longest)
        self.update()

    def ends_of(self, at: int) -> tuple[int, int]:
        """The lengths that a bar counts; the last one's end is its own."""
        assert self._stats is not None
        edges = self._stats.bin_edges
        last = at == len(self._stats.bin_counts) - 1
        return edges[at], edges[at + 1] if last else edges[at + 1] - 1

    def sizeHint(self) -> QSize:
        return QSize(200, self._theme.px(PLOT + AXIS))

    @property
    def limit_is_near(self) -> bool:
        stats = self._stats
        return stats is not None and self._limit <= max(stats.longest, 1) * NEAR

    def _range(self) -> tuple[float, float]:
        assert self._stats is not None
        low, high = self._stats.bin_edges[0], self._stats.bin_edges[-1]
        if self.limit_is_near:
            high = max(high, round(self._limit * 1.02))
        return float(low), float(max(high, low + 1))

    def _x(self, tokens: float) -> float:
        low, high = self._range()
        return (tokens - low) / (high - low) * self.width()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        base = self._theme.px(PLOT)
        if self._stats is not None and self._stats.bin_counts:
            self._paint_bars(painter, self._stats, base)
            self._paint_lines(painter, self._stats, base)
            self._paint_axis(painter, self._stats, base)
        painter.end()

    def _paint_bars(self, painter: QPainter, stats: TokenStats, base: int) -> None:
        most = max(stats.bin_counts) or 1
        room = base - self._theme.px(6)
        for at, count in enumerate(stats.bin_counts):
            left, right = self._x(stats.bin_edges[at]), self._x(stats.bin_edges[at + 1])
            high = max(count / most * room, 1.0 if count else 0.0)
            colour = QColor(self._theme.colour("accent"))
            lit = at == self._hovered or self.ends_of(at) == self._lit
            colour.setAlphaF(1.0 if lit else 0.35 if any(self._lit) else 0.78)
            painter.fillRect(QRectF(left, base - high, max(right - left - 1, 1), high), colour)
        painter.fillRect(0, base, self.width(), 1, self._theme.colour("lineStrong"))

    def _paint_lines(self, painter: QPainter, stats: TokenStats, base: int) -> None:
        mean = QPen(self._theme.colour("text2"))
        mean.setDashPattern([2, 2])
        painter.setPen(mean)
        x = round(self._x(stats.mean))
        painter.drawLine(x, 0, x, base)
        if self.limit_is_near:
            limit = QPen(self._theme.colour("warn"))
            limit.setDashPattern([3, 3])
            painter.setPen(limit)
            x = min(round(self._x(self._limit)), self.width() - 1)
            painter.drawLine(x, 0, x, base)

    def _paint_axis(self, painter: QPainter, stats: TokenStats, base: int) -> None:
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.colour("text3"))
        limit = f"limit {self._limit:,}"
        taken: list[tuple[float, float]] = []
        at_limit = self._x(self._limit) if self.limit_is_near else self.width()
        labels = (
            (self._x(stats.bin_edges[0]), f"{stats.bin_edges[0]:,}"),
            (at_limit, limit),
            (self._x(stats.mean), f"{stats.mean:,.0f}"),
            (self._x(stats.p95), f"{stats.p95:,}"),
        )
        for x, text in labels:
            width = self._theme.metrics("small").horizontalAdvance(text)
            left = min(max(x - width / 2, 0), self.width() - width)
            if any(left < end + 6 and left + width > start - 6 for start, end in taken):
                continue  # a label never stands on another
            taken.append((left, left + width))
            box = QRectF(left, base + 2, width + 1, self._theme.px(AXIS) - 2)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), text)

    def _bin_at(self, where: QPoint) -> int:
        if self._stats is None:
            return -1
        edges = self._stats.bin_edges
        for at in range(len(self._stats.bin_counts)):
            if self._x(edges[at]) <= where.x() < self._x(edges[at + 1]):
                return at
        return -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hovered = self._bin_at(event.position().toPoint())
        if hovered != self._hovered:
            self._hovered = hovered
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at = self._bin_at(event.position().toPoint())
        left = event.button() is Qt.MouseButton.LeftButton
        if left and at >= 0 and self._stats is not None and self._stats.bin_counts[at]:
            self.chosen.emit(*self.ends_of(at))

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = self._bin_at(event.pos())
            if at >= 0 and self._stats is not None:
                first, end = self.ends_of(at)
                rows = formatting.plural(self._stats.bin_counts[at], "row")
                told = f"{first:,} to {end:,} tokens: {rows}"
                more = ". Click to see only these." if self._stats.bin_counts[at] else ""
                QToolTip.showText(event.globalPos(), told + more, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)
