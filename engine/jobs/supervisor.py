"""Starts, watches, stops and resumes the workers of jobs."""

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec.structs import replace

from engine.catalog.catalog import Catalog
from engine.jobs.activity import OthersActivity
from engine.jobs.fresh_tasks import fresh
from engine.jobs.idle import Activity
from engine.jobs.job_records import JobRecords
from engine.jobs.keeping import renew_adapter, task_of_keeping
from engine.jobs.memory_kills import memory_kills
from engine.jobs.orphans import see_off
from engine.jobs.process import WorkerProcess
from engine.jobs.queue import next_to_start
from engine.jobs.setbacks import Setbacks
from engine.jobs.start_rules import StartRules
from engine.jobs.training_record import TrainingRecord
from engine.protocol.events import Event
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.problems import WENT_WRONG, Problem, Refused
from engine.protocol.start_rules import StartRule
from engine.protocol.tasks import KeepCheckpointTask, MeasureTask, Task, TrainTask
from engine.protocol.worker_messages import (
    Cancel,
    CheckpointSaved,
    Done,
    Failed,
    Finish,
    JobCommand,
    Metrics,
    Pause,
    Progress,
    RunStarted,
    Stop,
    Stopped,
    WorkerMessage,
)
from engine.store.disk import refuse_without_room, unwritable

log = logging.getLogger(__name__)
CANCEL_WITHIN_S = 1.5  # a cancelled worker that still runs then is killed
LEAVE_WITHIN_S = 20.0  # what a worker gets to save when the engine stops
LOOK_EVERY_S = 5.0  # while a job has a rule of when to run
LOOK_FOR_ROOM_S = 5.0  # while a training waits for room on the disk
TASK_BYTES = 1_000_000  # of its folder before it has done anything

DECODER: msgspec.json.Decoder[WorkerMessage] = msgspec.json.Decoder(WorkerMessage)
TRAINED = TrainTask | MeasureTask | KeepCheckpointTask  # what the training worker does
Outcome = Callable[[Job, Task, msgspec.Raw], None]


