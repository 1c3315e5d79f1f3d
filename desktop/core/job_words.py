"""How the state of a job or a run is written and drawn, everywhere the same."""

from typing import NamedTuple

from desktop.core import formatting
from desktop.core.tokens import Token
from engine.protocol.jobs import Job, JobState
from engine.protocol.queue_order import in_order


class Look(NamedTuple):
    word: str
    icon: str
    tone: Token


LOOKS: dict[JobState, Look] = {
    JobState.QUEUED: Look("Queued", "clockface", "text3"),
    JobState.RUNNING: Look("Running", "sync", "accent"),
    JobState.PAUSED: Look("Paused", "debug-pause", "text2"),
    JobState.DONE: Look("Done", "pass", "ok"),
    JobState.FAILED: Look("Failed", "error", "err"),
    JobState.CANCELLED: Look("Stopped", "circle-slash", "text3"),
    JobState.INTERRUPTED: Look("Interrupted", "warning", "warn"),
}


def queue_of(jobs: dict[str, Job]) -> list[Job]:
    """The queued jobs in the order in which the engine will start them."""
    return in_order(jobs.values())


def ordinal(number: int) -> str:
    """A place in a queue: "1st", "2nd", "11th"."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10)
    return f"{number}{ending or 'th'}"


def place_in_queue(job: Job, jobs: dict[str, Job]) -> str:
    """ "Queued, 1st"."""
    ids = [each.id for each in queue_of(jobs)]
    return f"Queued, {ordinal(ids.index(job.id) + 1)}" if job.id in ids else "Queued"


def time_left(job: Job | None) -> str:
    """ "28 min", or "" while it is not known."""
    if job is None or job.remaining_s is None:
        return ""
    return formatting.remaining(job.remaining_s)
