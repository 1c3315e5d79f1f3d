"""What the editor area shows when nothing is open: four commands and their keys."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from desktop.core.commands import Commands, keys_text
from desktop.core.theme import Theme
from desktop.workbench.buttons import Button, command_button
from desktop.workbench.contributions import Contributions
from desktop.workbench.label import KeyLabel


class EmptyEditor(QWidget):
    """Built when first shown: by then the features have said which commands stand here."""

    def __init__(self, theme: Theme, commands: Commands, contributions: Contributions) -> None:
        super().__init__()
        self._theme, self._commands, self._contributions = theme, commands, contributions
        self._built = False
        self.setProperty("surface", "editor")

    def focus_first(self) -> None:
        for button in self.findChildren(Button):
            button.setFocus()
            break

    def showEvent(self, event: QShowEvent) -> None:
        if self._built:
            return
        self._built = True
        box = QWidget()
        grid = QGridLayout(box)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        wanted = [id for id in self._contributions.empty_editor if id in self._commands]
        for row, id in enumerate(wanted[:4]):
            button = command_button(self._theme, self._commands, id, kind="ghost", icon="")
            grid.addWidget(button, row, 0, Qt.AlignmentFlag.AlignRight)
            keys = keys_text(self._commands.get(id))
            if keys:
                grid.addWidget(KeyLabel(keys), row, 1)
        column = QVBoxLayout(self)
        column.addStretch(2)
        column.addWidget(box, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