class Supervisor:
    """Runs queued jobs one worker process each, and keeps their records true.

    `outcome` puts what a finished worker made into the catalog. `clock` and `read` are what start
    rules go by: the time of day, and what others do on this machine.
    """

    def __init__(
        self,
        *,
        home: Path,
        catalog: Catalog,
        publish: Callable[[Event], None],
        outcome: Outcome,
        module_of: Callable[[Task], str] | None = None,
        clock: Callable[[], float] = time.time,
        read: Callable[[], Activity] | None = None,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._home = home
        self._catalog = catalog
        self._records = JobRecords(catalog)
        self._setbacks = Setbacks(home, catalog, self._records)
        self._publish = publish
        self._outcome = outcome
        self._module_of = module_of or worker_module
        self._wake = asyncio.Event()
        self._workers: dict[str, WorkerProcess[WorkerMessage]] = {}
        self._watchers: dict[str, asyncio.Task[None]] = {}
        self._asked: dict[str, JobCommand] = {}  # what each running job was last told
        self._put_off: set[str] = set()  # running jobs that were told to wait for their time
        others = OthersActivity(lambda: [worker.pid for worker in self._workers.values()])
        self._rules = StartRules(catalog, read=read or others.read, clock=clock)
        self._look_every_s = look_every_s
        self._stopping = False

    # What clients ask for.

    def submit(self, kind: JobKind, title: str, task: Task, *, subject: str = "") -> Job:
        job = Job(uuid.uuid4().hex, kind, title, created_at=time.time(), subject=subject)
        self._catalog.jobs.put(job)
        self._catalog.job_tasks.put(job.id, task)
        self._wake.set()
        return job

    def job(self, identifier: str) -> Job:
        return self._records.job(identifier)

    async def cancel(self, identifier: str) -> Job:
        """End a job at once, within two seconds; checkpoints that are on disk stay."""
        job = self._records.job(identifier)
        if job.ended:
            return job
        self._wake.set()  # a job may wait for its end
        if job.state is not JobState.RUNNING:
            return self._records.end(job, JobState.CANCELLED)
        await self._tell(identifier, Cancel(), within_s=CANCEL_WITHIN_S)
        return self._records.job(identifier)

    async def pause(self, identifier: str) -> Job:
        """Publish a checkpoint after the step at hand and leave; resume goes on from there."""
        job = self._training(identifier)
        if job.state is JobState.QUEUED:
            return self._records.put(replace(job, state=JobState.PAUSED))
        self._put_off.discard(identifier)
        await self._tell(identifier, Pause(), within_s=None)
        return self._records.job(identifier)

    async def finish(self, identifier: str) -> Job:
        """End a run early and keep its best checkpoint as the adapter."""
        job = self._training(identifier)
        if job.state is not JobState.RUNNING:
            raise Refused(
                "jobs.not-running",
                f"'{job.title}' is not running.",
                "Resume it first; its checkpoints are kept.",
                status=409,
            )
        await self._tell(identifier, Finish(), within_s=None)
        return self._records.job(identifier)

    async def stop_and_keep(self, identifier: str) -> Job:
        """End a run early with its best checkpoint as an adapter; resume still goes on from there.

        One that is not running is marked stopped at once, and a job of its own publishes.
        """
        job = self._records.job(identifier)
        if job.kind is not JobKind.TRAIN or job.state is JobState.DONE:
            raise _not_training(job)
        if job.state is JobState.RUNNING and self._catalog.run(job.subject).step:
            await self._tell(identifier, Stop(), within_s=None)
            return self._records.job(identifier)
        stopped = await self.cancel(identifier)
        keep = task_of_keeping(self._catalog, stopped)
        if keep is not None:
            run = keep.run.run
            self.submit(JobKind.KEEP_CHECKPOINT, f"Keep {run.name}", keep, subject=run.id)
        return stopped

    def resume(self, identifier: str) -> Job:
        """Queue a paused, failed or cancelled job again; a training goes on where it was."""
        job = self._records.job(identifier)
        if job.state in (JobState.QUEUED, JobState.RUNNING):
            return job
        if job.state is JobState.DONE:
            raise Refused(
                "jobs.done", f"'{job.title}' is done.", "Start a new run instead.", status=409
            )
        renew_adapter(self._catalog, job)
        return self._again(replace(job, attempts=0))

    def start_when(self, identifier: str, rule: StartRule) -> Job:
        """Give a training another rule; one that runs is put off when the rule does not hold."""
        job = replace(self._records.job(identifier), start_rule=rule)
        self._rules.check(job, rule)
        self._wake.set()
        return self._records.put(self._rules.told(job) if job.state is JobState.QUEUED else job)

    def log_file(self, identifier: str) -> Path:
        return self._folder(self._records.job(identifier)) / "job.log"

    @property
    def busy(self) -> bool:
        under_way = any(job.state in (JobState.QUEUED, JobState.RUNNING) for job in self.jobs())
        return under_way or any(self._setbacks.waiting())

    def jobs(self) -> tuple[Job, ...]:
        return self._catalog.jobs.all()

    # The engine's own life.

    async def run(self) -> None:
        """Take up what an earlier engine left, then start queued jobs until cancelled."""
        await self._recover()
        while not self._stopping:
            for waiting in self._setbacks.with_room():
                self._again(replace(waiting, attempts=0))
            self._wake.clear()
            ruled = await self._go_by_the_rules()
            while (job := next_to_start(self._startable())) is not None:
                self._start(job)
            looks = (self._look_every_s,) if ruled else ()
            if any(self._setbacks.waiting()):
                looks = (*looks, LOOK_FOR_ROOM_S)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), min(looks, default=None))

    async def stop(self) -> None:
        """Let every worker save and leave; the next engine goes on with their jobs."""
        self._stopping = True
        self._wake.set()
        await asyncio.gather(*(w.leave(LEAVE_WITHIN_S) for w in self._workers.values()))
        await asyncio.gather(*self._watchers.values())

    async def _recover(self) -> None:
        await see_off(self._catalog.job_tasks.workers(), self._home / "jobs")
        for identifier, _, _ in self._catalog.job_tasks.workers():
            self._catalog.job_tasks.set_worker(identifier, None, None)
        for job in self.jobs():
            if job.state in (JobState.RUNNING, JobState.INTERRUPTED):
                self._records.put(replace(job, state=JobState.INTERRUPTED))
                self._again(job)

    async def _go_by_the_rules(self) -> bool:
        """Put off the runs whose time is over; whether there are rules to look after at all."""
        ruled = self._rules.look(self.jobs())
        for job in self.jobs():
            unasked = job.state is JobState.RUNNING and job.id not in self._asked
            if unasked and not self._rules.hold(job):
                self._put_off.add(job.id)
                await self._tell(job.id, Pause(), within_s=None)
        return ruled

    def _startable(self) -> list[Job]:
        """Every job but those whose earlier worker is still leaving: never two on one run."""
        jobs = self.jobs()
        runs = {job.subject for job in jobs if job.state is JobState.RUNNING and _on_run(job)}
        return [
            job
            for job in jobs
            if job.state is JobState.RUNNING
            or (
                job.id not in self._watchers
                and not (_on_run(job) and job.subject in runs)
                and self._rules.hold(job)
            )
        ]

    def _again(self, job: Job) -> Job:
        self._wake.set()
        return self._records.queue_again(job)

    def _start(self, job: Job) -> None:
        running = replace(
            self._rules.begun(job),
            state=JobState.RUNNING,
            started_at=time.time(),
            attempts=job.attempts + 1,
        )
        self._records.put(running)
        watcher = asyncio.create_task(self._work(running), name=job.title)
        self._watchers[job.id] = watcher
        watcher.add_done_callback(lambda done: self._forget_watcher(job.id, done))

    def _forget_watcher(self, identifier: str, watcher: "asyncio.Task[None]") -> None:
        del self._watchers[identifier]
        if not watcher.cancelled() and watcher.exception() is not None:
            log.error("A bug while watching a job", exc_info=watcher.exception())
        self._wake.set()

    async def _work(self, job: Job) -> None:
        try:
            await self._watch(job)
        except Refused as refusal:
            task = self._catalog.job_tasks.get(job.id)
            self._setbacks.take(self._records.job(job.id), task, refusal.problem)
        finally:
            worker = self._workers.pop(job.id, None)
            self._asked.pop(job.id, None)
            self._put_off.discard(job.id)
            if worker is not None:
                worker.kill()  # it has left, unless what it sent could not be used
            self._catalog.job_tasks.set_worker(job.id, None, None)
            now = self._records.job(job.id)
            if now.state is JobState.RUNNING:
                self._records.end(now, JobState.FAILED, WENT_WRONG)

    async def _watch(self, job: Job) -> None:
        task = fresh(self._catalog.job_tasks.get(job.id), self._catalog)
        folder = self._folder(job)
        refuse_without_room(folder, "this job", TASK_BYTES)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (folder / "task.json").write_bytes(msgspec.json.encode(task))
        except OSError as error:
            raise unwritable(folder, error) from error
        record = TrainingRecord(self._catalog, self._publish, job) if _trains(task) else None
        kills = memory_kills()
        worker = await WorkerProcess.start(self._module_of(task), folder, DECODER)
        worker.give_way()
        self._workers[job.id] = worker
        self._catalog.job_tasks.set_worker(job.id, worker.pid, worker.started_at)
        if job.id in self._asked:  # asked for before its process was there
            worker.send(self._asked[job.id])
        stopped = False
        async for message in worker.messages():
            match message:
                case Progress():
                    self._show(job.id, message)
                case RunStarted() | Metrics() | CheckpointSaved() if record is not None:
                    record.apply(message)
                case Done():
                    self._outcome(self._records.job(job.id), task, message.result)
                    self._records.end(self._records.job(job.id), self._ended_as(job))
                case Failed():
                    self._setbacks.take(self._records.job(job.id), task, message.problem)
                case Stopped():
                    stopped = True
        problem = worker.why_it_ended(out_of_memory=memory_kills() > kills)
        self._left(self._records.job(job.id), task, problem, stopped=stopped)

    def _ended_as(self, job: Job) -> JobState:
        """Stopped, if it was asked to before its last step."""
        if not isinstance(self._asked.get(job.id), Stop):
            return JobState.DONE
        run = self._catalog.run(job.subject)
        return JobState.CANCELLED if run.step < run.total_steps else JobState.DONE

    def _show(self, identifier: str, message: Progress) -> None:
        self._catalog.jobs.announce(
            replace(
                self._records.job(identifier),
                progress=message.progress,
                detail=message.detail,
                remaining_s=message.remaining_s,
            )
        )

    def _left(self, job: Job, task: Task, problem: Problem, *, stopped: bool) -> None:
        """Its process is gone; `stopped`: with a checkpoint, because it was asked to."""
        if job.state is not JobState.RUNNING:
            return
        asked = self._asked.get(job.id)
        if isinstance(asked, Cancel):
            self._records.end(job, JobState.CANCELLED)
        elif stopped and job.id in self._put_off:
            self._records.put(self._rules.put_off(job))
        elif stopped and isinstance(asked, Pause):
            self._records.put(replace(job, state=JobState.PAUSED, remaining_s=None))
        elif self._stopping:
            self._records.put(replace(job, state=JobState.INTERRUPTED))
        else:
            self._setbacks.take(job, task, problem)

    async def _tell(self, identifier: str, command: JobCommand, *, within_s: float | None) -> None:
        self._asked[identifier] = command
        worker = self._workers.get(identifier)
        if worker is not None:
            worker.send(command)
            if within_s is not None:
                await worker.end(within_s)
        watcher = self._watchers.get(identifier)
        if watcher is not None and within_s is not None:
            await asyncio.wait([watcher], timeout=within_s)

    def _training(self, identifier: str) -> Job:
        job = self._records.job(identifier)
        if job.kind is not JobKind.TRAIN or job.ended:
            raise _not_training(job)
        return job

    def _folder(self, job: Job) -> Path:
        return self._home / "jobs" / job.id


def _not_training(job: Job) -> Refused:
    return Refused(
        "jobs.not-training",
        f"'{job.title}' is not a training under way.",
        "Only a run can be paused, stopped or finished early.",
        status=409,
    )


def _on_run(job: Job) -> bool:
    return job.kind in (JobKind.TRAIN, JobKind.KEEP_CHECKPOINT)


def _trains(task: Task) -> bool:
    return isinstance(task, TrainTask)


def worker_module(task: Task) -> str:
    """The module whose process does that task; started by name, never imported here."""
    name = "train" if isinstance(task, TRAINED) else "inspect"
    return f"engine.workers.{name}"
