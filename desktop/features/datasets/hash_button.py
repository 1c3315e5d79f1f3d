"""A shortened hash; a click gives the whole value."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from desktop.core import formatting
from desktop.core.theme import Theme
from desktop.workbench.notifications import Notifications
from desktop.workbench.painted_button import PaintedButton


class HashButton(PaintedButton):
    def __init__(self, theme: Theme, notifications: Notifications) -> None:
        super().__init__()
        self._theme, self._notifications = theme, notifications
        self.sha256 = ""
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Copy the SHA-256 of the rows")
        self.clicked.connect(self._copy)
        theme.changed.connect(self.updateGeometry)

    def show_hash(self, sha256: str) -> None:
        self.sha256 = sha256
        self.setText(formatting.short_hash(sha256))
        self.setToolTip(f"SHA-256 of the rows: {sha256}\nClick to copy")
        self.updateGeometry()
        self.update()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.sha256)
        self._notifications.show("Copied.", "done")

    def sizeHint(self) -> QSize:
        wide = self._theme.metrics("mono-small").horizontalAdvance(self.text())
        return QSize(wide + self._theme.px(8), self._theme.px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        lit = self.hasFocus() or self.underMouse()
        painter.setPen(self._theme.colour("accent" if lit else "text3"))
        painter.setFont(self._theme.font("mono-small"))
        painter.drawText(QRectF(self.rect()), int(Qt.AlignmentFlag.AlignCenter), self.text())
        if self.hasFocus():
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.end()
