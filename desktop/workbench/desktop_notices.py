"""The desktop's own notifications, for a person whose eyes are elsewhere."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QSystemTrayIcon, QWidget

from desktop.core.settings import Settings

SETTING = "notifications.desktop"
SHOWN_MS = 10_000


class DesktopNotices:
    """Says nothing while the window is in front, when it is turned off, or where it cannot."""

    def __init__(self, window: QWidget, settings: Settings) -> None:
        self._window, self._settings = window, settings
        self._tray: QSystemTrayIcon | None = None

    def wanted(self) -> bool:
        return self._settings.get(SETTING, True) and not self._window.isActiveWindow()

    def show(self, title: str, sentence: str) -> None:
        tray = QSystemTrayIcon
        if self.wanted() and tray.isSystemTrayAvailable() and tray.supportsMessages():
            self._icon().showMessage(title, sentence, self._window.windowIcon(), SHOWN_MS)
            QTimer.singleShot(SHOWN_MS, self._window, self._leave)

    def _icon(self) -> QSystemTrayIcon:
        """In the tray only while it has something to say."""
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._window.windowIcon(), self._window)
            self._tray.setToolTip("Adapter Studio")
            self._tray.messageClicked.connect(self._come_forward)
            self._tray.activated.connect(self._come_forward)
        self._tray.show()
        return self._tray

    def _leave(self) -> None:
        if self._tray is not None:
            self._tray.hide()

    def _come_forward(self) -> None:
        state = self._window.windowState()
        self._window.setWindowState(state & ~state.WindowMinimized)
        self._window.raise_()
        self._window.activateWindow()
