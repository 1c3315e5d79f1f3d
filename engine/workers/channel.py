"""A worker's line to the engine: JSON Lines on a descriptor of its own, the rest to the log."""

import contextlib
import ctypes
import logging
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import UnionType
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from engine.protocol.problems import WENT_WRONG, Problem, Refused
from engine.protocol.worker_messages import Failed
from engine.workers.torch_environment import prepare_torch_environment

log = logging.getLogger(__name__)
Command = TypeVar("Command")
LEAVE_WITHIN_S = 20.0


class Channel(Generic[Command]):
    """Sends structs to the engine and queues its commands; None in the queue is end-of-file.

    A worker whose engine is gone has `LEAVE_WITHIN_S` to save and leave before it is ended, so
    that no orphan outlives an engine by more than that.
    """

    def __init__(self, folder: Path, command_type: type[Command] | UnionType) -> None:
        self.folder = folder
        self.commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._decoder: msgspec.json.Decoder[Command] = msgspec.json.Decoder(command_type)
        self._lock = threading.Lock()
        self._out = os.fdopen(os.dup(1), "wb", buffering=0)
        _redirect_output(folder / "job.log")
        threading.Thread(target=self._read, name="commands", daemon=True).start()

    def send(self, message: Struct) -> None:
        """Write one line; an engine that is gone is no error, end-of-file follows on stdin."""
        line = msgspec.json.encode(message) + b"\n"
        with self._lock:
            try:
                self._out.write(line)
            except BrokenPipeError:
                log.warning("The engine no longer listens")

    def _read(self) -> None:
        with os.fdopen(os.dup(0), "rb") as lines:
            for line in lines:
                self.commands.put(self._decoder.decode(line))
        self.commands.put(None)
        deadline = threading.Timer(LEAVE_WITHIN_S, os._exit, args=(3,))
        deadline.daemon = True
        deadline.start()


def _redirect_output(path: Path) -> None:
    """Point descriptors 1 and 2 at the log, so that prints of any library cannot reach the line."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    sys.stdout.flush()
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)s: %(message)s"
    )


def _offer_to_memory_killer() -> None:
    """When memory runs out, Linux ends a worker and not the engine or the window."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("500")


def _die_with_engine() -> None:
    """Linux kills this process when its engine dies, even while it hangs in native code."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL, 0, 0, 0)


def run_worker(
    argv: list[str],
    command_type: type[Command] | UnionType,
    main: Callable[[Channel[Command], bytes], None],
    *,
    leaves_with_engine: bool = False,
) -> int:
    """Open the channel for the job folder in `argv` and run `main(channel, task_json)`.

    `leaves_with_engine` is for a worker that has nothing to save: the system ends it together
    with its engine. Returns the exit status: 0 after `main` returned, 1 after it was refused, 2
    after a bug.
    """
    _offer_to_memory_killer()
    prepare_torch_environment()
    if leaves_with_engine:
        _die_with_engine()
    folder = Path(argv[1])
    channel: Channel[Command] = Channel(folder, command_type)
    try:
        main(channel, (folder / "task.json").read_bytes())
    except Refused as refusal:
        log.info("Refused: %s", refusal.problem)
        channel.send(Failed(refusal.problem))
        return 1
    except MemoryError:
        log.exception("Out of memory")
        channel.send(
            Failed(
                Problem(
                    "memory.out",
                    "The machine ran out of memory.",
                    "Close other programs or choose a smaller batch size or maximum length.",
                )
            )
        )
        return 1
    except Exception:  # the worker's main: one of the three places where a bug is caught whole
        log.exception("A bug in this worker")
        channel.send(Failed(WENT_WRONG))
        return 2
    return 0
