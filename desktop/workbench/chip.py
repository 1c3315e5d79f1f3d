"""A chip: a short state or name on a soft ground."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.core.tokens import Token

SOFT: dict[Token, Token] = {
    "accent": "accentSoft",
    "ok": "okSoft",
    "warn": "warnSoft",
    "err": "errSoft",
    "violet": "violetSoft",
    "teal": "tealSoft",
    "orange": "orangeSoft",
}


class Chip(QWidget):
    """20 high; `tone` gives ink and ground, a tone without a soft ground takes `sel`."""

    def __init__(self, theme: Theme, text: str, tone: Token = "text2", icon: str = "") -> None:
        super().__init__()
        self._theme = theme
        self._text, self._tone, self._icon = text, tone, icon
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        return self._text

    def set(self, text: str, tone: Token = "text2", icon: str = "") -> None:
        if (text, tone, icon) != (self._text, self._tone, self._icon):
            self._text, self._tone, self._icon = text, tone, icon
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        px = self._theme.px
        text = self._theme.metrics("meta").horizontalAdvance(self._text)
        return QSize(text + px(14) + (px(18) if self._icon else 0), px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        px = self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(SOFT.get(self._tone, "sel")))
        painter.drawRoundedRect(self.rect(), px(4), px(4))
        left = px(6) if self._icon else px(7)
        colour = self._theme.colour(self._tone)
        if self._icon:
            box = QRectF(left, (self.height() - px(14)) / 2, px(14), px(14))
            paint_glyph(painter, self._icon, box, colour)
            left += px(18)
        painter.setPen(colour)
        painter.setFont(self._theme.font("meta"))
        painter.drawText(
            QRectF(left, 0, self.width() - left, self.height()),
            int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft),
            self._text,
        )
        painter.end()
