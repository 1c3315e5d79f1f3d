"""The icon of a thing on its soft ground, at the head of its page."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.core.tokens import Token
from desktop.workbench.chip import SOFT


class IconTile(QWidget):
    """40 x 40, radius 6."""

    def __init__(self, theme: Theme, icon: str, tone: Token) -> None:
        super().__init__()
        self._theme, self._icon = theme, icon
        self._tone: Token = tone
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(40), self._theme.px(40))

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(SOFT.get(self._tone, "sel")))
        painter.drawRoundedRect(self.rect(), px(6), px(6))
        side = px(20)
        left, top = (self.width() - side) / 2, (self.height() - side) / 2
        paint_glyph(painter, self._icon, QRectF(left, top, side, side), colour(self._tone))
        painter.end()
