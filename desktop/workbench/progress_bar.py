"""Progress: a bar of known length and the 2 px line of unknown length."""

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.core.theme import Theme
from desktop.core.tokens import Token


def paint_bar(
    painter: QPainter, theme: Theme, box: QRectF, share: float, tone: Token = "accent"
) -> None:
    """Track and filled part with round ends; the filled part ends straight, as in the design."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    radius = min(box.height() / 2, 3.0)
    painter.setBrush(theme.colour("track"))
    painter.drawRoundedRect(box, radius, radius)
    painter.setClipRect(QRectF(box.left(), box.top(), box.width() * share, box.height()))
    painter.setBrush(theme.colour(tone))
    painter.drawRoundedRect(box, radius, radius)
    painter.restore()


class ProgressBar(QWidget):
    """6 px on a page, 4 px in rows."""

    def __init__(self, theme: Theme, high: int = 6, tone: Token = "accent") -> None:
        super().__init__()
        self._theme = theme
        self._high = high
        self._tone: Token = tone
        self._share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def share(self) -> float:
        return self._share

    def set_share(self, share: float, tone: Token | None = None) -> None:
        """`share` is 0..1."""
        self._share = min(max(share, 0.0), 1.0)
        self._tone = tone or self._tone
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(80, self._theme.px(self._high))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_bar(painter, self._theme, QRectF(self.rect()), self._share, self._tone)
        painter.end()


class LoadingLine(QWidget):
    """Shown only after 150 ms of loading; keeps its 2 px so that nothing jumps."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._at = 0.0
        self._busy = False
        self.setFixedHeight(2)
        self._delay = QTimer(self, singleShot=True, interval=150)
        self._delay.timeout.connect(self._begin)
        self._beat = QTimer(self, interval=40)
        self._beat.timeout.connect(self._step)

    def set_busy(self, busy: bool) -> None:
        self._busy = busy
        if busy:
            self._delay.start()
        else:
            self._delay.stop()
            self._beat.stop()
            self.update()

    def _begin(self) -> None:
        if self._busy and self.isVisible():
            self._beat.start()

    def _step(self) -> None:
        self._at = (self._at + 0.02) % 1.0
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        self._begin()

    def hideEvent(self, event: QHideEvent) -> None:
        self._beat.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._beat.isActive():
            painter = QPainter(self)
            left = int((self._at * 1.3 - 0.3) * self.width())
            painter.fillRect(left, 0, self.width() * 3 // 10, 2, self._theme.colour("accent"))
            painter.end()
