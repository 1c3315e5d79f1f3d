"""A label above an input and a line below it that tells what is wrong."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.theme import Theme, repolish
from desktop.workbench.label import Label


class Labelled(QWidget):
    """Laid out as the fields of a form are."""

    def __init__(self, theme: Theme, text: str, widget: QWidget, hint: str = "") -> None:
        super().__init__()
        self._widget = widget
        self._hint_text = hint
        self._hint = Label(hint, "small", "text3")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(Label(text, "label", "text2"))
        column.addSpacing(2)
        column.addWidget(widget)
        column.addWidget(self._hint)
        column.addStretch()
        self._hint.setVisible(bool(hint))  # not before it has a parent: it would be a window

    def show_hint(self, hint: str) -> None:
        """Under the input while nothing is wrong."""
        if self._hint.text() == self._hint_text:
            self._hint.setText(hint)
            self._hint.setVisible(bool(hint))
        self._hint_text = hint

    def show_error(self, error: str) -> None:
        self._hint.setText(error or self._hint_text)
        self._hint.set_tone("err" if error else "text3")
        self._hint.setVisible(bool(error or self._hint_text))
        if bool(self._widget.property("bad")) != bool(error):
            self._widget.setProperty("bad", bool(error))
            repolish(self._widget)
            self._widget.setAccessibleDescription(error)
