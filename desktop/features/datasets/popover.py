"""A small form that opens at a button and closes when the person turns elsewhere."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QFrame, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop.core.theme import Theme
from desktop.workbench.label import Label, Paragraph
from engine.protocol.problems import Problem

GAP, EDGE, TOP, STATUS = 6, 8, 44, 24  # px


class Popover(QFrame):
    """Fill `column`; Enter runs `accept`. Give it a name for screen readers."""

    def __init__(self, theme: Theme, window: QWidget, title: str, width: int) -> None:
        super().__init__(window, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.theme = theme
        self._window = window
        self._back_to = QApplication.focusWidget()
        self.setProperty("popover", True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMouseReplay)  # its button closes it as well
        self.setAccessibleName(title)
        self.setFixedWidth(theme.px(width))
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(16, 14, 16, 16)
        self.column.setSpacing(12)
        self.column.addWidget(Label(title, "section"))
        self.error = Paragraph(theme, "", "meta", "err")
        self.error.hide()

    def accept(self) -> None:
        """What Enter does."""

    def refuse(self, problem: Problem) -> None:
        """What the engine said; the form stays as it is."""
        self.error.setText(f"{problem.message} {problem.hint}".strip())
        self.error.show()
        self.fit()

    def fit(self) -> None:
        """As high as its content now is."""
        layout = self.layout()
        assert layout is not None
        layout.activate()
        high = max(layout.totalHeightForWidth(self.width()), layout.minimumSize().height())
        self.resize(self.width(), high)

    def show_at(self, anchor: QWidget | None) -> None:
        """Under the anchor, or at its left where that is too low; on top without one."""
        self.fit()
        frame = self._window.frameGeometry()
        if anchor is None:
            place = frame.topLeft() + QPoint(
                (frame.width() - self.width()) // 2, self.theme.px(TOP)
            )
        else:
            place = anchor.mapToGlobal(anchor.rect().bottomRight())
            place += QPoint(1 - self.width(), GAP)
        lowest = frame.bottom() - self.height() - self.theme.px(STATUS) - EDGE
        if anchor is not None and place.y() > lowest:
            place.setX(anchor.mapToGlobal(anchor.rect().topLeft()).x() - self.width() - 3 * EDGE)
        place.setY(max(min(place.y(), lowest), frame.top() + EDGE))
        place.setX(max(place.x(), frame.left() + EDGE))
        self.move(place)
        self.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        focused = self.focusWidget()
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif isinstance(focused, QAbstractButton):
            focused.click()
        else:
            self.accept()

    def closeEvent(self, event: QCloseEvent) -> None:
        """The focus goes back to what it came from."""
        if self._back_to is not None and isValid(self._back_to):
            self._back_to.setFocus()
        super().closeEvent(event)
