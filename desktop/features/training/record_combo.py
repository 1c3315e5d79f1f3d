"""A combo for records: icon, name and a quieter second text, also in its list."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QStyleOptionViewItem,
    QStylePainter,
)

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme, repolish
from desktop.core.tokens import Token
from desktop.workbench.fields import Combo
from desktop.workbench.rows import Index

SECOND = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True)
class Entry:
    id: str
    title: str
    second: str = ""


class RecordCombo(Combo):
    """`picked` is the person's choice; `placeholder` stands there while there is none."""

    picked = Signal(str)

    def __init__(self, theme: Theme, name: str, icon: str, tone: Token) -> None:
        super().__init__(theme, name, tall=True)
        self._icon, self._tone = icon, tone
        self._entries: tuple[Entry, ...] = ()
        self.placeholder = ""
        self.setItemDelegate(EntryDelegate(theme, self))
        self.activated.connect(lambda index: self.picked.emit(self.itemData(index) or ""))

    def set_entries(self, entries: Sequence[Entry], current: str) -> None:
        """Not a choice of the person's."""
        if tuple(entries) != self._entries:
            self._entries = tuple(entries)
            self.clear()
            for entry in entries:
                self.addItem(entry.title, entry.id)
                self.setItemData(self.count() - 1, entry.second, SECOND)
        self.setCurrentIndex(self.findData(current) if current else -1)
        self.setAccessibleDescription(self.currentText() or self.placeholder)
        self.update()

    def set_bad(self, bad: bool) -> None:
        if bool(self.property("bad")) != bad:
            self.setProperty("bad", bad)
            repolish(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = ""
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        high = self.height()
        chosen = self.currentIndex() >= 0
        icon = QRectF(px(9), (high - px(16)) / 2, px(16), px(16))
        paint_glyph(painter, self._icon, icon, colour(self._tone if chosen else "disabled"))
        arrow = QRectF(self.width() - px(24), (high - px(14)) / 2, px(14), px(14))
        paint_glyph(painter, "chevron-down", arrow, colour("text2"))
        room = QRect(px(32), 0, self.width() - px(32 + 30), high)
        if chosen:
            second = self.currentData(SECOND) or ""
            paint_entry(painter, self._theme, room, self.currentText(), second)
        else:
            paint_entry(painter, self._theme, room, "", self.placeholder)
        painter.end()


class EntryDelegate(QStyledItemDelegate):
    """28 high."""

    def __init__(self, theme: Theme, parent: RecordCombo) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, self._theme.px(28))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, self._theme.colour("selActive"))
        room = rect.adjusted(self._theme.px(12), 0, -self._theme.px(12), 0)
        second = str(index.data(SECOND) or "")
        paint_entry(painter, self._theme, room, str(index.data() or ""), second)
        painter.restore()


def paint_entry(painter: QPainter, theme: Theme, room: QRect, title: str, second: str) -> None:
    """The name, cut if need be, and the second text if there is room left."""
    align = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
    left = room.left()
    if title:
        metrics = theme.metrics("body")
        cut = metrics.elidedText(title, Qt.TextElideMode.ElideMiddle, room.width())
        painter.setFont(theme.font("body"))
        painter.setPen(theme.colour("text"))
        painter.drawText(room, align, cut)
        left += metrics.horizontalAdvance(cut) + theme.px(8)
    rest = QRect(left, room.top(), room.right() - left, room.height())
    if second and rest.width() > theme.px(32):
        painter.setFont(theme.font("meta"))
        painter.setPen(theme.colour("text3"))
        cut = theme.metrics("meta").elidedText(second, Qt.TextElideMode.ElideRight, rest.width())
        painter.drawText(rest, align, cut)
