"""One window per data folder: a second start hands its paths to the first and leaves."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import shiboken6
from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

WAIT_MS = 2000


class SingleInstance(QObject):
    """`opened` brings the paths of a later start; none means: come to the front."""

    opened = Signal(object)  # tuple[Path, ...]

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = "adapter-studio-" + hashlib.sha256(str(home).encode()).hexdigest()[:16]
        self._callers: list[Caller] = []
        self._lock = QLockFile(str(home / "desktop.lock"))
        self._lock.setStaleLockTime(0)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)

    def claim(self) -> bool:
        """False when another window has this data folder."""
        if not self._lock.tryLock(0):
            return False
        QLocalServer.removeServer(self._name)
        self._server.listen(self._name)
        return True

    def hand_over(self, paths: tuple[Path, ...]) -> bool:
        """Give the paths to the window that is there; False when it does not answer."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(WAIT_MS):
            return False
        socket.write(json.dumps([str(path.resolve()) for path in paths]).encode() + b"\n")
        taken = socket.waitForBytesWritten(WAIT_MS)
        socket.disconnectFromServer()
        return taken

    def release(self) -> None:
        self._server.close()
        self._lock.unlock()

    def _on_connection(self) -> None:
        caller = Caller(
            self._server.nextPendingConnection(), self._callers.remove, self.opened.emit
        )
        self._callers.append(caller)
        caller.read()


class Caller:
    """One later start, kept until it has left.

    No QObject under the socket: PySide frees a child of an object made in C++ twice.
    """

    def __init__(
        self,
        socket: QLocalSocket,
        on_left: Callable[["Caller"], None],
        on_paths: Callable[[tuple[Path, ...]], None],
    ) -> None:
        self._socket = socket
        self._on_left, self._on_paths = on_left, on_paths
        socket.readyRead.connect(self.read)
        socket.disconnected.connect(self._leave)

    def read(self) -> None:
        if not self._socket.canReadLine():
            return
        line = bytes(self._socket.readLine().data())
        try:
            paths = tuple(Path(text) for text in json.loads(line) if isinstance(text, str))
        except ValueError:
            return
        self._on_paths(paths)

    def _leave(self) -> None:
        if shiboken6.isValid(self._socket):  # not when the server takes it along
            self.read()
            self._socket.deleteLater()
        self._on_left(self)
