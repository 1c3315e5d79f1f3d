"""A packed batch as one bar, and each of its rows as one."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from desktop.core import formatting
from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.workbench.painted_button import PaintedButton
from engine.protocol.records import PackedBatch, PackedRow

GAP = 2.0  # px between two rows
HIGH, LINE, BAR = 32, 32, 10  # px at 100 %
NUMBER, CUT, COUNT = 72, 120, 168  # px of a line's columns


def paint_row(painter: QPainter, theme: Theme, box: QRectF, row: PackedRow) -> None:
    """What is masked, then what carries loss: the share of each, not where in the row it is."""
    loss = box.width() * row.supervised / max(row.tokens, 1)
    masked = QRectF(box.left(), box.top(), box.width() - loss, box.height())
    painter.fillRect(masked, theme.colour("track"))
    painter.fillRect(QRectF(masked.right(), box.top(), loss, box.height()), theme.colour("accent"))


def words_of(row: PackedRow, limit: int) -> str:
    """ "Row 83: 97 tokens, 10 carry loss"."""
    cut = f", {formatting.plural(row.cut, 'token')} cut at {limit:,}" if row.cut else ""
    tokens = formatting.plural(row.tokens, "token")
    return f"Row {row.number:,}: {tokens}, {row.supervised:,} carry loss{cut}"


class PackedBar(QWidget):
    """All rows of the batch end to end; `chosen` carries the number of the one clicked."""

    chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._batch: PackedBatch | None = None
        self._limit = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_batch(self, batch: PackedBatch, limit: int) -> None:
        self._batch, self._limit = batch, limit
        self.setAccessibleName(
            f"{len(batch.rows)} rows end to end, {batch.tokens} tokens,"
            f" {batch.supervised} carry loss"
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self._theme.px(HIGH))

    def boxes(self) -> list[tuple[QRectF, PackedRow]]:
        """Where each row is."""
        if self._batch is None:
            return []
        rows, left, found = self._batch.rows, 0.0, []
        room = self.width() - GAP * (len(rows) - 1)
        for row in rows:
            wide = room * row.tokens / max(self._batch.tokens, 1)
            found.append((QRectF(left, 0, wide, self.height()), row))
            left += wide + GAP
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics = self._theme.metrics("small")
        painter.setFont(self._theme.font("small"))
        for box, row in self.boxes():
            paint_row(painter, self._theme, box, row)
            if row.cut:
                end = QRectF(box.right() - 2, 0, 2, box.height())
                painter.fillRect(end, self._theme.colour("warn"))
            masked = box.width() * (1 - row.supervised / max(row.tokens, 1))
            text = f"{row.number:,}"
            if metrics.horizontalAdvance(text) + 12 < masked:
                painter.setPen(self._theme.colour("text"))
                painter.drawText(box.adjusted(6, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), text)
        painter.end()

    def _row_at(self, x: float) -> PackedRow | None:
        return next((row for box, row in self.boxes() if box.left() <= x <= box.right()), None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position().x())
        if row is not None and event.button() is Qt.MouseButton.LeftButton:
            self.chosen.emit(row.number)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self._row_at(event.pos().x())
            if row is not None:
                QToolTip.showText(event.globalPos(), words_of(row, self._limit), self)
            return True
        return super().event(event)


class PackedLine(PaintedButton):
    """Number, bar, tokens: one row of the batch, which a click shows in the table."""

    def __init__(self, theme: Theme, row: PackedRow, *, longest: int, limit: int) -> None:
        super().__init__()
        self._theme, self.row, self._longest = theme, row, longest
        self.setText(f"{row.tokens:,} tokens, {row.supervised:,} with loss")
        self.setAccessibleName(words_of(row, limit))
        self.setToolTip(f"{words_of(row, limit)}. Click to see it.")
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(320), self._theme.px(LINE))

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        painter = QPainter(self)
        lit = self.underMouse() or self.hasFocus()
        painter.fillRect(0, self.height() - 1, self.width(), 1, colour("grid"))
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(self._theme.font("body"))
        painter.setPen(colour("accent" if lit else "text2"))
        painter.drawText(QRectF(0, 0, px(NUMBER), self.height()), middle, f"{self.row.number:,}")
        room = self.width() - px(NUMBER) - px(COUNT) - px(CUT)
        wide = room * self.row.tokens / max(self._longest, 1)
        top = (self.height() - px(BAR)) / 2
        paint_row(painter, self._theme, QRectF(px(NUMBER), top, wide, px(BAR)), self.row)
        if self.row.cut:
            left = px(NUMBER) + room + px(12)
            side = px(14)
            box = QRectF(left, (self.height() - side) / 2, side, side)
            paint_glyph(painter, "warning", box, colour("warn"))
            painter.setPen(colour("warn"))
            words = QRectF(left + px(20), 0, px(CUT), self.height())
            painter.drawText(words, middle, f"{self.row.cut:,} cut")
        painter.setPen(colour("text2"))
        counts = QRectF(self.width() - px(COUNT), 0, px(COUNT), self.height())
        painter.drawText(counts, middle | int(Qt.AlignmentFlag.AlignRight), self.text())
        painter.end()
