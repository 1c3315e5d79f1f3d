"""One worker process as the engine sees it: a line in, a line out, an end."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
import psutil
from msgspec import Struct

from engine.protocol.offline import SETTINGS
from engine.protocol.problems import Problem
from engine.protocol.tasks import OUT_OF_MEMORY
from engine.store.disk import megabytes

Message = TypeVar("Message")
GIVING_WAY = 10  # as of nice
LONGEST_LINE = 64 * 1024 * 1024  # bytes


class WorkerProcess(Generic[Message]):
    """`python -m MODULE FOLDER`, with `task.json` already in the folder.

    The worker leads its own process group, so that everything it started ends with it.
    """

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        folder: Path,
        decoder: msgspec.json.Decoder[Message],
    ) -> None:
        self._process = process
        self.folder = folder
        self._decoder = decoder
        self.pid = process.pid
        try:
            self.started_at = psutil.Process(process.pid).create_time()
        except psutil.Error:  # ended already
            self.started_at = 0.0

    @classmethod
    async def start(
        cls, module: str, folder: Path, decoder: msgspec.json.Decoder[Message]
    ) -> "WorkerProcess[Message]":
        with (folder / "job.log").open("ab") as errors:  # what fails before the worker's own log
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                module,
                str(folder),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **SETTINGS},
                start_new_session=True,
                limit=LONGEST_LINE,
            )
        return cls(process, folder, decoder)

    def send(self, message: Struct) -> None:
        """Queue one line; a worker that has left is no error, its end is seen by `messages`."""
        assert self._process.stdin is not None
        with contextlib.suppress(ConnectionError, RuntimeError):
            self._process.stdin.write(msgspec.json.encode(message) + b"\n")

    async def messages(self) -> AsyncIterator[Message]:
        """Every line until the worker leaves; its exit status is there afterwards."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            yield self._decoder.decode(line)
        await self._process.wait()

    def give_way(self) -> None:
        """To the window and to chats, which take what they need of the processor first.

        Linux may weigh whole sessions against each other, and `nice` only inside one (sched(7),
        autogroup); a worker leads a session of its own.
        """
        lower = getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", GIVING_WAY)  # a class on Windows
        with contextlib.suppress(psutil.Error, OSError):
            psutil.Process(self.pid).nice(lower)
        with contextlib.suppress(OSError):
            Path(f"/proc/{self.pid}/autogroup").write_text(str(GIVING_WAY))

    async def leave(self, within_s: float) -> None:
        """Close its stdin, which means save and leave; kill it when it takes longer."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self.end(within_s)

    async def end(self, within_s: float) -> None:
        """Wait for its end, at most that long, then kill its whole group."""
        try:
            await asyncio.wait_for(self._process.wait(), within_s)
        except TimeoutError:
            self.kill()
            await self._process.wait()

    def kill(self) -> None:
        """End it with all it started; nothing once it has ended, when its pid may be another's."""
        if self.status is None:
            kill_group(self.pid)

    @property
    def status(self) -> int | None:
        """How it ended, negative for a signal; None while it runs."""
        return self._process.returncode

    def why_it_ended(self, *, out_of_memory: bool = False) -> Problem:
        """The Problem to show when it left without a word; whether the system was out of memory."""
        status = self._process.returncode
        if status == -signal.SIGKILL and out_of_memory:
            free = megabytes(psutil.virtual_memory().available)
            return Problem(
                OUT_OF_MEMORY,
                f"Out of memory: the system ended the worker; now {free} are free.",
                "Close other programs or choose a smaller maximum length.",
            )
        if status is not None and status < 0:
            cause = f"was ended by signal {-status} ({signal.Signals(-status).name})"
        else:
            cause = f"left with status {status}"
        memory = status == -signal.SIGKILL
        return Problem(
            "worker.died",
            f"The worker {cause}.",
            "The machine probably ran out of memory; choose a smaller batch size or length."
            if memory
            else f"Its log may say why: {self.folder / 'job.log'}",
        )


def kill_group(pid: int) -> None:
    """End a worker and everything it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(pid, signal.SIGKILL)
        else:
            psutil.Process(pid).kill()
