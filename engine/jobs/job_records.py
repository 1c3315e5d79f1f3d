"""How a job's record changes, and its run's with it."""

import logging
import time

from msgspec.structs import replace

from engine.catalog.catalog import Catalog
from engine.jobs.queue import position_before_all
from engine.protocol.jobs import Job, JobState
from engine.protocol.problems import Problem, not_found

log = logging.getLogger(__name__)
MOST_ATTEMPTS = 5  # a job whose worker takes the engine down again and again is not a loop
KEPT_ENDED_JOBS = 200


class JobRecords:
    """Every change of state goes through here, so that a run always says what its job says."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def job(self, identifier: str) -> Job:
        found = self._catalog.jobs.get(identifier)
        if found is None:
            raise not_found("job", identifier)
        return found

    def put(self, job: Job) -> Job:
        self._catalog.jobs.put(job)
        for run in self._catalog.runs.where("job = ?", job.id):
            self._catalog.runs.put(replace(run, state=job.state))
        return job

    def end(self, job: Job, state: JobState, problem: Problem | None = None) -> Job:
        if problem is not None:
            log.warning("%s: %s", job.title, problem.message)
        ended = replace(
            job,
            state=state,
            problem=problem,
            ended_at=time.time(),
            remaining_s=None,
            progress=1.0 if state is JobState.DONE else job.progress,
        )
        self.put(ended)
        self._forget_old()
        return ended

    def _forget_old(self) -> None:
        """Drop the oldest ended jobs that no run needs."""
        needed = {run.job for run in self._catalog.runs.all()}
        ended = [job for job in self._catalog.jobs.all() if job.ended and job.id not in needed]
        for job in ended[:-KEPT_ENDED_JOBS]:
            self._catalog.jobs.remove(job.id)

    def queue_again(self, job: Job) -> Job:
        if job.attempts >= MOST_ATTEMPTS:
            problem = Problem(
                "jobs.interrupted-often",
                f"'{job.title}' was interrupted {job.attempts} times in a row.",
                "Look at its log, then resume it; its checkpoints are kept.",
            )
            return self.end(job, JobState.FAILED, problem)
        first = position_before_all(self._catalog.jobs.all()) if job.started_at else job.position
        queued = replace(
            job,
            state=JobState.QUEUED,
            position=first,
            problem=None,
            ended_at=None,
            remaining_s=None,
        )
        self.put(queued)
        return queued
