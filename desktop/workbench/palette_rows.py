"""What the palette lists, and how a line of it is drawn."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.core.tokens import Token
from desktop.workbench.rows import Index

ENTRY = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, kw_only=True)
class Entry:
    title: str
    run: Callable[[], object] | None  # None: cannot be chosen
    spans: tuple[tuple[int, int], ...] = ()
    detail: str = ""
    keys: str = ""
    icon: str = ""
    tone: Token = "text3"
    stays: bool = False  # the palette stays open for a second step


class PaletteDelegate(QStyledItemDelegate):
    """A row: icon, title with the matched letters in accent, detail, keys."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, self._theme.px(32))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: Entry = index.data(ENTRY)
        rect = QRectF(option.rect)
        state: QStyle.StateFlag = option.state
        px, colour = self._theme.px, self._theme.colour
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen:
            painter.fillRect(rect, colour("selActive"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, colour("hover"))
        if entry.icon:
            box = QRectF(px(18), rect.center().y() - px(8), px(16), px(16))
            paint_glyph(painter, entry.icon, box, colour("text2" if chosen else entry.tone))
        left = self._paint_title(painter, rect, entry)
        right = self._paint_keys(painter, rect, entry.keys, chosen)
        if entry.detail:
            painter.setFont(self._theme.font("meta"))
            painter.setPen(colour("text2" if chosen else "text3"))
            box = QRectF(left + px(12), rect.top(), right - left - px(20), rect.height())
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), entry.detail)
        painter.restore()

    def _paint_title(self, painter: QPainter, rect: QRectF, entry: Entry) -> float:
        left = float(self._theme.px(45))
        at = 0
        marks = [*entry.spans, (len(entry.title), 0)]
        plain: Token = "text" if entry.run is not None else "text3"
        for start, size in marks:
            for piece, bold in (
                (entry.title[at:start], False),
                (entry.title[start : start + size], True),
            ):
                if not piece:
                    continue
                painter.setFont(self._theme.font("section" if bold else "body"))
                painter.setPen(self._theme.colour("accent" if bold else plain))
                width = painter.fontMetrics().horizontalAdvance(piece)
                box = QRectF(left, rect.top(), width + 2, rect.height())
                painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), piece)
                left += width
            at = start + size
        return left

    def _paint_keys(self, painter: QPainter, rect: QRectF, keys: str, chosen: bool) -> float:
        px = self._theme.px
        right = rect.right() - px(18)
        if not keys:
            return right
        width = self._theme.metrics("small").horizontalAdvance(keys) + px(11)
        box = QRectF(right - width + 0.5, rect.center().y() - px(9) + 0.5, width, px(17))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.colour("lineStrong"))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(self._theme.colour("text2" if chosen else "text3"))
        painter.setFont(self._theme.font("small"))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), keys)
        return box.left()
