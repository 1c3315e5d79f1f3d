"""How the table of rows is painted: the names of its columns, its cells, and what is pending."""

from collections.abc import Callable

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.core.tokens import Role, Token
from desktop.features.datasets.pending_rows import ADDED, EDITED, REMOVED
from desktop.features.datasets.rows_model import MARK, NUMBER, TOKENS, Index, RowsModel

LEFT, RIGHT = 24, 2  # px at the edges of the table
ARROW = 12  # px


def margins(theme: Theme, column: str, spare: int) -> tuple[int, int]:
    """Left and right of a cell's text."""
    px = theme.px
    if column == NUMBER:
        return px(LEFT), px(8)
    return (px(8), px(RIGHT) + spare) if column == TOKENS else (0, px(16))


def side_of(column: str) -> int:
    side = Qt.AlignmentFlag.AlignRight if column == TOKENS else Qt.AlignmentFlag.AlignLeft
    return int(Qt.AlignmentFlag.AlignVCenter | side)


class ColumnNames(QHeaderView):
    """The header, with its text where the cells have theirs; a click on a name sorts by it."""

    def __init__(self, theme: Theme, table: QTableView, spare: Callable[[], int]) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self._theme, self._spare = theme, spare
        self._sort, self._descending = "", False
        self._over = -1
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(10)
        self.setMouseTracking(True)
        self.sectionEntered.connect(self._on_entered)

    def show_sort(self, column: str, descending: bool) -> None:
        self._sort, self._descending = column, descending
        self.viewport().update()

    def _on_entered(self, section: int) -> None:
        self._over = section

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        name = str(self.model().headerData(section, Qt.Orientation.Horizontal) or "")
        left, right = margins(self._theme, name, self._spare())
        box = rect.adjusted(left, 0, -right, -1)
        on = name == self._sort
        painter.save()
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.colour("text" if on else "text3"))
        metrics = self._theme.metrics("small")
        room = box.width() - (self._theme.px(ARROW + 4) if on else 0)
        cut = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(box, side_of(name), cut)
        if on:
            self._paint_arrow(painter, box, metrics.horizontalAdvance(cut), name == TOKENS)
        line = self._theme.colour("line")
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, line)
        painter.restore()

    def _paint_arrow(self, painter: QPainter, box: QRect, text: int, at_right: bool) -> None:
        """Behind the name; before it where the name stands at the right edge."""
        side, gap = self._theme.px(ARROW), self._theme.px(4)
        left = box.right() + 1 - text - gap - side if at_right else box.left() + text + gap
        area = QRectF(left, box.center().y() - side / 2 + 1, side, side)
        icon = "arrow-down" if self._descending else "arrow-up"
        paint_glyph(painter, icon, area, self._theme.colour("accent"))


class RowPainter(QStyledItemDelegate):
    """Cells of one line; the whole row is one selection."""

    def __init__(
        self,
        theme: Theme,
        table: QTableView,
        severity_of: Callable[[int], str],
        spare: Callable[[], int],
    ) -> None:
        super().__init__(table)
        self._theme, self._table = theme, table
        self._severity_of, self._spare = severity_of, spare

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(50, self._theme.px(29))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        column, mark = self._column(index), index.data(MARK)
        painter.save()
        self._ground(painter, rect, chosen=chosen, mark=mark)
        if chosen and self._table.hasFocus() and index == self._table.currentIndex():
            self._cell_frame(painter, rect, column)
        left, right = margins(self._theme, column, self._spare())
        box = rect.adjusted(left, 0, -right, 0)
        self._text(painter, box, index, chosen=chosen, mark=mark)
        if column == NUMBER:
            self._sign(painter, rect, index, mark)
        painter.restore()

    def _column(self, index: Index) -> str:
        model = self._table.model()
        assert isinstance(model, RowsModel)
        return model.columns[index.column()]

    def _ground(self, painter: QPainter, rect: QRect, *, chosen: bool, mark: str) -> None:
        colour = self._theme.colour
        if mark == EDITED and not chosen:
            wider = self._theme.px(8)
            painter.fillRect(rect.adjusted(-wider, 0, -wider, -1), colour("accentSoft"))
        if chosen:
            focused = self._table.hasFocus()
            painter.fillRect(rect, colour("selActive" if focused else "sel"))
            if focused:
                painter.setPen(colour("accent"))
                painter.drawLine(rect.topLeft(), rect.topRight())
                painter.drawLine(rect.bottomLeft(), rect.bottomRight())
            if mark == EDITED:  # the selection covers the ground: a bar at the cell's edge tells
                bar = self._theme.px(2)
                painter.fillRect(rect.left() - self._theme.px(8), rect.top() + 1,
                                 bar, rect.height() - 2, colour("accent"))  # fmt: skip
        else:
            painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, colour("grid"))

    def _cell_frame(self, painter: QPainter, rect: QRect, column: str) -> None:
        """Which cell F2 opens, once the arrow keys have gone to one."""
        if column not in (NUMBER, TOKENS):
            painter.setPen(self._theme.colour("accent"))
            painter.drawRect(rect.adjusted(-self._theme.px(4), 2, -self._theme.px(5), -3))

    def _text(
        self, painter: QPainter, box: QRect, index: Index, *, chosen: bool, mark: str
    ) -> None:
        column = self._column(index)
        text = str(index.data() or "")
        code = text.startswith(("{", "[", "<")) and column not in (NUMBER, TOKENS)
        role: Role = "mono" if code else "body"
        tone: Token = "text" if index.column() == 1 else "text2"
        if column == NUMBER:
            tone = "text2" if chosen else "text3"
        font = self._theme.font(role)
        if mark == REMOVED:
            font.setStrikeOut(column != NUMBER)
            tone = "text2" if chosen else "text3"
        painter.setFont(font)
        painter.setPen(self._theme.colour(tone))
        cut = self._theme.metrics(role).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, side_of(column), cut)
        font.setStrikeOut(False)

    def _sign(self, painter: QPainter, rect: QRect, index: Index, mark: str) -> None:
        """Beside the number: what is to become of the row, or how bad what was found is."""
        number = str(index.data() or "")
        if mark == ADDED:
            icon, tone = "add", "accent"
        elif mark == REMOVED:
            icon, tone = "trash", "text3"
        else:
            severity = self._severity_of(int(number)) if number else ""
            icon, tone = ("error", "err") if severity == "error" else ("warning", "warn")
            if not severity:
                return
        px = self._theme.px
        beside = self._theme.metrics("body").horizontalAdvance(number) + px(6) if number else 0
        left = rect.left() + px(LEFT) + beside
        box = QRectF(left, rect.center().y() - px(7) + 1, px(14), px(14))
        paint_glyph(painter, icon, box, self._theme.colour(tone))  # type: ignore[arg-type]
