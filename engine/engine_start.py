"""Start a detached engine and wait until it answers."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from engine.protocol.engine_file import engine_command
from engine.protocol.problems import Refused

T = TypeVar("T")

STEP_S = 0.02
TAKEN = 3  # exit status of an engine whose data folder another one holds


def start_log(home: Path) -> Path:
    """What an engine printed before its own log was open."""
    return home / "logs" / "engine-start.log"


def start_engine(home: Path, attach: Callable[[], T | None], *, timeout_s: float) -> T:
    """Start one and return what `attach` finds, be it ours or that of somebody faster.

    While another engine holds the folder without answering, it comes up or is about to leave: ours
    leaves at once then, and is started again.
    """
    process = _start_detached(home)
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        found = attach()
        if found is not None:
            return found
        status = process.poll()
        if status == TAKEN:
            process = _start_detached(home)
        elif status is not None:
            break
        time.sleep(STEP_S)
    raise Refused(
        "engine.no-start",
        f"The engine did not start{_last_words(home)}.",
        f"The whole story is in {start_log(home)} and {home / 'logs' / 'engine.log'}.",
    )


def _start_detached(home: Path) -> subprocess.Popen[bytes]:
    log_path = start_log(home)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    log_path.parent.mkdir(mode=0o700, exist_ok=True)
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    with log_path.open("wb") as log_file:
        process = subprocess.Popen(
            engine_command(home.resolve()),
            stdin=subprocess.DEVNULL,
            stdout=log_file,
            stderr=log_file,
            # "-m" looks into the current folder first: one without a person's own modules.
            cwd=log_path.parent,
            start_new_session=True,
            creationflags=flags,
        )
    # Takes its exit status once it ends, so that a starter who stays keeps no zombie.
    threading.Thread(target=process.wait, name="engine exit", daemon=True).start()
    return process


def _last_words(home: Path) -> str:
    """ ": " and the last line the engine printed, or nothing."""
    lines = start_log(home).read_text("utf-8", "replace").strip().splitlines()
    return f": {lines[-1].strip().rstrip('.')}" if lines else ""
