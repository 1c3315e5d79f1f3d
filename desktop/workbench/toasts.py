"""Toasts at the bottom right, and the list under the bell."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.core.theme import Theme
from desktop.workbench.buttons import Button, IconButton
from desktop.workbench.glyph import Glyph
from desktop.workbench.label import Label, Paragraph
from desktop.workbench.notifications import LOOKS, Notice, Notifications
from desktop.workbench.page import scrolled

MOST, EDGE, STATUS = 3, 16, 24


class Toast(QFrame):
    """One notice; hovering stops its clock."""

    def __init__(self, theme: Theme, notice: Notice, notifications: Notifications) -> None:
        super().__init__()
        self.notice = notice
        self._notifications = notifications
        self.setProperty("popover", True)
        self.setFixedWidth(theme.px(360))
        self.setAccessibleName(notice.text)
        icon, tone = LOOKS[notice.severity]
        text = Paragraph(theme, notice.text)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(Glyph(theme, icon, tone), 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(text, 1)
        close = IconButton(theme, "close", "Dismiss", box=20, size=14,
                           run=lambda: notifications.remove(notice.number))  # fmt: skip
        top.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 8, 10)
        column.setSpacing(8)
        column.addLayout(top)
        if notice.actions:
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addStretch()
            for action in notice.actions:
                button = Button(theme, action.title)
                button.clicked.connect(lambda _=False, run=action.run: self._act(run))
                row.addWidget(button)
            column.addLayout(row)
        self.clock = QTimer(self, singleShot=True, interval=max(notice.lasts_ms, 0))

    def _act(self, run: Callable[[], object]) -> None:
        self._notifications.remove(self.notice.number)
        run()

    def start(self) -> None:
        if self.notice.lasts_ms:
            self.clock.start()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.clock.stop()

    def leaveEvent(self, event: QEvent) -> None:
        self.start()


class Toasts(QObject):
    """Keeps at most three of them in place above the status bar."""

    def __init__(self, theme: Theme, notifications: Notifications, window: QWidget) -> None:
        super().__init__(window)
        self._theme, self._notifications, self._window = theme, notifications, window
        self.toasts: list[Toast] = []
        notifications.shown.connect(self._show)
        notifications.withdrawn.connect(self._withdraw)
        window.installEventFilter(self)

    def _show(self, notice: Notice) -> None:
        toast = Toast(self._theme, notice, self._notifications)
        toast.setParent(self._window)
        toast.clock.timeout.connect(lambda: self._drop(toast))
        self.toasts.append(toast)
        while len(self.toasts) > MOST:
            self._drop(self.toasts[0])
        toast.show()
        toast.start()
        self.place()

    def _drop(self, toast: Toast) -> None:
        """Off the screen; it stays under the bell."""
        if toast in self.toasts:
            self.toasts.remove(toast)
            toast.hide()
            toast.deleteLater()
            self.place()

    def _withdraw(self, number: int) -> None:
        for toast in list(self.toasts):
            if toast.notice.number == number:
                self._drop(toast)

    def place(self) -> None:
        bottom = self._window.height() - self._theme.px(STATUS) - EDGE
        for toast in reversed(self.toasts):
            toast.adjustSize()
            high = toast.layout().totalHeightForWidth(toast.width())  # type: ignore[union-attr]
            toast.resize(toast.width(), max(high, toast.height()))
            toast.move(self._window.width() - toast.width() - EDGE, bottom - toast.height())
            toast.raise_()
            bottom -= toast.height() + 8

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.place()
        return False


class BellList(QFrame):
    """All notices, the newest first, in a popover above the bell."""

    def __init__(self, theme: Theme, notifications: Notifications, window: QWidget) -> None:
        super().__init__(window, Qt.WindowType.Popup)
        self._theme, self._notifications = theme, notifications
        self.setProperty("popover", True)
        self.setAccessibleName("Notifications")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(theme.px(380))
        content = QWidget()
        rows = QVBoxLayout(content)
        rows.setContentsMargins(8, 4, 8, 8)
        rows.setSpacing(6)
        for notice in reversed(notifications.notices):
            toast = Toast(theme, notice, notifications)
            rows.addWidget(toast)
        if not notifications.notices:
            rows.addWidget(Label("No notifications.", "body", "text3"))
        rows.addStretch()
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 8, 0)
        head.addWidget(Label("Notifications", "section"))
        head.addStretch()
        head.addWidget(Button(theme, "Clear all", kind="ghost", run=self._clear))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(head)
        column.addWidget(scrolled(content))
        high = min(content.sizeHint().height() + theme.px(56), theme.px(420))
        self.resize(self.width(), high)

    def _clear(self) -> None:
        self._notifications.clear()
        self.close()
