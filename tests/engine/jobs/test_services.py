import asyncio
import contextlib
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest

from engine.jobs import service_worker
from engine.jobs.service_worker import ServiceWorker
from engine.jobs.services import ChatMessage, ChatServices
from engine.protocol.problems import Refused
from engine.protocol.records import BaseModel
from engine.protocol.specs import Message, SamplingSpec
from engine.protocol.tasks import ServeInspect
from engine.protocol.worker_messages import (
    Generate,
    Recognise,
    Recognised,
    ReplyDelta,
    ReplyDone,
    ReplyStarted,
    RequestFailed,
    ServeMessage,
)
from tests.fakes.tiny_model import write_tiny_model

T = TypeVar("T")
SPEC = SamplingSpec(temperature=0, max_tokens=8)


FAKE = "tests.fakes.scripted_worker"


def fake(folder: Path, **options: Any) -> ServiceWorker:
    return ServiceWorker("fake", folder / "fake", ServeInspect(), module=FAKE, **options)


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(work, 240))


def order(text: str) -> Generate:
    return Generate(0, (Message("user", text),), SPEC, None)


async def all_of(worker: ServiceWorker, text: str) -> list[ServeMessage]:
    return [message async for message in worker.stream(order(text))]


async def failure(worker: ServiceWorker, text: str) -> RequestFailed:
    last = (await all_of(worker, text))[-1]
    assert isinstance(last, RequestFailed)
    return last


async def until_gone(pid: int) -> None:
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        await asyncio.sleep(0.01)


def test_requests_at_the_same_time_each_get_their_own_answers(tmp_path: Path) -> None:
    async def work() -> None:
        worker = fake(tmp_path)
        answers = await asyncio.gather(*(all_of(worker, "echo") for _ in range(5)))
        assert worker.memory_bytes > 0
        pids = set()
        for delta, done in answers:
            assert isinstance(delta, ReplyDelta)
            assert isinstance(done, ReplyDone)
            assert delta.id == done.id
            pids.add(done.text)
        assert pids == {f"echo {worker.pid}"}  # one process answered all of them
        assert not worker.busy
        await worker.close()
        assert not worker.alive

    run(work())


@pytest.mark.parametrize(("text", "cause"), [("die", "SIGKILL"), ("leave", "status 5")])
def test_a_dead_worker_fails_its_requests_and_is_started_again(
    text: str, cause: str, tmp_path: Path
) -> None:
    async def work() -> None:
        worker = fake(tmp_path)
        hanging = asyncio.create_task(failure(worker, "hang"))
        failed = await failure(worker, text)
        assert failed.problem.code == "worker.died"
        assert cause in failed.problem.message
        assert "job.log" in failed.problem.hint
        assert (await hanging).problem == failed.problem
        assert isinstance((await all_of(worker, "echo"))[-1], ReplyDone)
        await worker.close()

    run(work())


def test_a_worker_that_keeps_dying_is_left_alone(tmp_path: Path) -> None:
    async def work() -> None:
        worker = fake(tmp_path)
        for _ in range(service_worker.MOST_CRASHES):
            await failure(worker, "leave")
        with pytest.raises(Refused) as caught:
            await all_of(worker, "echo")
        assert caught.value.problem.code == "worker.crashing"

    run(work())


def test_a_worker_that_refuses_says_why_and_that_is_no_crash(tmp_path: Path) -> None:
    async def work() -> None:
        worker = fake(tmp_path)
        for _ in range(service_worker.MOST_CRASHES + 1):
            assert (await failure(worker, "refuse")).problem.code == "fake.refused"

    run(work())


def test_a_worker_that_babbles_is_ended(tmp_path: Path) -> None:
    async def work() -> None:
        worker = fake(tmp_path)
        assert (await failure(worker, "babble")).problem.code == "worker.died"
        assert not worker.alive

    run(work())


def test_a_consumer_that_leaves_cancels_its_reply(tmp_path: Path) -> None:
    async def work() -> None:
        worker = fake(tmp_path)
        async with contextlib.aclosing(worker.stream(order("hang"))) as messages:
            async for message in messages:
                number = getattr(message, "id", 0)
                break
        assert not worker.busy
        await all_of(worker, "echo")  # answered after the cancel was read
        assert (worker.folder / "cancelled").read_text() == str(number)
        await worker.close()

    run(work())


def test_a_question_without_an_answer_ends_the_worker(tmp_path: Path) -> None:
    async def work() -> None:
        worker = fake(tmp_path)
        with pytest.raises(Refused) as caught:
            await worker.ask(Recognise(0, "/"), Recognised, within_s=0.2)
        assert caught.value.problem.code == "worker.slow"
        await worker.close()

    run(work())


