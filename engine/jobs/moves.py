"""Changing the order of the queue."""

from engine.catalog.catalog import Catalog
from engine.jobs.job_records import JobRecords
from engine.jobs.queue import moved
from engine.protocol.jobs import Job, JobState
from engine.protocol.problems import Refused
from engine.protocol.queue_order import in_order


def move(catalog: Catalog, identifier: str, before: str) -> Job:
    """Put a queued job before that one, or behind all when that is empty.

    Raises Refused when either is not in the queue any more.
    """
    records = JobRecords(catalog)
    job = _queued(records, identifier)
    if before:
        _queued(records, before)
    was = {each.id: each for each in catalog.jobs.all()}
    for each in moved(was.values(), job, before):
        if each != was[each.id]:
            records.put(each)
    return records.job(identifier)


def move_up(catalog: Catalog, identifier: str) -> Job:
    """Put a queued job before all others."""
    queue = in_order(catalog.jobs.all())
    return move(catalog, identifier, queue[0].id if queue else "")


def _queued(records: JobRecords, identifier: str) -> Job:
    job = records.job(identifier)
    if job.state is not JobState.QUEUED:
        raise Refused(
            "jobs.not-queued",
            f"'{job.title}' is not in the queue any more.",
            "The queue shows what still waits.",
            status=409,
        )
    return job
