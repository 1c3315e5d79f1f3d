"""The engine's API over Qt's network stack: no threads, callbacks on the event loop."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, overload

import msgspec
import shiboken6
from PySide6.QtCore import QByteArray, QObject, QUrl, Signal
from PySide6.QtNetwork import (
    QHttp1Configuration,
    QNetworkAccessManager,
    QNetworkProxy,
    QNetworkReply,
    QNetworkRequest,
)

from desktop.core.sse import SseEvent, SseReader
from engine.protocol.problems import Problem

T = TypeVar("T")
Failed = Callable[[Problem], None]

NO_ENGINE = Problem(
    "engine.gone",
    "The engine does not answer.",
    "Restart it from the status bar; runs go on from their last checkpoint.",
)
CONNECTIONS = 16  # the default of 6 makes streams wait
TIMEOUT_MS = 60_000


@dataclass(frozen=True)
class Answer:
    """A reply whose meaning depends on its status: ask for it with `answer=Answer`."""

    status: int
    body: bytes

    def read(self, kind: type[T]) -> T:
        return msgspec.json.decode(self.body, type=kind)


class EngineClient(QObject):
    """Every path begins with /api or /v1. Before an engine is there, requests fail at once.

    `then` gets the answer decoded as `answer` (a type, `Answer`, or None: bytes). `failed` gets
    the Problem; without it the Problem goes out on `problem`, which becomes a notification.
    With an `owner`, nothing is called once that object is gone.
    """

    problem = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._network = QNetworkAccessManager(self)
        self._network.setProxy(QNetworkProxy(QNetworkProxy.ProxyType.NoProxy))
        self._base = ""
        self._token = b""
        self._under_way: set[QObject] = set()

    def attach(self, base_url: str, token: str) -> None:
        self._base = base_url
        self._token = f"Bearer {token}".encode()

    def detach(self) -> None:
        self._base = ""

    @property
    def attached(self) -> bool:
        return bool(self._base)

    @overload
    def get(
        self, path: str, answer: type[T], then: Callable[[T], None], **more: Any
    ) -> "Request": ...
    @overload
    def get(
        self, path: str, answer: None, then: Callable[[bytes], None], **more: Any
    ) -> "Request": ...
    def get(self, path: str, answer: Any, then: Any, **more: Any) -> "Request":
        """`more`: failed, owner."""
        return self.send("GET", path, answer=answer, then=then, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> "Request":
        """`body` is anything msgspec can write; `more`: answer, then, failed, owner."""
        return self.send("POST", path, body, **more)

    def put(self, path: str, body: Any, **more: Any) -> "Request":
        return self.send("PUT", path, body, **more)

    def patch(self, path: str, body: Any, **more: Any) -> "Request":
        return self.send("PATCH", path, body, **more)

    def delete(self, path: str, **more: Any) -> "Request":
        return self.send("DELETE", path, **more)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        answer: Any = None,
        then: Callable[[Any], None] | None = None,
        failed: Failed | None = None,
        owner: QObject | None = None,
    ) -> "Request":
        reply = self._start(method, path, body, timeout_ms=TIMEOUT_MS)
        request = Request(reply, answer, then, failed or self.problem.emit, owner or self)
        self._keep(request, reply)
        return request

    def stream(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        on_event: Callable[[SseEvent], None],
        ended: Callable[[Problem | None], None],
        owner: QObject | None = None,
    ) -> "Stream":
        """A stream of server-sent events; `ended` is called once unless it is aborted."""
        reply = self._start(method, path, body, timeout_ms=0)
        stream = Stream(reply, on_event, ended, owner or self)
        self._keep(stream, reply)
        return stream

    def _keep(self, request: QObject, reply: QNetworkReply) -> None:
        """Until its reply is gone: nobody else need hold it, and Python would collect it."""
        self._under_way.add(request)
        reply.destroyed.connect(lambda: self._under_way.discard(request))

    def _start(self, method: str, path: str, body: Any, *, timeout_ms: int) -> QNetworkReply:
        # Without an engine the address is a closed port: the failure comes the usual way.
        request = QNetworkRequest(QUrl((self._base or "http://127.0.0.1:9") + path))
        request.setRawHeader(b"Authorization", self._token)
        request.setRawHeader(b"Content-Type", b"application/json")
        request.setTransferTimeout(timeout_ms)
        http = QHttp1Configuration()
        http.setNumberOfConnectionsPerHost(CONNECTIONS)
        request.setHttp1Configuration(http)
        data = b"" if body is None else msgspec.json.encode(body)
        return self._network.sendCustomRequest(request, method.encode(), QByteArray(data))


class Request(QObject):
    """One request under way; lives as long as its reply."""

    def __init__(
        self,
        reply: QNetworkReply,
        answer: Any,
        then: Callable[[Any], None] | None,
        failed: Failed,
        owner: QObject,
    ) -> None:
        super().__init__(reply)
        self._reply = reply
        self._answer = answer
        self._then = then
        self._failed = failed
        self._owner = owner
        reply.finished.connect(self._on_finished)

    def abort(self) -> None:
        """Neither `then` nor `failed` is called any more."""
        if shiboken6.isValid(self) and shiboken6.isValid(self._reply):
            self._reply.finished.disconnect(self._on_finished)
            self._reply.abort()
            self._reply.deleteLater()

    def _on_finished(self) -> None:
        self._reply.deleteLater()
        if not shiboken6.isValid(self._owner):
            return
        problem = problem_of(self._reply)
        if problem is not None:
            self._failed(problem)
        elif self._then is not None:
            body = bytes(self._reply.readAll().data())
            if self._answer is None:
                self._then(body)
            elif self._answer is Answer:
                self._then(Answer(status_of(self._reply), body))
            else:
                self._then(msgspec.json.decode(body, type=self._answer))


class Stream(QObject):
    """One stream under way."""

    def __init__(
        self,
        reply: QNetworkReply,
        on_event: Callable[[SseEvent], None],
        ended: Callable[[Problem | None], None],
        owner: QObject,
    ) -> None:
        super().__init__(reply)
        self._reply = reply
        self._owner = owner
        self._on_event = on_event
        self._ended = ended
        self._reader = SseReader(reply, self._hand_on)
        reply.finished.connect(self._on_finished)

    def abort(self) -> None:
        """Close the connection, which the engine takes as "stop"; `ended` is not called."""
        if shiboken6.isValid(self) and shiboken6.isValid(self._reply):
            self._reader.drop()
            self._reply.finished.disconnect(self._on_finished)
            self._reply.abort()
            self._reply.deleteLater()

    def _hand_on(self, event: SseEvent) -> None:
        if shiboken6.isValid(self._owner):
            self._on_event(event)

    def _on_finished(self) -> None:
        if status_of(self._reply) >= 400:
            self._end()
        else:
            self._reader.finish(self._end)

    def _end(self) -> None:
        problem = problem_of(self._reply)
        self._reply.deleteLater()
        if shiboken6.isValid(self._owner):
            self._ended(problem)


def status_of(reply: QNetworkReply) -> int:
    """The HTTP status, 0 when there was no answer."""
    return int(reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute) or 0)


def problem_of(reply: QNetworkReply) -> Problem | None:
    """What the engine said was wrong, or that it said nothing; None after a success."""
    if status_of(reply) >= 400:
        body = reply.readAll().data()
        try:
            return msgspec.json.decode(body, type=Problem)
        except msgspec.MsgspecError:
            return Problem("engine.answer", f"The engine answered with {status_of(reply)}.")
    if reply.error() != QNetworkReply.NetworkError.NoError:
        return NO_ENGINE
    return None