def test_closing_answers_what_is_open_and_ends_a_worker_that_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_worker, "LEAVE_WITHIN_S", 0.2)

    async def work() -> None:
        worker = fake(tmp_path)
        stopped = asyncio.create_task(failure(worker, "stop"))
        while worker.pid is None:
            await asyncio.sleep(0.01)
        pid = worker.pid
        while psutil.Process(pid).status() != psutil.STATUS_STOPPED:
            await asyncio.sleep(0.01)
        await worker.close()
        assert (await stopped).problem.code == "worker.closed"
        assert not psutil.pid_exists(pid)

    run(work())


def test_an_idle_worker_leaves_and_comes_back(tmp_path: Path) -> None:
    async def work() -> None:
        worker = fake(tmp_path, idle_s=0.05)
        await all_of(worker, "echo")
        pid = worker.pid
        assert pid is not None
        await until_gone(pid)
        assert not worker.alive
        assert isinstance((await all_of(worker, "echo"))[-1], ReplyDone)
        await worker.close()

    run(work())


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux to end the worker")
def test_a_hanging_worker_does_not_outlive_an_engine_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import asyncio, os, signal, sys\n"
        "from pathlib import Path\n"
        "from tests.engine.jobs.test_services import fake, all_of\n"
        "async def work():\n"
        "    worker = fake(Path(sys.argv[1]))\n"
        "    await all_of(worker, 'echo')\n"
        "    print(worker.pid, flush=True)\n"
        "    os.kill(worker.pid, signal.SIGSTOP)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(work())\n"
    )

    async def work() -> None:
        engine = await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, str(tmp_path), stdout=asyncio.subprocess.PIPE
        )
        out, _ = await engine.communicate()
        await until_gone(int(out))

    run(work())


def base_in(folder: Path, *, identifier: str = "a" * 32) -> BaseModel:
    path = write_tiny_model(folder / identifier)
    return BaseModel(identifier, "Tiny", str(path), "folder", context_length=512, fingerprint="f")


async def chat(services: ChatServices, base: BaseModel, text: str) -> list[ChatMessage]:
    return [m async for m in services.stream_reply(base, None, (Message("user", text),), SPEC)]


def test_a_chat_goes_through_a_real_worker_and_survives_its_death(tmp_path: Path) -> None:
    async def work() -> None:
        base = base_in(tmp_path)
        services = ChatServices(tmp_path / "services", threads=1)
        started, *deltas, done = await chat(services, base, "Hello")
        assert isinstance(started, ReplyStarted)
        assert isinstance(done, ReplyDone)
        assert "".join(d.text for d in deltas if isinstance(d, ReplyDelta)) == done.text
        assert done.stamp.tokens
        assert services.loaded == (base.id,)
        pid = services._workers[base.id].pid
        assert pid is not None
        assert int(Path(f"/proc/{pid}/oom_score_adj").read_text()) > 0
        os.kill(pid, 9)
        again = await chat(services, base, "Hello")
        assert isinstance(again[-1], ReplyDone | RequestFailed)  # its death may be seen only now
        final = (await chat(services, base, "Hello"))[-1]
        assert isinstance(final, ReplyDone)
        assert final.text == done.text
        await services.close()
        assert not services.loaded

    run(work())


def test_a_base_that_cannot_be_loaded_says_why(tmp_path: Path) -> None:
    async def work() -> None:
        base = base_in(tmp_path)
        (Path(base.path) / "model.safetensors").write_bytes(b"nothing")
        services = ChatServices(tmp_path / "services", threads=1)
        (failed,) = await chat(services, base, "Hello")
        assert isinstance(failed, RequestFailed)
        assert failed.problem.code == "model.unreadable"
        await services.close()

    run(work())


def test_the_least_recently_used_base_leaves_for_another(tmp_path: Path) -> None:
    async def work() -> None:
        services = ChatServices(tmp_path / "services", limit=2, module=FAKE)
        bases = [base_in(tmp_path, identifier=letter * 32) for letter in "abc"]
        for at in (0, 1, 0, 2):
            await chat(services, bases[at], "echo")
        assert services.loaded == (bases[0].id, bases[2].id)
        hanging = [asyncio.create_task(chat(services, bases[at], "hang")) for at in (0, 2)]
        while sum(worker.busy for worker in services._workers.values()) < 2:
            await asyncio.sleep(0.01)
        (refused,) = await chat(services, bases[1], "echo")
        assert isinstance(refused, RequestFailed)
        assert refused.problem.code == "chat.busy"
        await services.close()
        for task in hanging:
            assert isinstance((await task)[-1], RequestFailed)

    run(work())
