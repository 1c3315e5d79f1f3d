"""Which jobs may start and go on just now, by their start rules."""

import time
from collections.abc import Callable, Iterable

from msgspec.structs import replace

from engine.catalog.catalog import Catalog
from engine.jobs.idle import Activity, IdleWatch
from engine.jobs.queue import position_before_all
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.problems import Refused, not_found
from engine.protocol.start_rules import StartRule, in_night, night_ends


class StartRules:
    """`clock` gives seconds since the epoch, `read` what others do on this machine."""

    def __init__(
        self,
        catalog: Catalog,
        *,
        read: Callable[[], Activity],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._catalog = catalog
        self._clock = clock
        self._watch = IdleWatch(read)

    def look(self, jobs: Iterable[Job]) -> bool:
        """Whether a rule has to be looked after again soon; takes a reading for those who need it.

        What each queued job waits for becomes its detail.
        """
        ruled = [job for job in jobs if not job.ended and not job.start_rule.empty]
        if any(job.start_rule.only_idle for job in ruled):
            self._watch.look()
        for job in ruled:
            if job.state is JobState.QUEUED:
                told = self.told(job)
                if told != job:
                    self._catalog.jobs.announce(told)
        return bool(ruled)

    def hold(self, job: Job) -> bool:
        """Whether everything that its rule asks for is so now."""
        return not self._waits_for(job)

    def told(self, job: Job) -> Job:
        """The queued job with a detail that says what it waits for."""
        parts = self._waits_for(job)
        return replace(job, detail=f"Waits {' and '.join(parts)}" if parts else "")

    def begun(self, job: Job) -> Job:
        """The job as it starts: what it came after is behind it for good."""
        rule = job.start_rule
        return job if rule.empty else replace(job, detail="", start_rule=replace(rule, after=""))

    def put_off(self, job: Job) -> Job:
        """The running job as it waits for its time to come again, ahead of all others."""
        queued = replace(
            job,
            state=JobState.QUEUED,
            remaining_s=None,
            attempts=0,
            position=position_before_all(self._catalog.jobs.all()),
        )
        return queued if queued.start_rule.empty else self.told(queued)

    def check(self, job: Job, rule: StartRule) -> None:
        """Raises Refused when the job cannot carry that rule."""
        if job.kind is not JobKind.TRAIN or job.ended:
            raise Refused(
                "jobs.not-training",
                f"'{job.title}' is not a training that is still to come.",
                "Only a run can be told when to start.",
                status=409,
            )
        if rule.after:
            self._check_after(job, rule.after)

    def _check_after(self, job: Job, after: str) -> None:
        first = self._catalog.jobs.get(after)
        if first is None:
            raise not_found("job", after)
        if job.state is JobState.RUNNING:
            raise Refused(
                "jobs.running",
                f"'{job.title}' runs already.",
                "Pause it first; resumed, it waits for the other job.",
                status=409,
            )
        if first.ended:
            raise Refused(
                "jobs.ended",
                f"'{first.title}' has ended already.",
                "Choose a job that is still to come, or none.",
                status=409,
            )
        seen = first
        while seen.id != job.id:
            following = self._catalog.jobs.get(seen.start_rule.after)
            if following is None:
                return
            seen = following
        what = "cannot wait for itself" if first.id == job.id else f"waits for '{job.title}'"
        raise Refused(
            "jobs.circle",
            f"'{first.title}' {what}.",
            "Choose another job, or let that one start without waiting first.",
            status=409,
        )

    def _waits_for(self, job: Job) -> list[str]:
        """Every condition that does not hold now, to stand after "Waits"."""
        rule, found = job.start_rule, []
        first = self._catalog.jobs.get(rule.after) if rule.after else None
        if first is not None and not first.ended:
            found.append(f"for {self._name(first)}")
        if rule.only_at_night and not in_night(rule, self._clock()):
            found.append(f"until {night_ends(rule)[0]}")
        if rule.only_idle and not self._watch.idle:
            found.append("until the machine is idle")
        return found

    def _name(self, job: Job) -> str:
        run = next(self._catalog.runs.where("job = ?", job.id), None)
        name = f"run #{run.number}" if run is not None else f"'{job.title}'"
        return f"{name} (paused)" if job.state is JobState.PAUSED else name
