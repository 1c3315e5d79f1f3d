"""A check box in the theme's colours: 16 with a check, then its words."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.core.tokens import Role, Token

BOX, GAP = 16, 8  # px


class CheckBox(QCheckBox):
    """A long text is cut; the whole of it is the accessible name. A `quiet` one is a tool's."""

    def __init__(self, theme: Theme, text: str, *, quiet: bool = False) -> None:
        super().__init__(text)
        self._theme = theme
        self._role: Role = "meta" if quiet else "name"
        self._tone: Token = "text2" if quiet else "text"
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        px = self._theme.px
        wide = self._theme.metrics(self._role).horizontalAdvance(self.text())
        return QSize(px(BOX + GAP) + wide + 2, px(24))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(BOX + GAP + 40), self._theme.px(24))

    def hitButton(self, pos: object) -> bool:
        """The words are part of it."""
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        on, checked = self.isEnabled(), self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(0.5, (self.height() - px(BOX)) // 2 + 0.5, px(BOX) - 1, px(BOX) - 1)
        edge = colour("accent") if self.hasFocus() else colour("lineStrong" if on else "line")
        filled = checked and on
        painter.setPen(colour("button") if filled and not self.hasFocus() else edge)
        ground = colour("button") if filled else colour("hover" if self.underMouse() else "sunken")
        painter.setBrush(ground)
        painter.drawRoundedRect(box, px(3), px(3))
        if checked:
            inner = box.adjusted(1, 1, -1, -1)
            paint_glyph(painter, "check", inner, colour("onButton" if on else "disabled"))
        room = self.width() - px(BOX + GAP)
        text = self._theme.metrics(self._role).elidedText(
            self.text(), Qt.TextElideMode.ElideMiddle, room
        )
        painter.setFont(self._theme.font(self._role))
        painter.setPen(colour(self._tone if on else "disabled"))
        area = QRectF(px(BOX + GAP), 0, room + 2, self.height())
        painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter), text)
        painter.end()
