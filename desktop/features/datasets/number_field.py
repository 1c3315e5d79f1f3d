"""A small field for a whole number."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QLineEdit

from desktop.core.theme import Theme


class NumberField(QLineEdit):
    """`taken` when Enter is pressed or the focus leaves with another number than before."""

    taken = Signal(int)

    def __init__(self, theme: Theme, name: str, *, lowest: int, highest: int, value: int) -> None:
        super().__init__(str(value))
        self._bounds, self._value = (lowest, highest), value
        self.setAccessibleName(name)
        self.setToolTip(f"{name}: from {lowest:,} to {highest:,}")
        self.setValidator(QIntValidator(lowest, highest, self))
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFixedWidth(theme.px(64))
        self.returnPressed.connect(self._take)
        self.editingFinished.connect(self._take_other)

    @property
    def value(self) -> int:
        return self._value

    def _take_other(self) -> None:
        if self.text() != str(self._value):
            self._take()

    def _take(self) -> None:
        lowest, highest = self._bounds
        text = self.text()
        self._value = min(max(int(text), lowest), highest) if text.isdecimal() else self._value
        self.setText(str(self._value))
        self.taken.emit(self._value)
