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

from desktop.core.sse import SseEvent, SseReader, status_of
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
        self._under_way: set[Request | Stream] = set()

    @property
    def idle(self) -> bool:
        """Whether nothing was asked that is still unanswered; streams do not count."""
        return not any(isinstance(started, Request) for started in self._under_way)

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
        def take(reply: QNetworkReply) -> None:
            if owner is not None and not shiboken6.isValid(owner):
                return
            problem = problem_of(reply)
            if problem is not None:
                (failed or self.problem.emit)(problem)
            elif then is not None:
                then(decoded(reply, answer))

        request = Request(self._start(method, path, body, timeout_ms=TIMEOUT_MS), take)
        self._keep(request)
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

        def alive() -> bool:
            return owner is None or shiboken6.isValid(owner)

        def hand_on(event: SseEvent) -> None:
            if alive():
                on_event(event)

        def end(problem: Problem | None) -> None:
            if alive():
                ended(problem)

        stream = Stream(self._start(method, path, body, timeout_ms=0), hand_on, end)
        self._keep(stream)
        return stream

    def _keep(self, started: "Request | Stream") -> None:
        self._under_way.add(started)
        started.kept(lambda: self._under_way.discard(started))

    def close(self) -> None:
        """Drop what is under way; for the end of the process."""
        for started in list(self._under_way):
            started.abort()

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


class Request:
    """One request under way.

    The client keeps it until its end; it is no QObject under the reply, because PySide frees a
    child of an object made in C++ twice.
    """

    def __init__(self, reply: QNetworkReply, take: Callable[[QNetworkReply], None]) -> None:
        self._reply: QNetworkReply | None = reply
        self._take = take
        self._forget: Callable[[], None] = lambda: None
        reply.finished.connect(self._on_finished)

    def kept(self, forget: Callable[[], None]) -> None:
        self._forget = forget

    def abort(self) -> None:
        """Neither `then` nor `failed` is called any more."""
        reply, self._reply = self._reply, None
        if reply is not None:
            reply.finished.disconnect(self._on_finished)
            reply.abort()
            reply.deleteLater()
            self._forget()

    def _on_finished(self) -> None:
        reply, self._reply = self._reply, None
        if reply is not None:
            self._forget()
            self._take(reply)
            reply.deleteLater()


class Stream:
    """One stream under way; kept like a request."""

    def __init__(
        self,
        reply: QNetworkReply,
        on_event: Callable[[SseEvent], None],
        ended: Callable[[Problem | None], None],
    ) -> None:
        self._reply: QNetworkReply | None = reply
        self._ended = ended
        self._forget: Callable[[], None] = lambda: None
        self._reader = SseReader(reply, on_event)
        reply.finished.connect(self._on_finished)

    def kept(self, forget: Callable[[], None]) -> None:
        self._forget = forget

    def abort(self) -> None:
        """Close the connection, which the engine takes as "stop"; `ended` is not called."""
        reply, self._reply = self._reply, None
        if reply is not None:
            self._reader.drop()
            reply.finished.disconnect(self._on_finished)
            reply.abort()
            reply.deleteLater()
            self._forget()

    def _on_finished(self) -> None:
        if self._reply is not None and status_of(self._reply) >= 400:
            self._end()
        else:
            self._reader.finish(self._end)

    def _end(self) -> None:
        reply, self._reply = self._reply, None
        if reply is not None:
            problem = problem_of(reply)
            self._reader.drop()
            self._forget()
            reply.deleteLater()
            self._ended(problem)


def decoded(reply: QNetworkReply, answer: Any) -> Any:
    """The body as the caller wanted it."""
    body = bytes(reply.readAll().data())
    if answer is None:
        return body
    if answer is Answer:
        return Answer(status_of(reply), body)
    return msgspec.json.decode(body, type=answer)


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
