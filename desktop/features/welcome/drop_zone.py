"""The drop zone: the only coloured surface of the page, and a real target."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.core.commands import Commands
from desktop.core.theme import Theme
from desktop.workbench.buttons import Button
from desktop.workbench.drops import paths_of
from desktop.workbench.glyph import Glyph
from desktop.workbench.label import Label


class DropZone(QWidget):
    """A click anywhere in it browses, too."""

    def __init__(
        self, theme: Theme, commands: Commands, take: Callable[[tuple[Path, ...]], object]
    ) -> None:
        super().__init__()
        self._theme, self._commands, self._take = theme, commands, take
        self._over = False
        self.setAcceptDrops(True)
        words = QHBoxLayout()
        words.setSpacing(3)
        words.addStretch()
        words.addWidget(Label("Drop a file here", "section"))
        words.addWidget(Label("or", "body", "text2"))
        words.addWidget(Button(theme, "browse", kind="link", run=self._browse))
        words.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        column.addStretch()
        column.addWidget(Glyph(theme, "cloud-download", "accent", 28), 0,
                         Qt.AlignmentFlag.AlignHCenter)  # fmt: skip
        column.addLayout(words)
        column.addStretch()

    def _browse(self) -> None:
        self._commands.run("datasets.add")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self._theme.colour("accent"), 2 if self._over else 1)
        pen.setDashPattern([3, 2])
        painter.setPen(pen)
        painter.setBrush(self._theme.colour("accentSoft"))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, self._theme.px(6), self._theme.px(6))
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._browse()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if paths_of(event.mimeData()):
            self._set_over(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._set_over(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._set_over(False)
        event.acceptProposedAction()
        self._take(paths_of(event.mimeData()))

    def _set_over(self, over: bool) -> None:
        self._over = over
        self.update()
