"""The head of a column: who answers in it, and the menu to change that."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.core.tokens import Token
from desktop.workbench.rows import dragged_row


class ColumnHead(QAbstractButton):
    """40 high; `dropped` is an adapter row let go over it."""

    dropped = Signal(str)

    def __init__(self, theme: Theme, letter: str, menu: Callable[[], QMenu]) -> None:
        super().__init__()
        self._theme, self._letter = theme, letter
        self._name = self._detail = ""
        self._violet = self._over = False
        self._show_letter = True
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAcceptDrops(True)
        self.clicked.connect(lambda: self._popup(menu()))

    def show_column(self, name: str, detail: str, *, violet: bool, letter: bool) -> None:
        self._name, self._detail = name, detail
        self._violet, self._show_letter = violet, letter
        said = f"Column {self._letter}: {name} {detail}" if letter else f"{name} {detail}"
        self.setAccessibleName(said.strip())
        self.update()

    @property
    def name(self) -> str:
        return self._name

    def _popup(self, menu: QMenu) -> None:
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        at = self.rect().bottomLeft()
        at.setX(self._theme.px(24))
        menu.popup(self.mapToGlobal(at))

    def sizeHint(self) -> QSize:
        return QSize(200, self._theme.px(40))

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._over:
            self._paint_target(painter)
        left = px(24)
        if self._show_letter:
            self._paint_letter(painter, left)
            left += px(28)
        left = self._text(painter, left, self._name, "text")
        left = self._text(painter, left + px(8), self._detail, "text3")
        middle = (self.height() - px(14)) / 2
        lit: Token = "accent" if self.hasFocus() else "text" if self.underMouse() else "text2"
        arrow = QRectF(left + px(8), middle, px(14), px(14))
        paint_glyph(painter, "chevron-down", arrow, colour(lit))
        painter.end()

    def _paint_target(self, painter: QPainter) -> None:
        pen = QPen(self._theme.colour("accent"))
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(self._theme.colour("accentSoft"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(4.5, 4.5, -4.5, -4.5), 4, 4)

    def _paint_letter(self, painter: QPainter, left: int) -> None:
        px, colour = self._theme.px, self._theme.colour
        box = QRectF(left, (self.height() - px(20)) / 2, px(20), px(20))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("violetSoft" if self._violet else "sel"))
        painter.drawRoundedRect(box, px(4), px(4))
        painter.setPen(colour("violet" if self._violet else "text2"))
        painter.setFont(self._theme.font("small-bold"))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), self._letter)

    def _text(self, painter: QPainter, left: int, text: str, tone: Token) -> int:
        """Draws it and gives where it ends; a name gives way to the arrow."""
        strong = tone == "text"
        role = "section" if strong else "meta"
        painter.setFont(self._theme.font("section" if strong else "meta"))
        painter.setPen(self._theme.colour(tone))
        room = self.width() - left - self._theme.px(40)
        metrics = self._theme.metrics("section" if role == "section" else "meta")
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(room, 0))
        box = QRectF(left, 0, max(room, 0) + 4, self.height())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), shown)
        return left + metrics.horizontalAdvance(shown)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dragged_row(event.mimeData())[0] == "adapter":
            event.acceptProposedAction()
            self._set_over(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._set_over(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._set_over(False)
        kind, id = dragged_row(event.mimeData())
        if kind == "adapter":
            event.acceptProposedAction()
            self.dropped.emit(id)

    def _set_over(self, over: bool) -> None:
        self._over = over
        self.update()
