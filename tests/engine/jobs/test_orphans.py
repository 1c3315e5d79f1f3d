"""Workers of an engine that died."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from engine.jobs import orphans


@contextmanager
def worker_in(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """A process that waits for ever, started as a worker is: its folder is its last argument."""
    command = [sys.executable, "-c", "import threading; threading.Event().wait()", str(folder)]
    with subprocess.Popen(command, start_new_session=True) as process:
        try:
            yield process, psutil.Process(process.pid).create_time()
        finally:
            process.kill()


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The patience is the only thing changed: the processes and their ends are real."""
    monkeypatch.setattr(orphans, "LEAVE_WITHIN_S", 0.2)


def test_a_worker_that_does_not_leave_is_ended(tmp_path: Path) -> None:
    with worker_in(tmp_path / "one") as (process, started_at):
        asyncio.run(orphans.see_off([("one", process.pid, started_at)], tmp_path))
        assert process.wait(timeout=10) == -9


def test_a_process_that_only_took_over_the_pid_is_left_alone(tmp_path: Path) -> None:
    with worker_in(tmp_path / "one") as (process, _):
        asyncio.run(orphans.see_off([("one", process.pid, 1.0)], tmp_path))
        assert process.poll() is None


def test_a_worker_of_the_folder_that_this_one_was_copied_from_is_left_alone(
    tmp_path: Path,
) -> None:
    with worker_in(tmp_path / "original" / "one") as (process, started_at):
        copy = tmp_path / "copy"
        asyncio.run(orphans.see_off([("one", process.pid, started_at)], copy))
        assert process.poll() is None
