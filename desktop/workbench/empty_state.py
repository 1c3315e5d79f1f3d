"""What an empty place says: one sentence that names the next step, and one button."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.workbench.buttons import Button
from desktop.workbench.label import Label


class EmptyState(QWidget):
    def __init__(self, sentence: str, button: Button | None = None) -> None:
        super().__init__()
        self._label = Label(sentence, "body", "text3")
        self._label.setWordWrap(True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 24, 16, 24)
        column.setSpacing(12)
        column.addWidget(self._label)
        if button is not None:
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()

    def set_sentence(self, sentence: str) -> None:
        self._label.setText(sentence)
