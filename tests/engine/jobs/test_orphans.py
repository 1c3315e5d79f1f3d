"""Workers of an engine that died."""

import asyncio
import subprocess
import sys

import psutil
import pytest

from engine.jobs import orphans


def test_a_worker_that_does_not_leave_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The patience is the only thing changed: the process and its end are real."""
    monkeypatch.setattr(orphans, "LEAVE_WITHIN_S", 0.2)
    command = [sys.executable, "-c", "import threading; threading.Event().wait()"]
    with subprocess.Popen(command, start_new_session=True) as process:
        started_at = psutil.Process(process.pid).create_time()
        asyncio.run(orphans.see_off([("job", process.pid, started_at)]))
        assert process.wait(timeout=10) == -9


def test_a_process_that_only_took_over_the_pid_is_left_alone() -> None:
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        asyncio.run(orphans.see_off([("job", process.pid, 1.0)]))
        assert process.poll() is None
        process.communicate(b"\n")
