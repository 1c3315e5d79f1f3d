"""The engine's life from lock to last word."""

import asyncio
import contextlib
import logging
import logging.handlers
import os
import secrets
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import filelock
import msgspec
import psutil
import uvicorn

from engine.protocol.engine_file import EngineFile, engine_file_path
from engine.protocol.engine_launch import TAKEN
from engine.protocol.events import PROTOCOL_VERSION, LogAdded
from engine.server.app import build_app
from engine.server.engine import Engine

log = logging.getLogger(__name__)
LOOK_EVERY_S = 5.0
LOG_BYTES, LOG_FILES = 5 * 1024 * 1024, 5


def serve(home: Path, *, idle_s: float) -> int:
    """Serve that data folder until stopped or idle; returns the exit status.

    The lock is the operating system's, so it ends with the process however that ends, and two
    engines on one data folder cannot happen.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = filelock.FileLock(home / "engine.lock", mode=0o600)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return TAKEN
    with lock:
        _log_to(home / "logs")
        asyncio.run(_serve(home, idle_s=idle_s))
    return 0


async def _serve(home: Path, *, idle_s: float) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port, token = listener.getsockname()[1], secrets.token_hex(32)
    engine = Engine(home)
    _publish_log(engine)
    server: uvicorn.Server

    def stop() -> None:
        server.should_exit = True
        engine.events.close()  # open streams would hold the server up

    app = build_app(engine, token=token, port=port, stop=stop)
    server = QuietServer(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            date_header=False,
            h11_max_incomplete_event_size=64 * 1024,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=2,
        )
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        _on_signal(number, stop)
    engine.start()
    with _announced(home, port=port, token=token):
        tasks = [
            asyncio.create_task(engine.jobs.run(), name="jobs"),
            asyncio.create_task(engine.watch_workstation(), name="workstation"),
            asyncio.create_task(_stop_when_idle(engine, idle_s, stop), name="idle"),
        ]
        for task in tasks:
            task.add_done_callback(_say_if_broken)
        log.info("Engine ready on port %d", port)
        await server.serve(sockets=[listener])
    await engine.stop()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    log.info("Engine stopped")


class QuietServer(uvicorn.Server):
    """Leaves the signals to us: stopping closes the event streams first."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _on_signal(number: signal.Signals, stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(number, stop)
    except NotImplementedError:  # Windows
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))


@contextlib.contextmanager
def _announced(home: Path, *, port: int, token: str) -> Iterator[None]:
    """`engine.json` while the engine serves; a dead engine's file is replaced."""
    path = engine_file_path(home)
    path.unlink(missing_ok=True)
    own = EngineFile(
        pid=os.getpid(),
        started_at=psutil.Process().create_time(),
        port=port,
        token=token,
        protocol=PROTOCOL_VERSION,
    )
    # Written aside and renamed: a client sees no file or a whole one.
    draft = path.with_suffix(f".{own.pid}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(own))
    draft.rename(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


async def _stop_when_idle(engine: Engine, idle_s: float, stop: Callable[[], None]) -> None:
    """Stop after `idle_s` without client, job or reply."""
    since = time.monotonic()
    while time.monotonic() - since < idle_s:
        await asyncio.sleep(min(LOOK_EVERY_S, idle_s / 4))
        if engine.in_use:
            since = time.monotonic()
    log.info("Nobody needs the engine")
    stop()


def _say_if_broken(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("'%s' ended", task.get_name(), exc_info=task.exception())


def _log_to(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        folder / "engine.log", maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8"
    )
    (folder / "engine.log").chmod(0o600)
    logging.basicConfig(
        level=logging.INFO,
        handlers=[handler],
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )


class EventHandler(logging.Handler):
    """Shows the engine's own log lines in the Output panel."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(logging.INFO)
        self._engine = engine

    def emit(self, record: logging.LogRecord) -> None:
        self._engine.events.publish(LogAdded("engine", record.getMessage(), record.created))


def _publish_log(engine: Engine) -> None:
    logging.getLogger("engine").addHandler(EventHandler(engine))
