"""Memory and room that run out under a real training, with real limits."""

import asyncio
import os
import subprocess
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.jobs.outcomes import Outcomes
from engine.jobs.supervisor import Supervisor, worker_module
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.records import Run
from engine.protocol.specs import TrainSpec
from engine.store.disk import LEFT_FREE
from tests.engine.jobs.test_supervisor import Bench
from tests.engine.workers.in_process import Recorder, run
from tests.fakes.training_job import tiny_spec, train_task

PLAIN = {"kind": "lora", "rank": 4, "alpha": 8.0, "dropout": 0.0}  # dropout draws by the part
ROOM = 400_000_000
GROUPS = Path("/sys/fs/cgroup/memory")
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


class RealBench(Bench):
    """A bench whose trainings are real."""

    within_s = 180.0  # each of its workers imports torch
    module = ""  # of the training's worker; "": the usual one

    def supervisor(self) -> Supervisor:
        return Supervisor(
            home=self.home,
            catalog=self.catalog,
            publish=self.events.append,
            outcome=Outcomes(self.catalog, self.events.append),
            module_of=lambda task: self.module or worker_module(task),
        )

    def start(self, spec: TrainSpec) -> Job:
        task = train_task(self.home, spec)
        self.catalog.models.put(replace(task.base, status="ready"))
        self.catalog.datasets.put(task.dataset)
        job = self.jobs.submit(JobKind.TRAIN, "Train", task, subject=task.run.id)
        self.catalog.runs.put(replace(task.run, job=job.id))
        return job

    @property
    def run(self) -> Run:
        (run,) = self.catalog.runs.all()
        return run

    def losses(self) -> dict[int, float]:
        points = self.catalog.metrics.of(self.run.id)
        return {each.step: each.train_loss for each in points if each.train_loss is not None}

    async def close(self) -> None:
        """Unlike `end_workers`, only what is this bench's: there may be two."""
        self.running.cancel()
        for job in self.jobs.jobs():
            await self.jobs.cancel(job.id)
        while self.jobs._watchers:
            await asyncio.sleep(0.01)
        await asyncio.wait([self.running])
        self.catalog.close()


