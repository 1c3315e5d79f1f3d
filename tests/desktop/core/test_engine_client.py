import pytest
import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.core.engine_client import NO_ENGINE, Answer, EngineClient
from desktop.core.sse import SseEvent
from engine.protocol.events import ChatDelta
from engine.protocol.jobs import Job, JobKind
from engine.protocol.problems import Problem
from engine.protocol.specs import AddPath
from tests.fakes.engine import TOKEN, FakeEngine

JOB = Job(id="j1", kind=JobKind.TRAIN, title="Train")


@pytest.fixture
def client(qapp: QApplication, engine: FakeEngine) -> EngineClient:
    client = EngineClient()
    client.attach(f"http://127.0.0.1:{engine.port}", TOKEN)
    return client


def test_an_answer_comes_decoded(qtbot: QtBot, client: EngineClient, engine: FakeEngine) -> None:
    engine.answer("POST", "/api/imports", JOB, status=202)
    got: list[Job] = []
    client.post("/api/imports", AddPath(path="/tmp/x"), answer=Job, then=got.append)
    qtbot.waitUntil(lambda: bool(got))
    assert got == [JOB]
    assert engine.asked[0].read(AddPath) == AddPath(path="/tmp/x")


def test_the_status_is_there_for_who_needs_it(
    qtbot: QtBot, client: EngineClient, engine: FakeEngine
) -> None:
    engine.answer("GET", "/api/datasets/d/tokens?base=b", JOB, status=202)
    got: list[Answer] = []
    client.get("/api/datasets/d/tokens?base=b", Answer, got.append)
    qtbot.waitUntil(lambda: bool(got))
    assert got[0].status == 202
    assert got[0].read(Job) == JOB


def test_a_refusal_comes_as_its_problem(
    qtbot: QtBot, client: EngineClient, engine: FakeEngine
) -> None:
    problem = Problem("models.pickle-weights", "That is a pickle.", "Convert it.")
    engine.refuse("POST", "/api/imports", problem)
    failed: list[Problem] = []
    client.post("/api/imports", {}, failed=failed.append)
    qtbot.waitUntil(lambda: bool(failed))
    assert failed == [problem]


def test_a_problem_nobody_takes_becomes_a_signal(
    qtbot: QtBot, client: EngineClient, engine: FakeEngine
) -> None:
    with qtbot.waitSignal(client.problem) as caught:
        client.delete("/api/models/nope")
    assert caught.args is not None
    assert caught.args[0].code == "unknown"


def test_without_an_engine_a_request_fails_soon(qtbot: QtBot, qapp: QApplication) -> None:
    failed: list[Problem] = []
    client = EngineClient()
    client.get("/api/state", None, lambda body: None, failed=failed.append)
    qtbot.waitUntil(lambda: bool(failed))
    assert failed == [NO_ENGINE]


def test_nothing_is_called_once_the_owner_is_gone(
    qtbot: QtBot, client: EngineClient, engine: FakeEngine
) -> None:
    owner = QObject()
    called: list[object] = []
    engine.answer("GET", "/api/one", JOB)
    client.get("/api/one", Job, called.append, owner=owner)
    shiboken6.delete(owner)
    done: list[Job] = []
    client.get("/api/one", Job, done.append)
    qtbot.waitUntil(lambda: bool(done))
    assert called == []


def test_an_aborted_request_says_nothing(
    qtbot: QtBot, client: EngineClient, engine: FakeEngine
) -> None:
    called: list[object] = []
    engine.answer("GET", "/api/one", JOB)
    client.get("/api/one", Job, called.append, failed=called.append).abort()
    done: list[Job] = []
    client.get("/api/one", Job, done.append)
    qtbot.waitUntil(lambda: bool(done))
    assert called == []


def test_aborting_a_stream_closes_it_at_the_engine(
    qtbot: QtBot, client: EngineClient, engine: FakeEngine
) -> None:
    engine.stream("POST", "/api/chat", ChatDelta("a"), ChatDelta("b"), None)
    got: list[SseEvent] = []
    ended: list[object] = []
    stream = client.stream("POST", "/api/chat", {}, on_event=got.append, ended=ended.append)
    qtbot.waitUntil(lambda: len(got) == 2)
    stream.abort()
    qtbot.waitUntil(lambda: engine.closed_streams == 1)
    assert ended == []


def test_a_refused_stream_ends_with_the_problem(
    qtbot: QtBot, client: EngineClient, engine: FakeEngine
) -> None:
    problem = Problem("adapter.unknown", "There is no adapter 'x'.")
    engine.refuse("POST", "/api/chat", problem, status=404)
    ended: list[Problem | None] = []
    client.stream("POST", "/api/chat", {}, on_event=lambda event: None, ended=ended.append)
    qtbot.waitUntil(lambda: bool(ended))
    assert ended == [problem]


def test_twelve_streams_and_a_request_do_not_wait_for_each_other(
    qtbot: QtBot, client: EngineClient, engine: FakeEngine
) -> None:
    engine.stream("POST", "/api/chat", ChatDelta("a"), None)
    engine.answer("GET", "/api/one", JOB)
    got: list[SseEvent] = []
    streams = [
        client.stream("POST", "/api/chat", {}, on_event=got.append, ended=lambda problem: None)
        for _ in range(12)
    ]
    qtbot.waitUntil(lambda: len(got) == 12)
    done: list[Job] = []
    client.get("/api/one", Job, done.append)
    qtbot.waitUntil(lambda: bool(done), timeout=2000)
    for stream in streams:
        stream.abort()
    qtbot.waitUntil(lambda: engine.closed_streams == 12)
