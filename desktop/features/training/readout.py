"""The values at the pointer, beside it."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop.core.theme import Theme
from desktop.workbench.label import Label


class Readout(QFrame):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._label = Label("", "small", "text")
        self.setProperty("popover", True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 5, 8, 5)
        column.addWidget(self._label)
        self.hide()

    @property
    def text(self) -> str:
        return self._label.text()

    def show_text(self, text: str, inside: QRect, x: float) -> None:
        """At the upper edge, on the side of `x` that has room."""
        self._label.setText(text)
        self.adjustSize()
        gap = self._theme.px(10)
        left = round(x) + gap
        if left + self.width() > inside.right():
            left = round(x) - gap - self.width()
        self.move(max(left, inside.left()), inside.top() + gap)
        self.raise_()
        self.show()
