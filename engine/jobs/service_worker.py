"""A serving worker as the engine sees it: one process, many requests, started anew when dead."""

import asyncio
import contextlib
import itertools
import logging
import signal
import time
from collections import deque
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from engine.jobs.process import WorkerProcess
from engine.protocol.problems import Problem, Refused
from engine.protocol.worker_messages import (
    Answered,
    CancelReply,
    Failed,
    Generate,
    Inspect,
    Ready,
    ReplyDone,
    RequestFailed,
    ServeMessage,
)

log = logging.getLogger(__name__)
T = TypeVar("T")
Request = Generate | Inspect
DECODER: msgspec.json.Decoder[ServeMessage] = msgspec.json.Decoder(ServeMessage)

LEAVE_WITHIN_S = 2.0
ANSWER_WITHIN_S = 60.0  # the start of a worker included
MOST_CRASHES = 3
CRASH_WINDOW_S = 300.0
REFUSED_STATUS = 1  # the worker said why, see engine.workers.channel
CLOSED = Problem("worker.closed", "The worker was closed before it answered.", "Try again.")


class Life:
    """One process from its start to its end, with the requests that it owes an answer."""

    def __init__(self, process: WorkerProcess[ServeMessage]) -> None:
        self.process = process
        self.open: dict[int, asyncio.Queue[ServeMessage]] = {}
        self.memory_bytes = 0  # of the loaded model; 0 until it is ready
        self.reader: asyncio.Task[None] | None = None


class ServiceWorker:
    """`python -m engine.workers.<name> FOLDER` that answers many requests, several at once.

    It starts with the first request and again after a crash, but not in a loop; with `idle_s` it
    leaves after that long without a request. Every open request gets an answer, whatever happens.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        task: Struct,
        *,
        idle_s: float | None = None,
        module: str = "",
    ) -> None:
        self.name = name
        self.folder = folder
        self.task = task
        self._idle_s = idle_s
        self._module = module or f"engine.workers.{name}"
        self._numbers = itertools.count(1)
        self._starting = asyncio.Lock()
        self._life: Life | None = None
        self._crashes: deque[float] = deque()
        self._idle: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        return self._life is not None

    @property
    def busy(self) -> bool:
        return self._life is not None and bool(self._life.open)

    @property
    def memory_bytes(self) -> int:
        """What the worker said it holds once ready; 0 before."""
        return self._life.memory_bytes if self._life else 0

    @property
    def pid(self) -> int | None:
        return self._life.process.pid if self._life else None

    async def ask(
        self, request: Request, wanted: type[T], *, within_s: float = ANSWER_WITHIN_S
    ) -> T:
        """The one answer to a request; its id is given here.

        Raises Refused with the worker's reason, when it died, or when it took too long and was
        ended: a template or a file can keep a parser busy for ever.
        """
        try:
            async with asyncio.timeout(within_s), contextlib.aclosing(self.stream(request)) as all_:
                async for message in all_:
                    if isinstance(message, Answered):
                        return msgspec.json.decode(message.result, type=wanted)
                    if isinstance(message, RequestFailed):
                        raise Refused.from_problem(message.problem)
        except TimeoutError as error:
            if self._life is not None:
                self._life.process.kill()
            raise Refused(
                "worker.slow",
                f"The {self.name} worker did not answer within {within_s:g} s and was ended.",
                "The file or the template may be too complicated.",
            ) from error
        raise Refused.from_problem(CLOSED, status=503)

    async def stream(self, request: Request) -> AsyncGenerator[ServeMessage, None]:
        """Every message that answers a request, up to and with the last; its id is given here.

        A consumer that leaves early (use `contextlib.aclosing`) cancels the reply. Raises Refused
        only when no worker can be started.
        """
        life = await self._alive()
        number = next(self._numbers)
        answers: asyncio.Queue[ServeMessage] = asyncio.Queue()
        life.open[number] = answers
        life.process.send(replace(request, id=number))
        ended = False
        try:
            while not ended:
                message = await answers.get()
                ended = isinstance(message, ReplyDone | Answered | RequestFailed)
                yield message
        finally:
            life.open.pop(number, None)
            if not ended and isinstance(request, Generate):
                life.process.send(CancelReply(number))
            self._wait_idle()

    def tell(self, message: Struct) -> None:
        """Send something that has no answer; a worker that is not there need not know."""
        if self._life is not None:
            self._life.process.send(message)

    async def close(self) -> None:
        """Let it leave, kill it after two seconds; the next request starts it again."""
        self._stop_waiting()
        life, self._life = self._life, None
        if life is not None:
            await life.process.leave(LEAVE_WITHIN_S)
            assert life.reader is not None
            await life.reader

    async def _alive(self) -> Life:
        self._stop_waiting()
        async with self._starting:
            if self._life is None:
                self._check_crashes()
                self.folder.mkdir(parents=True, exist_ok=True)
                (self.folder / "task.json").write_bytes(msgspec.json.encode(self.task))
                life = Life(await WorkerProcess.start(self._module, self.folder, DECODER))
                life.reader = asyncio.create_task(self._read(life))
                self._life = life
            return self._life

    def _check_crashes(self) -> None:
        while self._crashes and time.monotonic() - self._crashes[0] > CRASH_WINDOW_S:
            self._crashes.popleft()
        if len(self._crashes) >= MOST_CRASHES:
            raise Refused(
                "worker.crashing",
                f"The {self.name} worker ended unexpectedly {len(self._crashes)} times in"
                f" {CRASH_WINDOW_S / 60:g} minutes and is left alone for now.",
                f"Its log may say why: {self.folder / 'job.log'}",
                status=503,
            )

    async def _read(self, life: Life) -> None:
        """Hand each answer to who asked, until the process has ended; then answer the rest."""
        problem: Problem | None = None
        try:
            async for message in life.process.messages():
                match message:
                    case Ready():
                        life.memory_bytes = message.memory_bytes
                    case Failed():
                        problem = message.problem
                    case _ if message.id in life.open:
                        life.open[message.id].put_nowait(message)
        except (msgspec.MsgspecError, ValueError):
            log.exception("The %s worker sent a line that is none of ours", self.name)
            life.process.kill()
            await life.process.end(LEAVE_WITHIN_S)
        if self._life is life:
            self._life = None
            refused = problem is not None and life.process.status == REFUSED_STATUS
            problem = problem or self._death(life)
            if not refused:
                self._crashes.append(time.monotonic())
            log.warning("The %s worker ended: %s", self.name, problem.message)
        for number, answers in life.open.items():
            answers.put_nowait(RequestFailed(number, problem or CLOSED))

    def _death(self, life: Life) -> Problem:
        why = life.process.why_it_ended()
        where = f"Its log may say more: {self.folder / 'job.log'}"
        if life.process.status == -signal.SIGKILL:
            where = f"The machine probably ran out of memory; close other programs. {where}"
        return Problem(why.code, why.message, where)

    def _wait_idle(self) -> None:
        self._stop_waiting()
        if self._idle_s is not None and self._life is not None and not self._life.open:
            self._idle = asyncio.create_task(self._leave_when_idle(self._idle_s))

    def _stop_waiting(self) -> None:
        if self._idle is not None and self._idle is not asyncio.current_task():
            self._idle.cancel()
        self._idle = None

    async def _leave_when_idle(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.close()
