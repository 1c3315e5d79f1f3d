"""The page's blue button, with its keys in it."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme

KEYS = "Ctrl+Enter"


class StartButton(QPushButton):
    """36 high; as wide as the card."""

    def __init__(self, theme: Theme, run: Callable[[], object]) -> None:
        super().__init__("")
        self._theme = theme
        self.setProperty("kind", "primary")
        self.setProperty("tall", True)
        self.setAccessibleName("Start")
        self.setToolTip(f"Start ({KEYS})")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: run())

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(200), self._theme.px(36))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        px = self._theme.px
        ink = QColor(self._theme.colour("onButton" if self.isEnabled() else "disabled"))
        name, small = self._theme.metrics("name"), self._theme.metrics("small")
        word, keys = name.horizontalAdvance("Start"), small.horizontalAdvance(KEYS) + px(10)
        left = (self.width() - (px(16 + 6 + 10) + word + keys)) / 2
        middle = self.height() / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_glyph(painter, "play", QRectF(left, middle - px(8), px(16), px(16)), ink)
        left += px(22)
        align = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setPen(ink)
        painter.setFont(self._theme.font("name"))
        painter.drawText(QRectF(left, 0, word + 2, self.height()), align, "Start")
        left += word + px(10)
        box = QRectF(left, middle - px(9), keys, px(18))
        ink.setAlphaF(0.55)
        painter.setPen(ink)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), px(3), px(3))
        ink.setAlphaF(1.0)
        painter.setPen(ink)
        painter.setFont(self._theme.font("small"))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), KEYS)
        painter.end()
