"""The system prompt: one line, opened to edit."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.core.theme import Theme
from desktop.workbench.buttons import Button
from desktop.workbench.hairline import hairline
from desktop.workbench.label import ElidedLabel

NONE = "None. It tells the model what it is and how to answer."


class SystemRow(QWidget):
    edited = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.toggle = Button(theme, "System prompt", icon="chevron-right", kind="ghost",
                             run=lambda: self.set_open(not self.is_open))  # fmt: skip
        self.toggle.setStyleSheet("padding-left: 4px; padding-right: 4px;")
        self._summary = ElidedLabel("", "body", "text3")
        self.field = QPlainTextEdit()
        self.field.setProperty("field", True)
        self.field.setAccessibleName("System prompt")
        self.field.setPlaceholderText("You answer in one sentence.")
        self.field.setTabChangesFocus(True)
        self.field.setFixedHeight(theme.px(84))
        self.field.textChanged.connect(self._on_edit)
        self.field.hide()
        head = QWidget()
        head.setFixedHeight(theme.px(39))
        row = QHBoxLayout(head)
        row.setContentsMargins(20, 0, 24, 0)
        row.setSpacing(4)
        row.addWidget(self.toggle)
        row.addWidget(self._summary, 1)
        row.addStretch()
        body = QHBoxLayout()
        body.setContentsMargins(24, 0, 24, 0)
        body.addWidget(self.field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addLayout(body)
        self._gap = QWidget()
        self._gap.setFixedHeight(12)
        self._gap.hide()
        column.addWidget(self._gap)
        column.addWidget(hairline())

    @property
    def is_open(self) -> bool:
        return not self.field.isHidden()

    def set_open(self, is_open: bool) -> None:
        self.field.setVisible(is_open)
        self._gap.setVisible(is_open)
        self._summary.setVisible(not is_open)
        self.toggle.set_icon("chevron-down" if is_open else "chevron-right")
        self.toggle.setAccessibleDescription("open" if is_open else "closed")
        if is_open:
            self.field.setFocus()

    def show_system(self, system: str) -> None:
        """From the record; what is being typed stays."""
        if not self.field.hasFocus() and self.field.toPlainText() != system:
            self.field.blockSignals(True)
            self.field.setPlainText(system)
            self.field.blockSignals(False)
        self._say(system)

    def _say(self, system: str) -> None:
        first = next((line.strip() for line in system.splitlines() if line.strip()), "")
        self._summary.setText(first or NONE)

    def _on_edit(self) -> None:
        self._say(self.field.toPlainText())
        self.edited.emit(self.field.toPlainText().strip())
