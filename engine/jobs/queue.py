"""What may run next."""

from collections.abc import Iterable

from msgspec.structs import replace

from engine.protocol.jobs import Job, JobState
from engine.protocol.queue_order import HEAVY, LIGHT_AT_ONCE, in_order


def next_to_start(jobs: Iterable[Job]) -> Job | None:
    """The first queued job that its kind's limit admits, in the order of `position`, then age."""
    listed = [*jobs]
    running = [job for job in listed if job.state is JobState.RUNNING]
    heavy_room = not any(job.kind in HEAVY for job in running)
    light_room = sum(job.kind not in HEAVY for job in running) < LIGHT_AT_ONCE
    for job in in_order(listed):
        if heavy_room if job.kind in HEAVY else light_room:
            return job
    return None


def position_before_all(jobs: Iterable[Job]) -> int:
    """A position ahead of everything queued now."""
    return min((job.position for job in jobs if job.state is JobState.QUEUED), default=0) - 1


def moved(jobs: Iterable[Job], job: Job, before: str) -> list[Job]:
    """The queued jobs in their new order with `job` before that one, or last; positions are set."""
    queue = in_order(jobs)
    if before == job.id:
        return queue
    queue = [each for each in queue if each.id != job.id]
    places = {each.id: place for place, each in enumerate(queue)}
    queue.insert(places.get(before, len(queue)), job)
    return [replace(each, position=place) for place, each in enumerate(queue)]