@pytest.fixture(autouse=True)
def nothing_else_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that give way to everything else on a busy machine would come too late here."""
    monkeypatch.setattr("engine.jobs.process.GIVING_WAY", 0)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[RealBench]:
    made = RealBench(tmp_path / "home")
    yield made
    await made.close()


@pytest.fixture
def group() -> Iterator[Path]:
    """A group of processes with a limit on its memory."""
    if not ROOT or not (GROUPS / "cgroup.procs").exists():
        pytest.skip("only root may limit a group's memory, and only by cgroup v1 here")
    folder = GROUPS / f"adapter-studio-{uuid.uuid4().hex}"
    folder.mkdir()
    (folder / "memory.limit_in_bytes").write_text(str(ROOM))
    yield folder
    folder.rmdir()


def usual_losses(home: Path, spec: TrainSpec) -> dict[int, float]:
    recorder = Recorder()
    run(train_task(home, spec), recorder)
    return recorder.losses()


async def test_a_step_that_does_not_fit_is_tried_with_half_of_it_and_learns_the_same(
    bench: RealBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = tiny_spec(batch_size=8, max_steps=6, checkpoint_every=1, method=PLAIN)
    usual = usual_losses(tmp_path / "usual", spec)
    monkeypatch.setenv("HUNGRY_ROOM", str(ROOM))
    monkeypatch.setattr(bench, "module", "tests.fakes.hungry_worker")
    job = await bench.until_ended(bench.start(spec))
    assert job.state is JobState.DONE, job.problem
    kept = bench.run
    assert kept.halvings in (1, 2, 3)
    assert kept.notices[0] == (
        "Micro-batch halved to 4 after running out of memory at step 1; "
        "every step still learns from 8 rows."
    )
    assert len(kept.notices) == kept.halvings
    assert bench.losses() == pytest.approx(usual, abs=1e-5)


async def test_the_system_ending_a_worker_for_its_memory_counts_as_running_out(
    group: Path, bench: RealBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUNGRY_GROUP", str(group))
    monkeypatch.setattr(bench, "module", "tests.fakes.hungry_worker")
    spec = tiny_spec(batch_size=8, max_steps=2, method=PLAIN)
    job = await bench.until_ended(bench.start(spec))
    assert job.state is JobState.DONE, job.problem
    assert "Micro-batch halved to 4" in bench.run.notices[0]


async def test_a_row_that_never_fits_fails_with_numbers_after_three_tries(
    bench: RealBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUNGRY_ROOM", "10000000")
    monkeypatch.setattr(bench, "module", "tests.fakes.hungry_worker")
    job = await bench.until_ended(bench.start(tiny_spec(batch_size=8, max_steps=2)))
    assert job.state is JobState.FAILED
    assert job.problem is not None
    assert "Out of memory at step 1: the training held " in job.problem.message
    assert job.problem.message.endswith("Rows at once: tried 8, 4, 2, 1.")
    assert bench.run.halvings == 3
    assert bench.run.adapter == ""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 64 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)]
    if not ROOT or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def test_a_training_waits_for_room_and_goes_on_by_itself_with_the_same_losses(
    small_disk: Path, tmp_path: Path
) -> None:
    spec = tiny_spec(max_steps=300, checkpoint_every=10, eval_every=50, early_stopping=0)
    usual = usual_losses(tmp_path / "usual", spec)
    bench = RealBench(small_disk / "home")
    job = bench.start(spec)
    await bench.until(job, lambda _: bool(bench.run.checkpoints))
    ballast = small_disk / "ballast"
    fill(ballast, small_disk, leave_bytes=LEFT_FREE - 1_000_000)
    waiting = await bench.until(job, lambda now: now.state is JobState.PAUSED)
    assert waiting.problem is not None
    assert waiting.problem.code == "disk.full"
    assert "Disk full: a checkpoint needs 16." in waiting.problem.message
    assert " 14.9 MB are free." in waiting.problem.message
    folders = {path.name for path in (Path(bench.run.path) / "checkpoints").iterdir()}
    assert folders == {f"step-{each.step:08d}" for each in bench.run.checkpoints}
    assert bench.jobs.busy  # so the engine stays, and looks
    ballast.unlink()
    ended = await bench.until_ended(job)
    assert ended.state is JobState.DONE, ended.problem
    assert bench.losses() == usual
    await bench.close()


async def test_a_training_whose_checkpoints_will_not_fit_waits_before_its_first_step(
    small_disk: Path,
) -> None:
    bench = RealBench(small_disk / "home")
    base = tiny_spec(max_steps=2, method={"kind": "lora", "rank": 512, "alpha": 8.0})
    fill(small_disk / "ballast", small_disk, leave_bytes=LEFT_FREE + 6_000_000)
    job = bench.start(base)
    waiting = await bench.until(job, lambda now: now.state is JobState.PAUSED)
    assert waiting.problem is not None
    assert "Disk full: this run needs " in waiting.problem.message
    assert bench.losses() == {}
    (small_disk / "ballast").unlink()
    bench.jobs.resume(job.id)
    assert (await bench.until_ended(job)).state is JobState.DONE
    await bench.close()


def fill(ballast: Path, disk: Path, *, leave_bytes: int) -> None:
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free - leave_bytes)


async def test_a_stopped_run_keeps_its_best_checkpoint_and_goes_on_when_resumed(
    bench: RealBench,
) -> None:
    job = bench.start(tiny_spec(max_steps=400, eval_every=20, early_stopping=0))
    await bench.until(job, lambda _: bool(bench.run.checkpoints))
    await bench.jobs.stop_and_keep(job.id)
    stopped = await bench.until_ended(job)
    assert stopped.state is JobState.CANCELLED
    kept = bench.run
    assert kept.adapter
    assert 0 < kept.step < 400
    bench.jobs.resume(job.id)
    done = await bench.until_ended(job)
    assert done.state is JobState.DONE, done.problem
    assert bench.run.adapter != kept.adapter
    versions = {adapter.version: adapter for adapter in bench.catalog.adapters.all()}
    assert set(versions) == {1, 2}
    assert all(Path(adapter.path).is_dir() for adapter in versions.values())
    assert list(bench.losses()) == list(range(1, 401))


async def test_a_paused_run_that_is_stopped_publishes_in_a_job_of_its_own(
    bench: RealBench,
) -> None:
    job = bench.start(tiny_spec(max_steps=400, eval_every=20, early_stopping=0))
    await bench.until(job, lambda _: bool(bench.run.checkpoints))
    await bench.jobs.pause(job.id)
    await bench.until(job, lambda now: now.state is JobState.PAUSED)
    assert (await bench.jobs.stop_and_keep(job.id)).state is JobState.CANCELLED
    (keeping,) = [each for each in bench.jobs.jobs() if each.kind is JobKind.KEEP_CHECKPOINT]
    ended = await bench.until_ended(keeping)
    assert ended.state is JobState.DONE, ended.problem
    (adapter,) = bench.catalog.adapters.all()
    assert bench.run.adapter == adapter.id
    await bench.jobs.stop_and_keep(job.id)
    await asyncio.sleep(0)
    keepers = [each for each in bench.jobs.jobs() if each.kind is JobKind.KEEP_CHECKPOINT]
    assert len(keepers) == 1, "the same checkpoint was published twice"
