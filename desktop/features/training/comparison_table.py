"""Draws what differs between runs; as high as its rows, for the page scrolls."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop.core.theme import Theme
from desktop.core.tokens import Role, Token
from desktop.features.training.comparison_model import BEST, HEADING, ComparisonModel
from desktop.features.training.comparisons import COLOURS
from desktop.workbench.rows import Index
from engine.protocol.records import Run
from engine.protocol.run_comparison import Result

HEADER, ROW, TITLES, VALUES = 28, 32, 216, 184  # px at 100 %


class ComparisonTable(QTableView):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.rows = ComparisonModel()
        self.setModel(self.rows)
        self.setItemDelegate(ComparisonDelegate(theme, self))
        self.setHorizontalHeader(RunsHeader(theme, self))
        self.setAccessibleName("What differs")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._resize)
        self._resize()

    def _resize(self) -> None:
        px = self._theme.px
        self.horizontalHeader().setFixedHeight(px(HEADER))
        self.verticalHeader().setDefaultSectionSize(px(ROW))
        self.updateGeometry()

    def show_runs(self, runs: Sequence[Run], results: Sequence[Result]) -> None:
        before = (self.rows.rowCount(), self.rows.columnCount())
        self.rows.show_runs(runs, results)
        if (self.rows.rowCount(), self.rows.columnCount()) != before:
            self._share_width()
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        px = self._theme.px
        return QSize(px(420), px(HEADER) + self.rows.rowCount() * px(ROW) + 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(320), self.sizeHint().height())

    def resizeEvent(self, event: object) -> None:
        self._share_width()

    def _share_width(self) -> None:
        """Columns of one width beside the titles; a few of them stay near, many share the room."""
        px, count = self._theme.px, max(1, self.rows.columnCount() - 1)
        room = self.viewport().width() - px(TITLES)
        self.setColumnWidth(0, px(TITLES))
        for column in range(1, count + 1):
            self.setColumnWidth(column, min(px(VALUES), room // count))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the page scrolls


class RunsHeader(QHeaderView):
    """The number of each run behind a piece of its line."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setSectionsClickable(False)
        self.setHighlightSections(False)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        if section == 0:
            return
        px, text = self._theme.px, str(self.model().headerData(section, self.orientation()))
        width = self._theme.metrics("small").horizontalAdvance(text)
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.colour("text3"))
        align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rect, int(align), text)
        left = rect.right() + 1 - width - px(6 + 12)
        tone = COLOURS[(section - 1) % len(COLOURS)]
        painter.fillRect(left, rect.center().y(), px(12), 2, self._theme.colour(tone))


class ComparisonDelegate(QStyledItemDelegate):
    """Hairlines between rows; headings and best values are heavier."""

    def __init__(self, theme: Theme, view: QTableView) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected) and self._view.hasFocus()
        heading = bool(index.data(HEADING))
        painter.save()
        if chosen:
            painter.fillRect(rect, self._theme.colour("selActive"))
        line = self._theme.colour("line")
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, line)
        role: Role = "section" if heading or index.data(BEST) else "body"
        tone: Token = "text" if heading or index.column() else "text2"
        metrics = self._theme.metrics(role)
        room = rect.adjusted(0 if index.column() == 0 else self._theme.px(12), 0, 0, 0)
        text = metrics.elidedText(
            str(index.data() or ""), Qt.TextElideMode.ElideRight, room.width()
        )
        painter.setFont(self._theme.font(role))
        painter.setPen(self._theme.colour(tone))
        painter.drawText(room, int(index.data(Qt.ItemDataRole.TextAlignmentRole)), text)
        painter.restore()
