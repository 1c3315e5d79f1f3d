"""A value that is hidden until it is asked for."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.core.theme import Theme
from desktop.workbench.buttons import Button
from desktop.workbench.label import ElidedLabel

HIDDEN = "••••••••••••••••"


class Secret(QWidget):
    """Copying does not need showing."""

    def __init__(self, theme: Theme, name: str, value: str) -> None:
        super().__init__()
        self._value = value
        self._label = ElidedLabel(HIDDEN, "mono", "text2")
        self.show_button = Button(theme, "Show", kind="link", run=self._turn)
        self.copy_button = Button(theme, "Copy", kind="link", run=self._copy)
        self.show_button.setAccessibleName(f"Show the {name.lower()}")
        self.copy_button.setAccessibleName(f"Copy the {name.lower()}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        for widget in (self._label, self.show_button, self.copy_button):
            row.addWidget(widget)

    def text(self) -> str:
        """What is shown now."""
        return self._label.whole_text()

    def _turn(self) -> None:
        hidden = self._label.whole_text() == HIDDEN
        self._label.setText(self._value if hidden else HIDDEN)
        self._label.updateGeometry()
        self.show_button.setText("Hide" if hidden else "Show")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._value)
        self.copy_button.setText("Copied")
