from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct
from msgspec.structs import replace

from engine.client import EngineClient
from engine.protocol.engine_file import EngineFile, engine_file_path
from engine.protocol.events import (
    ChatDelta,
    ChatDone,
    ChatFailed,
    ChatStarted,
    Event,
    JobChanged,
    RecordRemoved,
    Restarted,
    State,
)
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.problems import Problem, Refused
from engine.protocol.records import EngineInfo, ReplyStamp
from engine.protocol.specs import ChatRequest, Message
from tests.fakes.scripted_server import Script, scripted_engine

INFO = EngineInfo("0", 1, 0.0, "", "CPU", 2, 1, 1, 1)
JOB = Job("a" * 32, JobKind.TRAIN, "Train it", JobState.RUNNING)
STAMP = ReplyStamp(None, None, "torch", 0.1, 5.0, 20.0, 2, 9, "stop")
ASK = ChatRequest("base", (Message("user", "Hi"),))
PING = {"GET /api/ping": [(200, b"{}")]}


def frames(*events: Struct, first: int = 1) -> bytes:
    return b": connected\n\n" + b"".join(
        b"id: %d\ndata: %b\n\n" % (number, msgspec.json.encode(event))
        for number, event in enumerate(events, first)
    )


def state(sequence: int, *jobs: Job) -> bytes:
    return msgspec.json.encode(State(sequence, INFO, (), (), (), (), jobs, (), ()))


@dataclass
class Followed:
    jobs: list[Job]
    seen: list[str]
    ended: Job


def follow(script: Script) -> Followed:
    with scripted_engine({**PING, **script}) as (engine, seen):
        jobs: list[Job] = []
        ended = EngineClient(Path(), engine).wait_for_job(JOB.id, jobs.append)
        return Followed(jobs, seen, ended)


def test_a_job_is_followed_over_connections_that_break() -> None:
    half, done = replace(JOB, progress=0.5), replace(JOB, state=JobState.DONE)
    followed = follow(
        {
            "GET /api/state": [(200, state(4, JOB))],
            "GET /api/events?after=4": [(200, frames(JobChanged(half), first=5))],
            "GET /api/events?after=5": [(200, frames(JobChanged(done), first=6))],
        }
    )
    assert followed.jobs == [JOB, half, done]
    assert followed.ended == done


def test_a_restarted_log_makes_the_client_read_the_state_again() -> None:
    done = replace(JOB, state=JobState.DONE)
    followed = follow(
        {
            "GET /api/state": [(200, state(9, JOB)), (200, state(1, done))],
            "GET /api/events?after=9": [(200, frames(Restarted(), first=1))],
        }
    )
    assert followed.jobs == [JOB, done]


def test_a_job_that_ended_before_is_no_reason_to_wait() -> None:
    failed = replace(JOB, state=JobState.FAILED, problem=Problem("x", "It broke."))
    followed = follow({"GET /api/state": [(200, state(9, failed))]})
    assert followed.ended == failed
    assert followed.seen == ["GET /api/state"]


@pytest.mark.parametrize(
    "script",
    [
        {"GET /api/state": [(200, state(1))]},
        {
            "GET /api/state": [(200, state(1, JOB))],
            "GET /api/events?after=1": [(200, frames(RecordRemoved("job", JOB.id), first=2))],
        },
    ],
)
def test_a_job_that_is_not_there_is_refused(script: Script) -> None:
    with pytest.raises(Refused) as caught:
        follow(script)
    assert caught.value.problem.code == "job.unknown"


def test_events_end_in_a_refusal_when_the_engine_leaves() -> None:
    script: Script = {"GET /api/events?after=0": [(200, frames(JobChanged(JOB)))]}
    heard: list[tuple[int, Event]] = []
    with scripted_engine(script) as (engine, _), pytest.raises(Refused) as caught:
        heard.extend(EngineClient(Path(), engine).events(0))
    assert caught.value.problem.code == "engine.gone"


def chat(*events: Struct, status: int = 200) -> list[object]:
    body = frames(*events) if status == 200 else msgspec.json.encode(events[0])
    with scripted_engine({"POST /api/chat": [(status, body)]}) as (engine, _):
        return list(EngineClient(Path(), engine).chat(ASK))


def test_a_reply_comes_in_pieces_and_ends_with_its_stamp() -> None:
    events = (ChatStarted(None, None, 0.1), ChatDelta("Hel"), ChatDone("Hello", STAMP))
    assert chat(*events) == list(events)


@pytest.mark.parametrize("status", [200, 422])
def test_a_reply_that_fails_raises_the_engine_s_own_problem(status: int) -> None:
    problem = Problem("chat.too-long", "The prompt is too long.", "Shorten it.")
    with pytest.raises(Refused) as caught:
        chat(ChatFailed(problem) if status == 200 else problem, status=status)
    assert caught.value.problem == problem


def test_a_reply_that_breaks_off_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        chat(ChatDelta("Hel"))
    assert caught.value.problem.code == "chat.cut"


def test_an_error_without_a_problem_still_names_its_status() -> None:
    with scripted_engine({"GET /api/state": [(500, b"oops")]}) as (engine, _):
        with pytest.raises(Refused, match="The engine answered 500") as caught:
            EngineClient(Path(), engine).state()
        assert caught.value.status == 500


def test_a_live_engine_is_attached_to_and_one_of_another_version_refused(tmp_path: Path) -> None:
    def leave(engine: EngineFile) -> None:
        engine_file_path(tmp_path).write_bytes(msgspec.json.encode(engine))

    assert EngineClient.attach(tmp_path) is None
    with scripted_engine(dict(PING)) as (engine, _):
        leave(engine)
        assert EngineClient.attach(tmp_path) is not None
        leave(replace(engine, protocol=99))
        with pytest.raises(Refused, match="another version"):
            EngineClient.attach(tmp_path)
        leave(replace(engine, started_at=engine.started_at - 60))
        assert EngineClient.attach(tmp_path) is None
