"""The list of tabs in order of use, shown while Ctrl is held."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from desktop.core.theme import Theme
from desktop.workbench.editor_area import EditorArea


class Switcher(QListWidget):
    """Ctrl+Tab moves down, Shift with it up; letting Ctrl go opens the chosen tab."""

    def __init__(self, theme: Theme, editors: EditorArea, window: QWidget) -> None:
        super().__init__(window)
        self._theme, self._editors = theme, editors
        self.setProperty("popover", True)
        self.setAccessibleName("Open tabs by use")
        self.hide()

    def step(self, by: int) -> None:
        tabs = self._editors.used_tabs()
        if len(tabs) < 2:
            return
        if not self.isVisible():
            self.clear()
            for tab in tabs:
                self.addItem(QListWidgetItem(self._theme.icon(tab.icon, tab.tone), tab.title))
            self.setCurrentRow(0)
            self._place()
            self.show()
            self.raise_()
            self.setFocus()
        self.setCurrentRow((self.currentRow() + by) % self.count())

    def _place(self) -> None:
        parent = self.parentWidget()
        assert parent is not None
        width = self._theme.px(360)
        high = min(self.count(), 12) * self._theme.px(26) + 10
        self.setGeometry((parent.width() - width) // 2, parent.height() // 5, width, high)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            return
        if event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self.step(-1 if event.key() == Qt.Key.Key_Backtab else 1)
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Control:
            self._take()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.hide()

    def _take(self) -> None:
        tabs = self._editors.used_tabs()
        row = self.currentRow()
        self.hide()
        if 0 <= row < len(tabs):
            self._editors.show_tab(tabs[row])
