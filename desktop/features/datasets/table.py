"""The table of a dataset's rows."""

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.core.tokens import Role, Token
from desktop.features.datasets.rows_model import NUMBER, TOKENS, Index, RowsModel

NUMBER_WIDTH, TOKENS_WIDTH, LEFT, RIGHT = 92, 62, 24, 2
BAR = 10  # px the scroll bar takes; without it the right margin has them


class RowTable(QTableView):
    """`current(number)` follows the selected row; rows with findings carry their mark."""

    current = Signal(object)  # the row's number, or None

    def __init__(self, theme: Theme, rows: RowsModel, severity_of: Callable[[int], str]) -> None:
        super().__init__()
        self._theme, self._rows = theme, rows
        self._wish: int | None = None  # a row's number to select once it is there
        self.setModel(rows)
        self.setItemDelegate(RowPainter(theme, self, severity_of))
        self.setAccessibleName("Rows")
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setHorizontalHeader(ColumnNames(theme, self))
        self.selectionModel().currentRowChanged.connect(self._on_current)
        rows.modelReset.connect(self._on_reset)
        rows.arrived.connect(self._on_arrived)
        self.verticalScrollBar().rangeChanged.connect(self._fit)
        theme.changed.connect(self._resize)
        self._resize()

    def select_row(self, number: int) -> None:
        """Select the row of that number; only rows of the whole dataset have a known place."""
        at = min(max(number - 1, 0), max(self._rows.total - 1, 0))
        self._wish = number
        index = self._rows.index(at, 0)
        self.setCurrentIndex(index)
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def step(self, by: int) -> None:
        at = self.currentIndex().row() + by
        if 0 <= at < self._rows.total:
            self.setCurrentIndex(self._rows.index(at, 0))

    def _on_current(self, index: QModelIndex, before: QModelIndex) -> None:
        line = self._rows.line(index.row()) if index.isValid() else None
        if line is not None:
            self._wish = None
            self.current.emit(line.row.number)
        elif not self._rows.total:
            self.current.emit(None)

    def _on_reset(self) -> None:
        self._fit()
        if not self._rows.total:
            self.current.emit(None)

    def _on_arrived(self, page: int) -> None:
        if not self._rows.total:
            return
        if not self.currentIndex().isValid():
            self.setCurrentIndex(self._rows.index(0, 0))
        else:
            self._on_current(self.currentIndex(), QModelIndex())

    def _resize(self) -> None:
        self.verticalHeader().setDefaultSectionSize(self._theme.px(29))
        self.horizontalHeader().setFixedHeight(self._theme.px(28))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _tokens_width(self) -> int:
        return self._theme.px(TOKENS_WIDTH) + self.spare

    @property
    def spare(self) -> int:
        """What stands at the right edge in place of the scroll bar."""
        return 0 if self.verticalScrollBar().maximum() > 0 else BAR

    def _fit(self) -> None:
        """Numbers and tokens keep their width; the first text column gets the larger part."""
        head, px = self.horizontalHeader(), self._theme.px
        count = len(self._rows.columns) - 2
        if count < 1 or head.count() != count + 2:
            return
        room = max(self.viewport().width() - px(NUMBER_WIDTH) - self._tokens_width(), count * 10)
        weights = [1.5 if at == 0 and count > 1 else 1.0 for at in range(count)]
        head.resizeSection(0, px(NUMBER_WIDTH))
        for at, weight in enumerate(weights):
            head.resizeSection(at + 1, int(room * weight / sum(weights)))
        head.resizeSection(count + 1, self._tokens_width())


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
    """The header, with its text where the cells have theirs."""

    def __init__(self, theme: Theme, table: "RowTable") -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self._table = table
        self._theme = theme
        self.setSectionsClickable(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(10)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        name = str(self.model().headerData(section, Qt.Orientation.Horizontal) or "")
        left, right = margins(self._theme, name, self._table.spare)
        box = rect.adjusted(left, 0, -right, -1)
        painter.save()
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.colour("text3"))
        cut = self._theme.metrics("small").elidedText(
            name, Qt.TextElideMode.ElideRight, box.width()
        )
        painter.drawText(box, side_of(name), cut)
        line = self._theme.colour("line")
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, line)
        painter.restore()


class RowPainter(QStyledItemDelegate):
    """Cells of one line; the whole row is one selection."""

    def __init__(self, theme: Theme, table: RowTable, severity_of: Callable[[int], str]) -> None:
        super().__init__(table)
        self._theme, self._table, self._severity_of = theme, table, severity_of

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(50, self._theme.px(29))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        colour = self._theme.colour
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        columns = self._table.model().columns  # type: ignore[attr-defined]
        column = columns[index.column()]
        painter.save()
        if chosen:
            focused = self._table.hasFocus()
            painter.fillRect(rect, colour("selActive" if focused else "sel"))
            if focused:
                painter.setPen(colour("accent"))
                painter.drawLine(rect.topLeft(), rect.topRight())
                painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        else:
            painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, colour("grid"))
        left, right = margins(self._theme, column, self._table.spare)
        self._text(painter, rect.adjusted(left, 0, -right, 0), index, column, chosen)
        if column == NUMBER:
            self._mark(painter, rect, index)
        painter.restore()

    def _text(self, painter: QPainter, box: QRect, index: Index, column: str, chosen: bool) -> None:
        text = str(index.data() or "")
        code = text.startswith(("{", "[", "<")) and column not in (NUMBER, TOKENS)
        role: Role = "mono" if code else "body"
        first = index.column() == 1
        tone: Token = "text" if first else "text2"
        if column == NUMBER:
            tone = "text2" if chosen else "text3"
        painter.setFont(self._theme.font(role))
        painter.setPen(self._theme.colour(tone))
        cut = self._theme.metrics(role).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, side_of(column), cut)

    def _mark(self, painter: QPainter, rect: QRect, index: Index) -> None:
        number = str(index.data() or "")
        severity = self._severity_of(int(number)) if number else ""
        if severity:
            px = self._theme.px
            left = rect.left() + px(LEFT) + self._theme.metrics("body").horizontalAdvance(number)
            box = QRectF(left + px(6), rect.center().y() - px(7) + 1, px(14), px(14))
            icon, tone = ("error", "err") if severity == "error" else ("warning", "warn")
            paint_glyph(painter, icon, box, self._theme.colour(tone))  # type: ignore[arg-type]
