"""When jobs start and give way, by their start rules, with real worker processes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.jobs.idle import QUIET_FOR_S, Activity
from engine.jobs.moves import move, move_up
from engine.jobs.outcomes import Outcomes
from engine.jobs.supervisor import Supervisor
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.problems import Refused
from engine.protocol.queue_order import in_order
from engine.protocol.records import BaseModel, Dataset, Run
from engine.protocol.specs import TrainSpec
from engine.protocol.start_rules import StartRule
from engine.protocol.tasks import TrainTask
from tests.engine.jobs.test_supervisor import Bench

ANY_TIME = StartRule()
NIGHT = StartRule(only_at_night=True)
IDLE = StartRule(only_idle=True)
WORKS = "metrics progress wait"


class Studio(Bench):
    """A bench whose clock and whose machine's use are set by hand."""

    def __init__(self, home: Path) -> None:
        self.now = at(12)
        self.passed_s = 0.0
        self.used_s = 0.0
        self.others = 0.0  # processors that others use
        super().__init__(home)

    def supervisor(self) -> Supervisor:
        return Supervisor(
            home=self.home,
            catalog=self.catalog,
            publish=self.events.append,
            outcome=Outcomes(self.catalog, self.events.append),
            module_of=lambda _: "tests.fakes.worker",
            clock=lambda: self.now,
            read=self.read,
            look_every_s=0.02,
        )

    def read(self) -> Activity:
        """Every look is five seconds after the last one."""
        self.passed_s += 5
        self.used_s += 5 * self.others
        return Activity(self.passed_s, self.used_s)

    def queue(self, script: str, rule: StartRule = ANY_TIME) -> Job:
        """A training that carries its rule before anything can start it."""
        number = self.catalog.next_run_number()
        base = self.catalog.models.put(BaseModel("b", "base", "/b", "folder"))
        dataset = self.catalog.datasets.put(Dataset("d", "data", 1, "/d", "s", "/s"))
        spec = TrainSpec("b", "d")
        run = Run(f"r{number}", number, script, "", spec, "base", "data", 1, f"/r{number}")
        task = TrainTask(run, base, dataset, f"a{number}", 1, "/a")
        job = self.jobs.submit(JobKind.TRAIN, f"Train {number}", task, subject=run.id)
        self.catalog.runs.put(replace(run, job=job.id))
        return self.jobs.start_when(job.id, rule)

    async def until_waits(self, job: Job, detail: str) -> Job:
        return await self.until(
            job, lambda now: now.state is JobState.QUEUED and now.detail == detail
        )

    async def looks(self, count: int = 10) -> None:
        """Let the supervisor look some more times."""
        seen = self.passed_s
        while self.passed_s < seen + 5 * count:
            await asyncio.sleep(0.01)


def at(hour: int, minute: int = 0) -> float:
    return datetime(2026, 3, 10, hour, minute).timestamp()


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    made = Studio(tmp_path)
    yield made
    made.running.cancel()
    await made.end_workers()
    made.catalog.close()


async def test_a_run_starts_when_the_one_it_waits_for_has_ended(studio: Studio) -> None:
    first = studio.queue(WORKS)
    second = studio.queue("done", StartRule(after=first.id))
    third = studio.queue("done")
    assert second.detail == "Waits for run #1"
    await studio.until_working(first)
    move_up(studio.catalog, third.id)
    await studio.jobs.cancel(first.id)
    ended = await studio.until_ended(second)
    assert ended.state is JobState.DONE
    assert ended.start_rule.after == ""
    assert (await studio.until_ended(third)).state is JobState.DONE


@pytest.mark.parametrize("script", ["fail", "die", "done"])
async def test_it_starts_however_that_one_has_ended(studio: Studio, script: str) -> None:
    first = studio.queue(script, NIGHT)
    second = studio.queue("done", StartRule(after=first.id))
    await studio.until_waits(second, "Waits for run #1")
    studio.now = at(23)
    assert (await studio.until_ended(second)).state is JobState.DONE


async def test_a_run_that_waits_for_a_paused_one_says_so(studio: Studio) -> None:
    first = studio.queue(WORKS)
    second = studio.queue("done", StartRule(after=first.id))
    await studio.until_working(first)
    await studio.jobs.pause(first.id)
    await studio.until_waits(second, "Waits for run #1 (paused)")
    await studio.jobs.cancel(first.id)
    assert (await studio.until_ended(second)).state is JobState.DONE


async def test_a_night_run_starts_at_night_and_pauses_with_a_checkpoint_in_the_morning(
    studio: Studio,
) -> None:
    job = studio.queue(WORKS, NIGHT)
    await studio.until_waits(job, "Waits until 22:00")
    studio.now = at(22)
    await studio.until_working(job)
    studio.now = at(7)
    morning = await studio.until_waits(job, "Waits until 22:00")
    assert (morning.progress, morning.attempts, morning.remaining_s) == (0.5, 0, None)
    run = studio.catalog.run("r1")
    assert run.state is JobState.QUEUED
    assert [checkpoint.step for checkpoint in run.checkpoints] == [1]
    studio.now = at(23)
    await studio.until(job, lambda now: now.state is JobState.RUNNING)


