"""Codicon glyphs as icons in a token's colour; the font is CC BY 4.0 (see the About box)."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QIconEngine, QPainter, QPixmap

FAMILY = "codicon"

CODE_POINTS: dict[str, int] = {
    "add": 0xEA60, "arrow-down": 0xEA9A, "arrow-left": 0xEA9B, "arrow-right": 0xEA9C,
    "arrow-up": 0xEAA1, "bell": 0xEAA2, "bell-dot": 0xEB9A, "bell-slash-dot": 0xEC09,
    "book": 0xEAA4, "check": 0xEAB2, "checklist": 0xEAB3, "chevron-down": 0xEAB4,
    "chevron-left": 0xEAB5, "chevron-right": 0xEAB6, "chevron-up": 0xEAB7, "chip": 0xEC19,
    "circle-filled": 0xEA71, "circle-slash": 0xEABD, "clockface": 0xEC75, "close": 0xEA76,
    "cloud-download": 0xEAC2, "color-mode": 0xEAC6, "combine": 0xEBB6,
    "comment-discussion": 0xEAC7, "copy": 0xEBCC,
    "dashboard": 0xEACD, "database": 0xEACE, "debug-continue": 0xEACF, "debug-pause": 0xEAD1,
    "debug-stop": 0xEAD7, "discard": 0xEAE2, "edit": 0xEA73, "ellipsis": 0xEA7C, "error": 0xEA87,
    "export": 0xEBAC, "file": 0xEA7B, "filter": 0xEAF1, "folder-opened": 0xEAF7,
    "git-merge": 0xEAFE, "go-to-file": 0xEA94, "graph": 0xEB03, "history": 0xEA82,
    "info": 0xEA74, "json": 0xEB0F,
    "keyboard": 0xEA65, "layers": 0xEBD2, "layout-panel": 0xEBF2, "layout-panel-off": 0xEC01,
    "layout-sidebar-left": 0xEBF3, "layout-sidebar-left-off": 0xEC02, "lightbulb": 0xEA61,
    "output": 0xEB9D, "package": 0xEB29, "pass": 0xEBA4, "pass-filled": 0xEBB3, "pin": 0xEB2B,
    "play": 0xEB2C, "pulse": 0xEB31, "refresh": 0xEB37, "search": 0xEA6D, "send": 0xEC0F,
    "settings": 0xEB52, "settings-gear": 0xEB51, "split-horizontal": 0xEB56, "star-full": 0xEB59,
    "sync": 0xEA77, "thumbsdown": 0xEB6B, "thumbsup": 0xEB6C, "trash": 0xEA81,
    "verified": 0xEB77, "warning": 0xEA6C,
}  # fmt: skip
"""By the names of the codicon font; tests compare them with the font itself."""


def glyph_font(pixels: float) -> QFont:
    font = QFont(FAMILY)
    font.setPixelSize(max(1, round(pixels)))
    font.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
    return font


def paint_glyph(painter: QPainter, name: str, rect: QRectF | QRect, colour: QColor) -> None:
    """Draw one glyph as large as the rectangle is high, in its middle."""
    box = QRectF(rect)
    painter.save()
    painter.setFont(glyph_font(box.height()))
    painter.setPen(colour)
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), chr(CODE_POINTS[name]))
    painter.restore()


class GlyphEngine(QIconEngine):
    """Asks for its colour each time it draws, so a change of theme needs no new icons."""

    def __init__(self, name: str, colour: Callable[[bool], QColor]) -> None:
        super().__init__()
        self._name = name
        self._colour = colour  # given whether it is drawn enabled

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        paint_glyph(painter, self._name, rect, self._colour(mode != QIcon.Mode.Disabled))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> "GlyphEngine":
        return GlyphEngine(self._name, self._colour)
