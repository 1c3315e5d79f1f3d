"""Draws a job: icon, title, state, bar or detail, time, buttons."""

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.core.tokens import Token
from desktop.features.jobs.jobs_model import ROW, JobRow
from desktop.workbench.progress_bar import paint_bar
from desktop.workbench.rows import Index

HIGH = 28
# Left edges at the design's width of 1128, px at 100 %.
ICON, TITLE, STATE, DETAIL, BAR, BUTTON = 16, 56, 336, 486, 240, 28
BUTTONS = 2 * BUTTON + 8
TIME = 120


class JobDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view
        self.pointer = QPoint(-1, -1)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, self._theme.px(HIGH))

    def buttons(self, rect: QRect, row: JobRow) -> list[tuple[QRect, tuple[str, str, str]]]:
        """Where the row's buttons are; the last one is at the right edge."""
        side = self._theme.px(BUTTON)
        left = rect.right() + 1 - self._theme.px(8) - len(row.actions) * side
        return [
            (QRect(left + number * side, rect.top(), side, rect.height()), action)
            for number, action in enumerate(row.actions)
        ]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: JobRow | None = index.data(ROW)
        if row is None:
            return
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        focused = self._view.hasFocus() and index == self._view.currentIndex()
        painter.save()
        if focused:
            painter.fillRect(rect, self._theme.colour("selActive"))
            painter.setPen(self._theme.colour("accent"))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, self._theme.colour("hover"))
        self._paint_row(painter, rect, row, raised=focused)
        painter.restore()

    def _paint_row(self, painter: QPainter, rect: QRect, row: JobRow, *, raised: bool) -> None:
        px = self._theme.px
        scale = min(1.0, rect.width() / px(1128))
        icon = QRectF(rect.left() + px(ICON), rect.center().y() - px(8) + 0.5, px(16), px(16))
        paint_glyph(painter, row.icon, icon, self._theme.colour(row.tone))
        title, state, detail = (
            rect.left() + px(TITLE),
            rect.left() + px(TITLE) + round(px(STATE - TITLE) * scale),
            rect.left() + px(TITLE) + round(px(DETAIL - TITLE) * scale),
        )
        right = rect.right() - px(BUTTONS + 24)
        time = right - px(TIME)
        quiet: Token = "text2" if raised else row.state_tone
        self._text(painter, rect, title, state - px(12), row.title, "text")
        self._text(painter, rect, state, detail - px(12), row.state, quiet)
        if row.progress is not None:
            wide = min(px(BAR), time - px(16) - detail)
            bar = QRectF(detail, rect.center().y() - px(2) + 0.5, wide, px(4))
            paint_bar(painter, self._theme, bar, row.progress)
        else:
            self._text(painter, rect, detail, time - px(12), row.detail, "text2")
        self._text(painter, rect, time, right, row.time, row.time_tone, right_side=True)
        for box, action in self.buttons(rect, row):
            glyph = QRectF(box.center().x() - px(8) + 1, icon.top(), px(16), px(16))
            if box.contains(self.pointer):
                painter.fillRect(box, self._theme.colour("sel"))
            paint_glyph(painter, action[1], glyph, self._theme.colour("text2"))

    def _text(
        self, painter: QPainter, rect: QRect, left: int, right: int, text: str, tone: Token, *,
        right_side: bool = False,
    ) -> None:  # fmt: skip
        box = QRect(left, rect.top(), max(right - left, 0), rect.height())
        cut = self._theme.metrics("body").elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        side = Qt.AlignmentFlag.AlignRight if right_side else Qt.AlignmentFlag.AlignLeft
        painter.setFont(self._theme.font("body"))
        painter.setPen(self._theme.colour(tone))
        painter.drawText(box, int(side | Qt.AlignmentFlag.AlignVCenter), cut)
