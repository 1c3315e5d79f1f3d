"""The order of the queue, and when what waits in it starts as far as that is known."""

from collections.abc import Iterable, Mapping, Sequence

from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.start_rules import in_night, night_begins, night_is_over

# These want every core or gigabytes of memory; one at a time.
HEAVY = frozenset({JobKind.TRAIN, JobKind.MEASURE, JobKind.PREPARE_BASE, JobKind.ADD_MODEL})
LIGHT_AT_ONCE = 2
HORIZON_S = 14 * 24 * 3600.0  # nobody plans by what is further away
UNKNOWN, ENDED = float("inf"), float("-inf")


def in_order(jobs: Iterable[Job]) -> list[Job]:
    """The queued jobs as the engine will start them, when nothing else holds one back."""
    queued = [job for job in jobs if job.state is JobState.QUEUED]
    return sorted(queued, key=lambda job: (job.position, job.created_at))


def one_up(queue: Sequence[str], id: str) -> str | None:
    """The job before which it stands one place further up; None when it is the first."""
    at = queue.index(id) if id in queue else 0
    return queue[at - 1] if at else None


def one_down(queue: Sequence[str], id: str) -> str | None:
    """The job before which it stands one place further down, "" for the end; None: it is last."""
    at = queue.index(id) if id in queue else len(queue)
    if at + 1 >= len(queue):
        return None
    return queue[at + 2] if at + 2 < len(queue) else ""


def start_times(jobs: Iterable[Job], now: float) -> dict[str, float]:
    """When queued jobs start, by id; those of which nothing certain is known are left out.

    It follows from the time left of what runs, the forecasts of trainings and the hours of the
    night. When a machine will be idle is not known, nor what is behind a job that waits for it.
    """
    listed = [*jobs]
    light = [job for job in listed if job.kind not in HEAVY]
    return {**_Reckoning(listed, now).starts(), **_light_starts(light, now)}


def _light_starts(jobs: list[Job], now: float) -> dict[str, float]:
    """Of small jobs only the first is known: how long one takes is not."""
    queued = in_order(jobs)
    left = [_left(job) for job in jobs if job.state is JobState.RUNNING]
    if not queued:
        return {}
    if len(left) < LIGHT_AT_ONCE:
        return {queued[0].id: now}
    return {} if UNKNOWN in left else {queued[0].id: now + min(left)}


class _Reckoning:
    """Plays the heavy jobs through, one after the other."""

    def __init__(self, jobs: list[Job], now: float) -> None:
        self._now = self._at = now
        self._jobs: Mapping[str, Job] = {job.id: job for job in jobs}
        heavy = [job for job in jobs if job.kind in HEAVY]
        self._waiting = in_order(heavy)
        self._running = next((job for job in heavy if job.state is JobState.RUNNING), None)
        self._left = {job.id: _left(job) for job in heavy}
        self._ends = {
            job.id: now + _left(job) if job.state is JobState.RUNNING else UNKNOWN
            for job in jobs
            if not job.ended
        }

    def starts(self) -> dict[str, float]:
        found: dict[str, float] = {}
        while self._at < self._now + HORIZON_S:
            if self._running is not None:
                self._play(self._running)
            elif (job := self._first_ready()) is None:
                self._at = min(map(self._ready_at, self._waiting), default=UNKNOWN)
            elif job.start_rule.only_idle:
                break
            else:
                found.setdefault(job.id, self._at)
                self._waiting.remove(job)
                self._running = job
        return found

    def _play(self, job: Job) -> None:
        """To its end, or to the morning when it runs at night only."""
        rule, end = job.start_rule, self._at + self._left[job.id]
        morning = UNKNOWN
        if rule.only_at_night:
            morning = night_is_over(rule, self._at) if in_night(rule, self._at) else self._at
        if morning < end:
            self._left[job.id] = end - morning
            self._waiting.insert(0, job)
        else:
            self._ends[job.id] = end
        self._at = min(morning, end)
        self._running = None

    def _first_ready(self) -> Job | None:
        return next((job for job in self._waiting if self._ready_at(job) <= self._at), None)

    def _ready_at(self, job: Job) -> float:
        rule = job.start_rule
        begin = max(self._at, self._ends.get(rule.after, ENDED)) if rule.after else self._at
        return night_begins(rule, begin) if rule.only_at_night and begin < UNKNOWN else begin


def _left(job: Job) -> float:
    """Seconds to its end; a paused training has done its share already."""
    if job.state is JobState.RUNNING:
        return UNKNOWN if job.remaining_s is None else job.remaining_s
    return UNKNOWN if job.forecast_s is None else job.forecast_s * (1 - job.progress)
