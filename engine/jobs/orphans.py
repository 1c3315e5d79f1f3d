"""Workers of an engine that died."""

import asyncio
import logging
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

from engine.jobs.process import kill_group
from engine.protocol.engine_file import process_is

log = logging.getLogger(__name__)
LEAVE_WITHIN_S = 22.0  # they end themselves within 20 s of end-of-file
LOOK_EVERY_S = 0.1


async def see_off(workers: Iterable[tuple[str, int, float]], jobs: Path) -> None:
    """Wait until those processes (job, pid, start time) have saved and left; then kill the rest.

    Only afterwards may a job be started again: two workers must not share a run's folder. A
    process that does not work in a folder of `jobs` is left alone: the catalog may be the copy of
    another one, whose workers are none of ours.
    """
    deadline = time.monotonic() + LEAVE_WITHIN_S
    left = [worker for worker in workers if _works_in(worker[1], jobs / worker[0])]
    while left and time.monotonic() < deadline:
        left = [worker for worker in left if process_is(worker[1], worker[2])]
        if left:
            await asyncio.sleep(LOOK_EVERY_S)
    for job, pid, _ in left:
        log.warning("The worker of job %s did not leave; ending it", job)
        kill_group(pid)


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return str(folder) in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
