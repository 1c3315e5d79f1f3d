"""What becomes of a training that memory or disk ran out for: it goes on by itself."""

import logging
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from engine.catalog.catalog import Catalog
from engine.jobs.job_records import JobRecords
from engine.protocol.jobs import Job, JobState
from engine.protocol.problems import Problem
from engine.protocol.records import Run
from engine.protocol.run_length import may_halve, micro_batch
from engine.protocol.tasks import OUT_OF_MEMORY, Task, TrainTask
from engine.store.disk import DISK_FULL, free_bytes

log = logging.getLogger(__name__)


class Setbacks:
    """Decides how a job that was refused by its worker ends, waits or is tried again."""

    def __init__(self, home: Path, catalog: Catalog, records: JobRecords) -> None:
        self._home = home
        self._catalog = catalog
        self._records = records

    def take(self, job: Job, task: Task | None, problem: Problem) -> None:
        """Fail the job, unless it is a training that can wait for room or take less at once."""
        if isinstance(task, TrainTask) and problem.code == OUT_OF_MEMORY:
            self._halve(job, self._catalog.run(task.run.id), problem)
        elif isinstance(task, TrainTask) and problem.code == DISK_FULL and problem.needs_bytes:
            hint = "Free some space: it goes on by itself then, or when it is resumed."
            waiting = replace(problem, hint=hint)
            log.warning("%s waits: %s", job.title, problem.message)
            self._records.put(
                replace(job, state=JobState.PAUSED, problem=waiting, remaining_s=None)
            )
        else:
            self._records.end(job, JobState.FAILED, problem)

    def waiting(self) -> Iterator[Job]:
        """Trainings that go on once there is room."""
        for job in self._catalog.jobs.where("state = ?", JobState.PAUSED):
            if job.problem is not None and job.problem.code == DISK_FULL:
                yield job

    def with_room(self) -> list[Job]:
        """Those of them for which there is room now."""
        free = free_bytes(self._home)
        return [job for job in self.waiting() if job.problem and job.problem.needs_bytes <= free]

    def _halve(self, job: Job, run: Run, problem: Problem) -> None:
        """The batch of a step stays what it was: twice as many parts of it are added up."""
        spec = run.spec
        if not may_halve(spec, run.halvings):
            tried = [str(micro_batch(spec, halvings)) for halvings in range(run.halvings + 1)]
            message = f"{problem.message} Rows at once: tried {', '.join(tried)}."
            self._records.end(job, JobState.FAILED, replace(problem, message=message))
            return
        rows = micro_batch(spec, run.halvings + 1)
        notice = (
            f"Micro-batch halved to {rows} after running out of memory at step {run.step + 1}; "
            f"every step still learns from {spec.batch_size * spec.accumulation} rows."
        )
        log.warning("%s: %s", job.title, notice)
        self._catalog.runs.put(
            replace(run, halvings=run.halvings + 1, notices=(*run.notices, notice))
        )
        self._records.queue_again(replace(job, attempts=0))
