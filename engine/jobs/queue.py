"""What may run next."""

from collections.abc import Iterable

from engine.protocol.jobs import Job, JobKind, JobState

# These want every core or gigabytes of memory; one at a time.
HEAVY = frozenset({JobKind.TRAIN, JobKind.MEASURE, JobKind.PREPARE_BASE, JobKind.ADD_MODEL})
LIGHT_AT_ONCE = 2


def next_to_start(jobs: Iterable[Job]) -> Job | None:
    """The first queued job that its kind's limit admits, in the order of `position`, then age."""
    listed = [*jobs]
    running = [job for job in listed if job.state is JobState.RUNNING]
    heavy_room = not any(job.kind in HEAVY for job in running)
    light_room = sum(job.kind not in HEAVY for job in running) < LIGHT_AT_ONCE
    queued = sorted(
        (job for job in listed if job.state is JobState.QUEUED),
        key=lambda job: (job.position, job.created_at),
    )
    for job in queued:
        if heavy_room if job.kind in HEAVY else light_room:
            return job
    return None


def position_before_all(jobs: Iterable[Job]) -> int:
    """A position ahead of everything queued now."""
    return min((job.position for job in jobs if job.state is JobState.QUEUED), default=0) - 1
