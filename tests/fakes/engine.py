"""An engine in this process that speaks the same HTTP: a state, events, scripted answers."""

import os
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import msgspec
import psutil

from engine.protocol.engine_file import EngineFile, engine_file_path
from engine.protocol.events import PROTOCOL_VERSION, Event, State
from engine.protocol.problems import Problem

TOKEN = "t" * 64


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    body: bytes

    def read(self, kind: type[Any]) -> Any:
        return msgspec.json.decode(self.body, type=kind)


@dataclass
class FakeEngine:
    """`start()` it; `send` events; `answer` what a path gives; `stop()` it at the end."""

    state: State
    asked: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._answers: dict[tuple[str, str], tuple[int, bytes]] = {}
        self._streams: dict[tuple[str, str], list[bytes]] = {}
        self._listeners: list[Queue[bytes | None]] = []
        self._number = self.state.sequence
        self.closed_streams = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> "FakeEngine":
        self._thread.start()
        return self

    def stop(self) -> None:
        self.drop_connections()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def write_engine_file(self, home: Path) -> None:
        """What clients look for; it names this very process."""
        engine = EngineFile(
            pid=os.getpid(),
            started_at=psutil.Process().create_time(),
            port=self.port,
            token=TOKEN,
            protocol=PROTOCOL_VERSION,
        )
        home.mkdir(parents=True, exist_ok=True)
        engine_file_path(home).write_bytes(msgspec.json.encode(engine))

    def send(self, *sent: Event) -> None:
        """To everybody who listens now."""
        for event in sent:
            self._number += 1
            for listener in list(self._listeners):
                listener.put(sse(event, self._number))

    def drop_connections(self) -> None:
        """End every event stream, as a network would."""
        for listener in list(self._listeners):
            listener.put(None)

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    def answer(self, method: str, path: str, body: Any, status: int = 200) -> None:
        """`path` with its query; `body` is anything msgspec writes, or bytes."""
        data = body if isinstance(body, bytes) else msgspec.json.encode(body)
        self._answers[method, path] = (status, data)

    def refuse(self, method: str, path: str, problem: Problem, status: int = 422) -> None:
        self.answer(method, path, problem, status)

    def stream(self, method: str, path: str, *sent: Any) -> None:
        """The answer is a stream of these; None: stay open until the client leaves."""
        self._streams[method, path] = [b"" if each is None else sse(each, 0) for each in sent]

    def paths(self, method: str) -> list[str]:
        return [each.path for each in self.asked if each.method == method]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                    self._reply(401, msgspec.json.encode(Problem("token", "Wrong token.")))
                    return
                fake.asked.append(Asked(self.command, self.path, body))
                place = (self.command, self.path)
                if self.path.startswith("/api/events"):
                    self._events()
                elif place in fake._streams:
                    self._stream(fake._streams[place])
                elif place in fake._answers:
                    self._reply(*fake._answers[place])
                elif self.path == "/api/state":
                    self._reply(200, msgspec.json.encode(fake.current_state()))
                else:
                    problem = Problem("unknown", f"Nothing is scripted for {self.path}.")
                    self._reply(404, msgspec.json.encode(problem))

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

            def _reply(self, status: int, data: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def _open_stream(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Connection", "close")
                self.end_headers()
                self.close_connection = True

            def _events(self) -> None:
                waiting: Queue[bytes | None] = Queue()
                fake._listeners.append(waiting)
                self._open_stream()
                try:
                    while (data := waiting.get()) is not None:
                        self.wfile.write(data)
                except OSError:
                    pass
                finally:
                    fake._listeners.remove(waiting)

            def _stream(self, pieces: list[bytes]) -> None:
                self._open_stream()
                try:
                    for data in pieces:
                        self.wfile.write(data) if data else self._until_left()
                except OSError:
                    fake.closed_streams += 1

            def _until_left(self) -> None:
                pause: Queue[None] = Queue()
                while True:
                    try:
                        pause.get(timeout=0.02)
                    except Empty:
                        self.wfile.write(b": still here\n\n")

        return Handler

    def current_state(self) -> State:
        return msgspec.structs.replace(self.state, sequence=self._number)


def sse(event: Any, number: int) -> bytes:
    return f"id: {number}\ndata: ".encode() + msgspec.json.encode(event) + b"\n\n"
