"""Draws the checkpoints; as high as its rows, for the page scrolls."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
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
)

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.core.tokens import Role, Token
from desktop.features.training.checkpoints_model import BEST, CheckpointsModel
from desktop.workbench.rows import Index
from engine.protocol.records import Run

HEADER, ROW = 28, 32
SHARES = (0.225, 0.23, 0.23, 0.315)  # of the width


class CheckpointsTable(QTableView):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.rows = CheckpointsModel()
        self.setModel(self.rows)
        self.setItemDelegate(CheckpointDelegate(theme, self))
        self.setAccessibleName("Checkpoints")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setStyleSheet("QHeaderView::section { padding: 0; }")  # flush with the page's edge
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._resize)
        self._resize()

    def _resize(self) -> None:
        px = self._theme.px
        self.horizontalHeader().setFixedHeight(px(HEADER))
        self.verticalHeader().setDefaultSectionSize(px(ROW))
        self.updateGeometry()

    def show_run(self, run: Run) -> None:
        before = self.rows.rowCount()
        self.rows.show_run(run)
        if self.rows.rowCount() != before:
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        px = self._theme.px
        return QSize(px(420), px(HEADER) + self.rows.rowCount() * px(ROW) + 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(320), self.sizeHint().height())

    def resizeEvent(self, event: object) -> None:
        wide = self.viewport().width()
        for column, share in enumerate(SHARES):
            self.setColumnWidth(column, int(wide * share))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the page scrolls


class CheckpointDelegate(QStyledItemDelegate):
    """Hairlines between rows, a chip at the best one."""

    def __init__(self, theme: Theme, view: QTableView) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected) and self._view.hasFocus()
        painter.save()
        if chosen:
            painter.fillRect(rect, self._theme.colour("selActive"))
        if index.row():
            line = self._theme.colour("line")
            painter.fillRect(rect.left(), rect.top(), rect.width(), 1, line)
        best, column = bool(index.data(BEST)), index.column()
        role: Role = "section" if best and column == 1 else "body"
        tone: Token = "text" if column < 2 or chosen else "text2" if column == 2 else "text3"
        painter.setFont(self._theme.font(role))
        painter.setPen(self._theme.colour("text2" if chosen and tone == "text3" else tone))
        text = str(index.data() or "")
        align = index.data(Qt.ItemDataRole.TextAlignmentRole)
        painter.drawText(rect, int(align), text)
        if best and column == 0:
            width = self._theme.metrics(role).horizontalAdvance(text)
            self._paint_chip(painter, rect, rect.left() + width + self._theme.px(8))
        painter.restore()

    def _paint_chip(self, painter: QPainter, rect: QRect, left: int) -> None:
        px = self._theme.px
        wide = self._theme.metrics("meta").horizontalAdvance("Best") + px(32)
        box = QRectF(left, rect.center().y() - px(10) + 0.5, wide, px(20))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("okSoft"))
        painter.drawRoundedRect(box, px(4), px(4))
        star = QRectF(box.left() + px(7), box.center().y() - px(7), px(14), px(14))
        paint_glyph(painter, "star-full", star, self._theme.colour("ok"))
        painter.setFont(self._theme.font("meta"))
        painter.setPen(self._theme.colour("ok"))
        painter.drawText(box.adjusted(px(25), 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), "Best")
