"""A word that can be clicked and does not ask for it."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QSizePolicy

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.core.tokens import Role, Token
from desktop.workbench.painted_button import PaintedButton


class QuietButton(PaintedButton):
    """Gives way when there is little room. One with a menu has a chevron and opens it."""

    def __init__(
        self, theme: Theme, name: str, *, role: Role = "small", menu: bool = False
    ) -> None:
        super().__init__()
        self._theme: Theme = theme
        self._role: Role = role
        self._name = name
        self.menu = QMenu(self) if menu else None
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        if menu:
            self.clicked.connect(self._open)

    def show_text(self, text: str) -> None:
        self.setText(text)
        self.setAccessibleName(f"{self._name}: {text}" if text else self._name)
        self.updateGeometry()

    def _open(self) -> None:
        if self.menu is not None:
            self.menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def sizeHint(self) -> QSize:
        wide = self._theme.metrics(self._role).horizontalAdvance(self.text())
        chevron = self._theme.px(16) if self.menu is not None else 0
        return QSize(wide + chevron + self._theme.px(8), self._theme.px(20))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(40), self._theme.px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        lit = self.underMouse() or self.hasFocus()
        tone: Token = "accent" if lit else "text3"
        painter = QPainter(self)
        painter.setFont(self._theme.font(self._role))
        painter.setPen(colour(tone))
        room = self.width() - px(8) - (px(16) if self.menu is not None else 0)
        shown = self._theme.metrics(self._role).elidedText(
            self.text(), Qt.TextElideMode.ElideMiddle, room + 1
        )
        box = QRectF(px(4), 0, room + 2, self.height())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), shown)
        if self.menu is not None:
            side = px(12)
            top = (self.height() - side) / 2
            arrow = QRectF(self.width() - side - px(4), top, side, side)
            paint_glyph(painter, "chevron-down", arrow, colour(tone))
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawRoundedRect(
                QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(3), px(3)
            )
        painter.end()
