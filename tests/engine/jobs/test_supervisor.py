"""Jobs against real worker processes that follow a script."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest
from msgspec.structs import replace

from engine.catalog.catalog import Catalog
from engine.jobs.job_records import MOST_ATTEMPTS
from engine.jobs.outcomes import Outcomes
from engine.jobs.process import GIVING_WAY
from engine.jobs.supervisor import Supervisor
from engine.protocol.events import Event, MetricsAdded
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.problems import Refused
from engine.protocol.records import BaseModel, Dataset, Run
from engine.protocol.specs import TrainSpec
from engine.protocol.tasks import AddModelTask, TrainTask

WITHIN_S = 20.0


class Bench:
    """A catalog and a supervisor over it, in a temporary data folder."""

    within_s = WITHIN_S

    def __init__(self, home: Path) -> None:
        self.events: list[Event] = []
        self.catalog = Catalog(home, self.events.append)
        self.home = home
        self.jobs = self.supervisor()
        self.running = asyncio.create_task(self.jobs.run())

    def supervisor(self) -> Supervisor:
        return Supervisor(
            home=self.home,
            catalog=self.catalog,
            publish=self.events.append,
            outcome=Outcomes(self.catalog, self.events.append),
            module_of=lambda _: "tests.fakes.worker",
        )

    def add(self, script: str) -> Job:
        task = AddModelTask("m" + script, "/nowhere", script, "/nowhere")
        return self.jobs.submit(JobKind.ADD_MODEL, script, task)

    def train(self, script: str) -> Job:
        base = self.catalog.models.put(BaseModel("b", "base", "/b", "folder"))
        dataset = self.catalog.datasets.put(Dataset("d", "data", 1, "/d", "s", "/s"))
        run = Run("r", 1, script, "", TrainSpec("b", "d"), "base", "data", 1, "/r")
        task = TrainTask(run, base, dataset, "a", 1, "/a")
        job = self.jobs.submit(JobKind.TRAIN, script, task, subject="r")
        self.catalog.runs.put(replace(run, job=job.id))
        return job

    async def until(self, job: Job, holds: Callable[[Job], bool]) -> Job:
        deadline = time.monotonic() + self.within_s
        while not holds(now := self.jobs.job(job.id)):
            assert time.monotonic() < deadline, f"still {now}"
            await asyncio.sleep(0.01)
        return now

    async def until_ended(self, job: Job) -> Job:
        return await self.until(job, lambda now: now.ended)

    async def until_working(self, job: Job) -> Job:
        return await self.until(job, lambda now: now.progress == 0.5)

    async def end_workers(self) -> None:
        """Kill every worker, those that are just being started too."""
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for _, pid, _ in self.catalog.job_tasks.workers():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            await asyncio.wait(others, timeout=0.05)

    def worker_of(self, job: Job) -> psutil.Process:
        (pid,) = [pid for name, pid, _ in self.catalog.job_tasks.workers() if name == job.id]
        return psutil.Process(pid)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.running.cancel()
    await made.end_workers()
    made.catalog.close()


async def test_a_finished_worker_leaves_its_record_in_the_catalog(bench: Bench) -> None:
    job = await bench.until_ended(bench.add("progress print done"))
    assert job.state is JobState.DONE
    assert job.progress == 1.0
    assert [model.name for model in bench.catalog.models.all()] == ["a model"]


async def test_stray_prints_go_to_the_log_and_not_to_the_engine(bench: Bench) -> None:
    job = await bench.until_ended(bench.add("print done"))
    assert job.state is JobState.DONE
    assert '"result": 1' in bench.jobs.log_file(job.id).read_text()


async def test_a_refusal_fails_the_job_with_its_problem(bench: Bench) -> None:
    job = await bench.until_ended(bench.add("fail"))
    assert job.state is JobState.FAILED
    assert job.problem is not None
    assert job.problem.code == "fake.refused"


async def test_a_killed_worker_fails_its_job_and_the_next_one_runs(bench: Bench) -> None:
    first, second = bench.add("die"), bench.add("done")
    died = await bench.until_ended(first)
    assert died.state is JobState.FAILED
    assert died.problem is not None
    assert "SIGKILL" in died.problem.message
    assert (await bench.until_ended(second)).state is JobState.DONE


async def test_a_worker_that_sends_nonsense_fails_its_job_and_is_ended(bench: Bench) -> None:
    job = bench.add("progress babble hang")
    ended = await bench.until_ended(job)
    assert ended.state is JobState.FAILED
    assert ended.problem is not None
    assert ended.problem.code == "bug"
    assert bench.catalog.job_tasks.workers() == []


async def test_one_training_runs_at_a_time(bench: Bench) -> None:
    first = bench.train("progress wait")
    second = bench.add("done")
    await bench.until_working(first)
    assert bench.jobs.job(second.id).state is JobState.QUEUED
    await bench.jobs.cancel(first.id)
    assert (await bench.until_ended(second)).state is JobState.DONE


async def test_cancel_answers_within_two_seconds_even_when_the_worker_hangs(bench: Bench) -> None:
    job = bench.train("metrics progress hang")
    await bench.until_working(job)
    worker = bench.worker_of(job)
    started = time.monotonic()
    cancelled = await bench.jobs.cancel(job.id)
    assert cancelled.state is JobState.CANCELLED
    assert time.monotonic() - started < 2.0
    assert not worker.is_running()


async def test_a_cancelled_job_keeps_its_last_checkpoint_and_can_go_on(bench: Bench) -> None:
    job = bench.train("metrics progress wait")
    await bench.until_working(job)
    await bench.jobs.cancel(job.id)
    run = bench.catalog.run("r")
    assert run.state is JobState.CANCELLED
    assert [checkpoint.step for checkpoint in run.checkpoints] == [1]
    assert run.best_step == 1
    assert bench.jobs.resume(job.id).state is JobState.QUEUED


async def test_a_queued_job_is_cancelled_without_a_worker(bench: Bench) -> None:
    first = bench.train("progress wait")
    second = bench.add("done")
    await bench.until_working(first)
    assert (await bench.jobs.cancel(second.id)).state is JobState.CANCELLED


async def test_a_paused_run_leaves_and_resumes(bench: Bench) -> None:
    job = bench.train("metrics progress wait")
    await bench.until_working(job)
    await bench.jobs.pause(job.id)
    await bench.until(job, lambda now: now.state is JobState.PAUSED)
    assert bench.catalog.run("r").state is JobState.PAUSED
    bench.jobs.resume(job.id)
    again = await bench.until(job, lambda now: now.attempts > 0 and now.progress == 0.5)
    assert again.state in (JobState.QUEUED, JobState.RUNNING)


async def test_workers_let_the_window_have_the_processor_first(bench: Bench) -> None:
    job = bench.train("metrics progress wait")
    await bench.until_working(job)
    worker = bench.worker_of(job)
    assert worker.nice() == GIVING_WAY
    session = Path(f"/proc/{worker.pid}/autogroup")  # where Linux weighs sessions as a whole
    if session.exists():
        assert session.read_text().endswith(f"nice {GIVING_WAY}\n")


async def test_metrics_become_events_and_rows(bench: Bench) -> None:
    job = await bench.until_ended(bench.train("metrics done"))
    assert job.state is JobState.DONE
    assert len(bench.catalog.metrics.of("r")) == 1
    assert any(isinstance(event, MetricsAdded) for event in bench.events)
    run = bench.catalog.run("r")
    assert (run.step, run.total_steps, run.best_loss, run.adapter) == (1, 2, 1.5, "a")


async def test_stopping_lets_workers_save_and_the_next_engine_goes_on(bench: Bench) -> None:
    job = bench.train("metrics progress wait")
    await bench.until_working(job)
    await bench.jobs.stop()
    assert bench.jobs.job(job.id).state is JobState.INTERRUPTED
    bench.jobs = bench.supervisor()
    bench.running = asyncio.create_task(bench.jobs.run())
    again = await bench.until(job, lambda now: now.state is JobState.RUNNING)
    assert again.attempts == 2


async def test_a_job_that_is_interrupted_again_and_again_is_given_up(bench: Bench) -> None:
    bench.running.cancel()
    job = bench.train("hang")
    bench.catalog.jobs.put(replace(job, state=JobState.RUNNING, attempts=MOST_ATTEMPTS))
    bench.running = asyncio.create_task(bench.jobs.run())
    ended = await bench.until_ended(job)
    assert ended.problem is not None
    assert ended.problem.code == "jobs.interrupted-often"


async def test_only_a_run_can_be_paused(bench: Bench) -> None:
    job = bench.add("progress wait")
    await bench.until_working(job)
    with pytest.raises(Refused, match="not a training"):
        await bench.jobs.pause(job.id)
