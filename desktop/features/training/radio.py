"""A row or card that is one of several: painted by its owner, chosen by click or arrows."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from desktop.core.theme import Theme
from desktop.core.tokens import Role, Token


class RadioRow(QAbstractButton):
    """Put several into one exclusive QButtonGroup; the chosen one is their Tab stop."""

    def __init__(self, theme: Theme, name: str, high: int) -> None:
        super().__init__()
        self.theme = theme
        self._high = high
        self.setText(name)
        self.setAccessibleName(name)
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._resize()
        theme.changed.connect(self._resize)

    def _resize(self) -> None:
        self.setFixedHeight(self.theme.px(self._high))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.click()
        else:
            super().keyPressEvent(event)

    def write(
        self, painter: QPainter, box: QRectF, text: str, role: Role, tone: Token, *,
        right: bool = False,
    ) -> None:  # fmt: skip
        """One line of text, cut at its end when it does not fit."""
        painter.setFont(self.theme.font(role))
        painter.setPen(self.theme.colour(tone))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        cut = self.theme.metrics(role).elidedText(
            text, Qt.TextElideMode.ElideRight, int(box.width()) + 1
        )
        painter.drawText(box, int(side | Qt.AlignmentFlag.AlignVCenter), cut)


def paint_radio(painter: QPainter, theme: Theme, box: QRectF, checked: bool) -> None:
    """The 16 px round mark."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if checked:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("button"))
        painter.drawEllipse(box)
        painter.setBrush(theme.colour("onButton"))
        inner = box.width() * 0.31
        painter.drawEllipse(box.adjusted(inner, inner, -inner, -inner))
    else:
        painter.setPen(theme.colour("lineStrong"))
        painter.setBrush(theme.colour("sunken"))
        painter.drawEllipse(box.adjusted(0.5, 0.5, -0.5, -0.5))
    painter.restore()
