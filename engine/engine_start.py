"""Start a detached engine and wait until it answers."""

import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from engine.protocol.engine_launch import TAKEN, last_words, launch_engine, start_log
from engine.protocol.problems import Refused

T = TypeVar("T")

STEP_S = 0.02


def start_engine(home: Path, attach: Callable[[], T | None], *, timeout_s: float) -> T:
    """Start one and return what `attach` finds, be it ours or that of somebody faster.

    While another engine holds the folder without answering, it comes up or is about to leave: ours
    leaves at once then, and is started again.
    """
    process = _launch(home)
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        found = attach()
        if found is not None:
            return found
        status = process.poll()
        if status == TAKEN:
            process = _launch(home)
        elif status is not None:
            break
        time.sleep(STEP_S)
    said = last_words(home)
    raise Refused(
        "engine.no-start",
        f"The engine did not start{f': {said}' if said else ''}.",
        f"The whole story is in {start_log(home)} and {home / 'logs' / 'engine.log'}.",
    )


def _launch(home: Path) -> subprocess.Popen[bytes]:
    """Its exit status is taken once it ends, so that a starter who stays keeps no zombie."""
    process = launch_engine(home)
    threading.Thread(target=process.wait, name="engine exit", daemon=True).start()
    return process
