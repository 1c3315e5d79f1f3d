"""Draws rows and section headings."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.core.tokens import Role, Token
from desktop.workbench.progress_bar import paint_bar
from desktop.workbench.rows import ROW, Index, Row, Section

LEFT, TEXT, EDGE = 16, 42, 12  # icon, text, right edge, in px at 100 %


class RowDelegate(QStyledItemDelegate):
    """44 px with two lines, 28 with one; section headings 28."""

    def __init__(self, theme: Theme, view: QTreeView) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        item = index.data(ROW)
        if isinstance(item, Section):
            return QSize(100, self._theme.px(28) if item.title else 0)
        tall = isinstance(item, Row) and (item.detail or item.progress is not None)
        return QSize(100, self._theme.px(44 if tall else 28))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item = index.data(ROW)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        focused = self._view.hasFocus() and index == self._view.currentIndex()
        rect.setLeft(0)
        painter.save()
        if chosen:
            painter.fillRect(rect, self._theme.colour("selActive"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, self._theme.colour("hover"))
        if focused:
            painter.setPen(self._theme.colour("accent"))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        if isinstance(item, Section):
            self._paint_section(painter, rect, item, self._view.isExpanded(index))
        elif isinstance(item, Row):
            self._paint_row(painter, rect, item, chosen)
        painter.restore()

    def _paint_section(self, painter: QPainter, rect: QRect, item: Section, is_open: bool) -> None:
        px = self._theme.px
        muted = self._theme.colour("text3")
        arrow = "chevron-down" if is_open else "chevron-right"
        side = px(14)
        box = QRectF(px(9), rect.center().y() - side / 2 + 0.5, side, side)
        paint_glyph(painter, arrow, box, muted)
        right = rect.right() + 1 - px(EDGE)
        count = str(len(item.rows)) if item.count is None else item.count
        right = self._right_text(painter, rect, right, count, "small", "text3")
        self._text(painter, QRect(px(28), rect.top(), right - px(28), rect.height()),
                   item.title, "small-bold", "text3")  # fmt: skip

    def _paint_row(self, painter: QPainter, rect: QRect, row: Row, chosen: bool) -> None:
        px = self._theme.px
        left = px(LEFT) if row.icon else px(EDGE)
        if row.icon:
            box = QRectF(left, rect.center().y() - px(8) + 1, px(16), px(16))
            paint_glyph(painter, row.icon, box, self._theme.colour(row.tone))
            left = px(TEXT)
        two = bool(row.detail) or row.progress is not None
        top = QRect(rect.left(), rect.top() + px(4), rect.width(), px(20)) if two else rect
        right = rect.right() + 1 - px(EDGE)
        if row.state_icon:
            box = QRectF(right - px(14), top.center().y() - px(7) + 0.5, px(14), px(14))
            paint_glyph(painter, row.state_icon, box, self._theme.colour(row.state_tone))
            right -= px(20)
        if row.right:
            tone: Token = "text2" if chosen and row.right_tone == "text3" else row.right_tone
            right = self._right_text(painter, top, right, row.right, "small", tone)
        role: Role = "name" if row.strong else "body"
        title = QRect(left, top.top(), right - left, top.height())
        self._text(painter, title, row.title, role, "text")
        lower = QRect(left, top.bottom(), rect.right() - px(EDGE) - left, px(16))
        if row.progress is not None:
            bar = QRectF(lower.left(), lower.center().y() - px(2), lower.width(), px(4))
            paint_bar(painter, self._theme, bar, row.progress)
        elif row.detail:
            self._text(painter, lower, row.detail, "small", "text2" if chosen else "text3")

    def _right_text(
        self, painter: QPainter, rect: QRect, right: int, text: str, role: Role, tone: Token
    ) -> int:
        """Draws it flush right; gives the edge for what stands before it."""
        width = self._theme.metrics(role).horizontalAdvance(text) + 1
        box = QRect(right - width + 1, rect.top(), width, rect.height())
        self._text(painter, box, text, role, tone)
        return right - width - self._theme.px(8)

    def _text(self, painter: QPainter, box: QRect, text: str, role: Role, tone: Token) -> None:
        painter.setFont(self._theme.font(role))
        painter.setPen(self._theme.colour(tone))
        cut = self._theme.metrics(role).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), cut)
