"""Files dropped anywhere in the window: who takes them, and the overlay that says so."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from desktop.core.theme import Theme
from desktop.workbench.contributions import Contributions, DropKind


def paths_of(data: QMimeData) -> tuple[Path, ...]:
    """The local files and folders of a drag; anything else is no offer."""
    return tuple(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())


def taker_of(contributions: Contributions, paths: tuple[Path, ...]) -> tuple[DropKind, str] | None:
    """The drop kind that takes these paths, with the line to show."""
    if not paths:
        return None
    for kind in contributions.drops:
        line = kind.offer(paths)
        if line:
            return kind, line
    return None


class DropOverlay(QWidget):
    """Lies over the editor area while files are above the window; the pointer goes through it."""

    def __init__(self, theme: Theme, window: QWidget, target: QWidget) -> None:
        super().__init__(window)
        self._theme = theme
        self._target = target
        self._line = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    @property
    def line(self) -> str:
        return self._line

    def show_line(self, line: str) -> None:
        self._line = line
        window = self.parentWidget()
        assert window is not None
        corner = self._target.mapTo(window, QPoint(0, 0))
        self.setGeometry(QRect(corner, self._target.size()))
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(8.5, 8.5, -8.5, -8.5)
        ground = self._theme.colour("accentSoft")
        painter.setBrush(ground)
        pen = QPen(self._theme.colour("accent"))
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setOpacity(0.97)
        painter.drawRoundedRect(box, 6, 6)
        painter.setOpacity(1)
        painter.setPen(self._theme.colour("text"))
        painter.setFont(self._theme.font("card"))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), self._line)
        painter.end()
