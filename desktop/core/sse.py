"""Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from PySide6.QtCore import QTimer
from PySide6.QtNetwork import QNetworkReply, QNetworkRequest

READ_BUFFER = 256 * 1024  # bytes; beyond it the engine has to wait for us
CHUNK = 16 * 1024
SLICE_S = 0.008  # of the event loop at a time


@dataclass(frozen=True, slots=True)
class SseEvent:
    id: str
    data: bytes


class SseParser:
    """Bytes in as they arrive, whole events out; comments and unknown fields are dropped."""

    def __init__(self) -> None:
        self._rest = b""
        self._id = ""
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> list[SseEvent]:
        lines = (self._rest + chunk).replace(b"\r\n", b"\n").split(b"\n")
        self._rest = lines.pop()
        events = []
        for line in lines:
            if not line:
                if self._data:
                    events.append(SseEvent(self._id, b"\n".join(self._data)))
                self._data = []
            elif line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
            elif line.startswith(b"id:"):
                self._id = line[3:].strip().decode("ascii", "replace")
        return events


class SseReader:
    """Reads a reply as events, never holding the event loop longer than a slice."""

    def __init__(self, reply: QNetworkReply, on_event: Callable[[SseEvent], None]) -> None:
        self._reply = reply
        self._on_event = on_event
        self._parser = SseParser()
        self._waiting: deque[SseEvent] = deque()
        self._on_end: Callable[[], None] | None = None
        self._timer = QTimer(singleShot=True, interval=0)
        self._timer.timeout.connect(self._work)
        reply.setReadBufferSize(READ_BUFFER)
        reply.readyRead.connect(self._timer.start)

    def finish(self, on_end: Callable[[], None]) -> None:
        """Call `on_end` once everything that has arrived is handed on."""
        self._on_end = on_end
        self._timer.start()

    def drop(self) -> None:
        """Hand nothing on from here."""
        self._timer.stop()
        self._reply.readyRead.disconnect(self._timer.start)
        self._waiting.clear()
        self._on_end = None
        self._on_event = lambda event: None

    def _work(self) -> None:
        if status_of(self._reply) >= 400:
            return  # the body is the problem, for who asked
        until = perf_counter() + SLICE_S
        while perf_counter() < until:
            if self._waiting:
                self._on_event(self._waiting.popleft())
            elif self._reply.isOpen() and self._reply.bytesAvailable() > 0:
                self._waiting.extend(self._parser.feed(bytes(self._reply.read(CHUNK).data())))
            else:
                if self._on_end is not None:
                    on_end, self._on_end = self._on_end, None
                    on_end()
                return
        self._timer.start()


def status_of(reply: QNetworkReply) -> int:
    """The HTTP status, 0 when there was no answer."""
    return int(reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute) or 0)
