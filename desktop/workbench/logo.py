"""The logo: two overlapping squares, a base and its adapter."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap

from desktop.core.theme import Theme


def logo_pixmap(theme: Theme, side: int, ratio: float = 1.0) -> QPixmap:
    """Square, on nothing, `side` device-independent pixels wide."""
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.scale(side / 16, side / 16)
    painter.setBrush(theme.colour("accent"))
    painter.drawRoundedRect(QRectF(0, 0, 11, 11), 2.5, 2.5)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.drawRoundedRect(QRectF(3.6, 3.6, 13, 13), 3.2, 3.2)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    painter.setBrush(theme.colour("violet"))
    painter.drawRoundedRect(QRectF(5, 5, 11, 11), 2.5, 2.5)
    painter.end()
    return pixmap


def logo_icon(theme: Theme) -> QIcon:
    icon = QIcon()
    for side in (16, 32, 64, 256):
        icon.addPixmap(logo_pixmap(theme, side))
    return icon
