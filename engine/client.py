"""A small synchronous client of the engine's API, for the command line and the tests."""

import http.client
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import TypeVar

import msgspec

from engine.engine_start import start_engine
from engine.protocol.engine_file import EngineFile, read_engine_file
from engine.protocol.events import (
    PROTOCOL_VERSION,
    ChatDone,
    ChatEvent,
    ChatFailed,
    Event,
    JobChanged,
    RecordRemoved,
    Restarted,
    State,
)
from engine.protocol.jobs import Job
from engine.protocol.problems import Problem, Refused, not_found
from engine.protocol.specs import ChatRequest

T = TypeVar("T")

PING_TIMEOUT_S = 3.0
ANSWER_TIMEOUT_S = 60.0
SILENCE_TIMEOUT_S = 60.0  # an event stream that says nothing for so long is opened anew
REPLY_TIMEOUT_S = 600.0  # a large model may take minutes to load before its first word


class EngineClient:
    """Talks to one engine; safe to share between threads, since every request has its connection.

    What the engine refuses is raised as Refused with the engine's own problem.
    """

    def __init__(self, home: Path, engine: EngineFile) -> None:
        self.home = home
        self.engine = engine

    @classmethod
    def attach(cls, home: Path) -> "EngineClient | None":
        """The engine that serves this data folder, or None; never starts one."""
        found = read_engine_file(home)
        if found is None:
            return None
        if found.protocol != PROTOCOL_VERSION:
            raise Refused(
                "engine.other-version",
                "The engine that runs belongs to another version of Adapter Studio.",
                f"Wait for its jobs, end process {found.pid} and try again.",
            )
        client = cls(home, found)
        return client if client.ping() else None

    @classmethod
    def attach_or_start(cls, home: Path, timeout_s: float = 15.0) -> "EngineClient":
        """Attach, or start a detached engine first; two starters at once end with one engine."""
        client = cls.attach(home)
        return client or start_engine(home, lambda: cls.attach(home), timeout_s=timeout_s)

    def ping(self) -> bool:
        """Whether that engine answers, and to this token."""
        try:
            self.send("GET", "/api/ping", timeout_s=PING_TIMEOUT_S)
        except Refused:
            return False
        return True

    def get(self, path: str, answer: type[T]) -> T:
        return msgspec.json.decode(self.send("GET", path), type=answer)

    def post(self, path: str, body: object, answer: type[T]) -> T:
        return msgspec.json.decode(self.send("POST", path, body), type=answer)

    def put(self, path: str, body: object, answer: type[T]) -> T:
        return msgspec.json.decode(self.send("PUT", path, body), type=answer)

    def patch(self, path: str, body: object, answer: type[T]) -> T:
        return msgspec.json.decode(self.send("PATCH", path, body), type=answer)

    def delete(self, path: str, answer: type[T]) -> T:
        return msgspec.json.decode(self.send("DELETE", path), type=answer)

    def state(self) -> State:
        return self.get("/api/state", State)

    def send(
        self, method: str, path: str, body: object = None, *, timeout_s: float = ANSWER_TIMEOUT_S
    ) -> bytes:
        """The whole body of the answer, for routes whose answer is no record."""
        with closing(self._connection(timeout_s)) as connection:
            try:
                return self._open(connection, method, path, body).read()
            except (OSError, HTTPException) as error:
                raise _gone(error) from error

    def events(self, after: int) -> Iterator[tuple[int, Event]]:
        """Numbered events above `after`, over any number of connections.

        Ends after Restarted: the state has to be read again. Raises Refused once no engine answers.
        """
        while True:
            try:
                for number, data in self._stream("GET", f"/api/events?after={after}"):
                    event = msgspec.json.decode(data, type=Event)
                    yield number, event
                    if isinstance(event, Restarted):
                        return
                    after = number
            except (OSError, HTTPException) as error:
                if not self.ping():
                    raise _gone(error) from error
                continue
            if not self.ping():  # a clean end of the stream: the engine was stopped
                raise _gone(None)

    def wait_for_job(
        self,
        job_id: str,
        on_change: Callable[[Job], None] | None = None,
        *,
        on_event: Callable[[Event], None] | None = None,
    ) -> Job:
        """Follow a job to its end and return it, whatever that end is.

        `on_change` hears of every new version of the job, `on_event` of everything that happens.
        """
        while True:
            state = self.state()
            job = next((each for each in state.jobs if each.id == job_id), None)
            if job is None:
                raise not_found("job", job_id)
            if on_change:
                on_change(job)
            if job.ended:
                return job
            for _, event in self.events(state.sequence):
                if on_event:
                    on_event(event)
                if isinstance(event, RecordRemoved) and event.id == job_id:
                    raise not_found("job", job_id)
                if isinstance(event, JobChanged) and event.job.id == job_id:
                    if on_change:
                        on_change(event.job)
                    if event.job.ended:
                        return event.job

    def chat(self, request: ChatRequest) -> Generator[ChatEvent]:
        """The events of one reply; closing the iterator cancels it. ChatFailed is raised."""
        stream = self._stream("POST", "/api/chat", request, timeout_s=REPLY_TIMEOUT_S)
        try:
            with closing(stream):
                for _, data in stream:
                    event = msgspec.json.decode(data, type=ChatEvent)
                    if isinstance(event, ChatFailed):
                        raise Refused.from_problem(event.problem)
                    yield event
                    if isinstance(event, ChatDone):
                        return
        except (OSError, HTTPException) as error:
            raise _gone(error) from error
        raise Refused("chat.cut", "The reply broke off.", "Ask again.")

    def _stream(
        self, method: str, path: str, body: object = None, *, timeout_s: float = SILENCE_TIMEOUT_S
    ) -> Generator[tuple[int, bytes]]:
        """(id, data) of each server-sent event; 0 when it carries no id."""
        with closing(self._connection(timeout_s)) as connection:
            number, data = 0, b""
            for line in self._open(connection, method, path, body):
                field, _, value = line.rstrip(b"\r\n").partition(b":")
                if field == b"id":
                    number = int(value)
                elif field == b"data":
                    data += value.removeprefix(b" ")
                elif not field and not value and data:  # the empty line that ends an event
                    yield number, data
                    number, data = 0, b""

    def _connection(self, timeout_s: float) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.engine.port, timeout=timeout_s)

    def _open(
        self, connection: HTTPConnection, method: str, path: str, body: object
    ) -> HTTPResponse:
        """The response, its body unread. Raises Refused for an HTTP error."""
        headers = {"Authorization": f"Bearer {self.engine.token}"}
        content = None
        if body is not None:
            content = msgspec.json.encode(body)
            headers["Content-Type"] = "application/json"
        connection.request(method, path, content, headers)
        response = connection.getresponse()
        if response.status >= http.client.BAD_REQUEST:
            raise _refusal(response)
        return response


def _refusal(response: HTTPResponse) -> Refused:
    content = response.read()
    try:
        problem = msgspec.json.decode(content, type=Problem)
    except msgspec.MsgspecError:
        problem = Problem(
            "engine.answer",
            f"The engine answered {response.status} {response.reason}.",
            "Look into logs/engine.log in the data folder.",
        )
    return Refused.from_problem(problem, status=response.status)


def _gone(error: Exception | None) -> Refused:
    reason = "took too long to answer" if isinstance(error, TimeoutError) else "does not answer"
    return Refused(
        "engine.gone",
        f"The engine {reason}.",
        "Start it again with 'adapter-studio engine start'; jobs that were cut off go on then.",
        status=503,
    )
