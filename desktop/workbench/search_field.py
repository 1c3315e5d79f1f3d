"""A field to search with: the glass at its left, Esc clears it."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit

from desktop.core.theme import Theme
from desktop.workbench.glyph import Glyph


class SearchField(QLineEdit):
    """`icon` may be "filter" for fields that narrow what is in view."""

    def __init__(self, theme: Theme, name: str, icon: str = "search") -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("search", True)
        self.setPlaceholderText(name)
        self.setAccessibleName(name)
        self._glyph = Glyph(theme, icon, "text3")
        self._glyph.setParent(self)
        self._glyph.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self._place)
        self._place()

    def _place(self) -> None:
        side = self._theme.px(16)
        self._glyph.setGeometry(self._theme.px(8), (self.height() - side) // 2, side, side)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(200), super().sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)
