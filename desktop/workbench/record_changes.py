"""Removing and renaming records: the same words and the same undo everywhere."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QLineEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop.core.engine_client import EngineClient
from desktop.core.theme import Theme, repolish
from desktop.workbench.label import Label
from desktop.workbench.notifications import Notifications
from engine.protocol.problems import Problem


class RecordChanges(QObject):
    """`kind` is the route's plural: "models", "datasets"."""

    def __init__(
        self, theme: Theme, client: EngineClient, notifications: Notifications, window: QWidget
    ) -> None:
        super().__init__(window)
        self._theme, self._client = theme, client
        self._notifications, self._window = notifications, window

    def remove(
        self, kind: str, id: str, name: str, then: Callable[[], object] = lambda: None
    ) -> None:
        """At once, with a toast that takes it back; the files stay in the trash meanwhile."""

        def removed(answer: dict[str, Any]) -> None:
            undo = answer["undo"]
            self._notifications.undo(
                f"'{name}' removed.", lambda: self._client.post(f"/api/trash/{undo}/restore")
            )
            then()

        self._client.delete(f"/api/{kind}/{id}", answer=dict, then=removed)

    def rename(self, kind: str, id: str, name: str) -> None:
        """Ask for the new name in a small field; Enter keeps it, Esc leaves the old one."""

        def send(new: str) -> None:
            self._client.patch(f"/api/{kind}/{id}/name", {"name": new},
                               then=lambda _: popover.close(), failed=popover.refuse,
                               owner=popover)  # fmt: skip

        popover = RenamePopover(self._theme, self._window, name, send)


class RenamePopover(QFrame):
    """A field over the window; it stays open while the name is refused.

    A name that is as it was is not sent, unless that counts too.
    """

    def __init__(
        self,
        theme: Theme,
        window: QWidget,
        name: str,
        send: Callable[[str], object],
        *,
        title: str = "New name",
        same_too: bool = False,
    ) -> None:
        super().__init__(window)
        self._name, self._send = "" if same_too else name, send
        self._back_to = QApplication.focusWidget()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("popover", True)
        self.field = QLineEdit(name)
        self.field.setAccessibleName(title)
        self.field.setMaxLength(120)
        self.field.selectAll()
        self.field.returnPressed.connect(self._keep)
        self._error = Label("", "small", "err")
        self._error.setWordWrap(True)
        self._error.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(6)
        column.addWidget(Label(title, "label", "text2"))
        column.addWidget(self.field)
        column.addWidget(self._error)
        self.setFixedWidth(theme.px(360))
        self.adjustSize()
        self.move((window.width() - self.width()) // 2, theme.px(44))
        self.show()
        self.raise_()
        self.field.setFocus()
        self.field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.close()
        return False

    def closeEvent(self, event: QCloseEvent) -> None:
        """The focus goes back to what it came from."""
        self.field.removeEventFilter(self)
        if self.field.hasFocus() and self._back_to is not None and isValid(self._back_to):
            self._back_to.setFocus()
        super().closeEvent(event)

    def refuse(self, problem: Problem) -> None:
        self._error.setText(f"{problem.message} {problem.hint}".strip())
        self._error.show()
        self.field.setProperty("bad", True)
        repolish(self.field)
        self.adjustSize()

    def _keep(self) -> None:
        name = self.field.text().strip()
        if name in ("", self._name):
            self.close()
        else:
            self._send(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)
