"""When a queued job starts, and what it waits for, in words."""

from collections.abc import Mapping
from datetime import datetime

from desktop.core import formatting
from engine.protocol.jobs import Job, JobState
from engine.protocol.queue_order import HEAVY, in_order, start_times
from engine.protocol.start_rules import night_ends

DAY_S = 24 * 3600.0


def start_words(jobs: Mapping[str, Job], now: float) -> dict[str, str]:
    """For each queued job; the clock stands there only where the time is known."""
    times = start_times(jobs.values(), now)
    before: dict[bool, str] = {}  # the job that stands before it, of large and of small ones
    busy = {job.kind in HEAVY for job in jobs.values() if job.state is JobState.RUNNING}
    found = {}
    for job in in_order(jobs.values()):
        heavy = job.kind in HEAVY
        if job.detail and not job.start_rule.empty:
            found[job.id] = _waiting(job, times.get(job.id), now)
            continue
        if job.id in times:
            words = f"starts {_about(times[job.id], now)}"
        elif heavy in before:
            words = f"after {before[heavy]}"
        elif heavy in busy:
            words = "starts when the running job ends"
        else:
            words = "starts when its turn comes"
        found[job.id] = words
        before[heavy] = job.title
    return found


def rule_words(job: Job) -> str:
    """What a job that runs goes by: "only at night, 22:00 to 07:00"; "" without such a rule."""
    rule = job.start_rule
    parts = ["while the machine is idle"] if rule.only_idle else []
    if rule.only_at_night:
        parts.append("at night, {} to {}".format(*night_ends(rule)))
    return f"only {' and '.join(parts)}" if parts else ""


def _waiting(job: Job, starts: float | None, now: float) -> str:
    if starts is None or formatting.clock(starts) in job.detail:
        return job.detail
    return f"{job.detail}, starts {_about(starts, now)}"


def _about(at: float, now: float) -> str:
    """ "now", "about 15:40", "about Thursday 15:40"."""
    if at - now < 1:
        return "now"
    day = "" if at - now < DAY_S else f"{datetime.fromtimestamp(at):%A} "
    return f"about {day}{formatting.clock(at)}"