async def test_while_a_run_waits_for_its_time_the_next_one_runs(studio: Studio) -> None:
    job = studio.queue(WORKS, NIGHT)
    other = studio.queue("done")
    assert (await studio.until_ended(other)).state is JobState.DONE
    assert studio.jobs.job(job.id).state is JobState.QUEUED


async def test_an_idle_run_starts_after_a_quiet_stretch_and_gives_way_to_the_person(
    studio: Studio,
) -> None:
    studio.others = 1.5
    job = studio.queue(WORKS, IDLE)
    await studio.looks(30)
    assert studio.jobs.job(job.id).detail == "Waits until the machine is idle"
    studio.others, quiet_since = 0.1, studio.passed_s
    await studio.until_working(job)
    assert studio.passed_s - quiet_since >= QUIET_FOR_S / 2
    studio.others, used_since = 1.5, studio.passed_s
    await studio.until_waits(job, "Waits until the machine is idle")
    studio.others = 0.1
    await studio.until(job, lambda now: now.state is JobState.RUNNING)
    assert studio.passed_s - used_since >= QUIET_FOR_S


async def test_a_short_burst_of_others_does_not_pause_an_idle_run(studio: Studio) -> None:
    job = studio.queue(WORKS, IDLE)
    await studio.until_working(job)
    studio.used_s += 1.5  # as much as fits into three looks of half a processor
    await studio.looks(20)
    now = studio.jobs.job(job.id)
    assert (now.state, now.attempts) == (JobState.RUNNING, 1)


async def test_a_running_run_can_be_told_to_wait_and_to_go_on(studio: Studio) -> None:
    job = studio.queue(WORKS)
    await studio.until_working(job)
    studio.jobs.start_when(job.id, NIGHT)
    await studio.until_waits(job, "Waits until 22:00")
    assert studio.jobs.start_when(job.id, ANY_TIME).detail == ""
    await studio.until(job, lambda now: now.state is JobState.RUNNING)


async def test_a_person_may_pause_a_run_that_waits_for_its_time(studio: Studio) -> None:
    job = studio.queue(WORKS, NIGHT)
    studio.now = at(23)
    await studio.until_working(job)
    await studio.jobs.pause(job.id)
    studio.now = at(8)
    await studio.until(job, lambda now: now.state is JobState.PAUSED)
    assert studio.jobs.resume(job.id).start_rule == NIGHT
    await studio.until_waits(job, "Waits until 22:00")


async def test_rules_outlive_the_engine(studio: Studio) -> None:
    job = studio.queue(WORKS, replace(NIGHT, night_hours="01:00-05:30"))
    await studio.jobs.stop()
    await studio.running
    studio.jobs = studio.supervisor()
    studio.running = asyncio.create_task(studio.jobs.run())
    await studio.until_waits(job, "Waits until 01:00")
    studio.now = at(5, 29)
    await studio.until_working(job)


async def test_all_conditions_have_to_hold(studio: Studio) -> None:
    first = studio.queue(WORKS, NIGHT)
    job = studio.queue("done", StartRule(after=first.id, only_idle=True, only_at_night=True))
    assert job.detail == "Waits for run #1 and until 22:00 and until the machine is idle"


async def test_rules_that_cannot_be_kept_are_refused(studio: Studio) -> None:
    first = studio.queue(WORKS, NIGHT)
    second = studio.queue(WORKS, StartRule(after=first.id))
    third = studio.queue(WORKS, StartRule(after=second.id))
    for job, after in ((first, third), (first, first), (second, third)):
        with pytest.raises(Refused, match=r"waits for 'Train|for itself") as caught:
            studio.jobs.start_when(job.id, StartRule(after=after.id))
        assert caught.value.problem.code == "jobs.circle"
    with pytest.raises(Refused, match="There is no job"):
        studio.jobs.start_when(first.id, StartRule(after="nobody"))
    await studio.jobs.cancel(third.id)
    with pytest.raises(Refused, match="has ended already"):
        studio.jobs.start_when(first.id, StartRule(after=third.id))
    with pytest.raises(Refused, match="still to come"):
        studio.jobs.start_when(third.id, NIGHT)
    with pytest.raises(Refused, match="still to come"):
        studio.jobs.start_when(studio.add("wait").id, NIGHT)


async def test_the_order_of_the_queue_is_changed_in_one_go(studio: Studio) -> None:
    one, two, three = (studio.queue(WORKS, NIGHT).id for _ in range(3))

    def order() -> list[str]:
        return [job.id for job in in_order(studio.jobs.jobs())]

    move(studio.catalog, three, two)
    assert order() == [one, three, two]
    move(studio.catalog, one, "")
    assert order() == [three, two, one]
    move(studio.catalog, two, two)
    assert order() == [three, two, one]
    move_up(studio.catalog, one)
    assert order() == [one, three, two]


async def test_only_what_is_queued_has_a_place(studio: Studio) -> None:
    running, queued = studio.queue(WORKS), studio.queue(WORKS, NIGHT)
    await studio.until_working(running)
    for job, before in ((running, queued), (queued, running)):
        with pytest.raises(Refused, match="not in the queue any more"):
            move(studio.catalog, job.id, before.id)
