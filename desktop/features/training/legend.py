"""One series of a legend: its colour, its name, its last value."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from desktop.core.theme import Theme
from desktop.core.tokens import Token
from desktop.workbench.label import ElidedLabel, Label


class LegendEntry(QWidget):
    def __init__(self, theme: Theme, name: str, tone: Token) -> None:
        super().__init__()
        self.name = name
        self._value = Label("–", "label")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(Swatch(theme, tone))
        row.addWidget(ElidedLabel(name, "meta", "text2"))
        row.addWidget(self._value)

    def set_value(self, text: str) -> None:
        self._value.setText(text)

    @property
    def value(self) -> str:
        return self._value.text()


class Swatch(QWidget):
    """A piece of the line, 12 x 2."""

    def __init__(self, theme: Theme, tone: Token) -> None:
        super().__init__()
        self._theme = theme
        self._tone: Token = tone
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(12), self._theme.px(16))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        middle = self.height() // 2
        painter.fillRect(0, middle - 1, self.width(), 2, self._theme.colour(self._tone))
        painter.end()
