"""Everything the routes need, built once."""

import asyncio
import logging
import time
import uuid
from pathlib import Path

import msgspec
import psutil

from engine.catalog.catalog import Catalog, summary
from engine.datasets.row_file import READING_FILE
from engine.jobs.outcomes import Outcomes
from engine.jobs.queue_forecasts import reckon
from engine.jobs.services import ChatServices, ServiceWorker
from engine.jobs.supervisor import Supervisor
from engine.protocol.dataset_specs import AddDataset
from engine.protocol.events import EngineChanged, PresetsChanged, State
from engine.protocol.jobs import Job, JobKind
from engine.protocol.records import BaseModel, Dataset, EngineInfo, ModelStatus
from engine.protocol.specs import Preset
from engine.protocol.tasks import (
    CountTokensTask,
    ExamineDatasetTask,
    ImportDatasetTask,
    PrepareBaseTask,
    ServeInspect,
    Task,
)
from engine.protocol.version import VERSION
from engine.server.checkpoint_adapters import CheckpointAdapters
from engine.server.event_log import EventLog
from engine.server.open_rows import OpenRows
from engine.server.workstation import describe, threads
from engine.store.presets import all_presets
from engine.store.publish import collect_staging
from engine.store.trash import empty_trash

log = logging.getLogger(__name__)
BUILT_IN_NAME = "SmolLM2-135M-Instruct"
BUILT_IN_ID = uuid.uuid5(uuid.NAMESPACE_URL, "adapter-studio/smollm2-135m-instruct").hex
LOOK_EVERY_S = 3.0
TELL_TIMES = (JobKind.MEASURE, JobKind.COUNT_TOKENS)
MAKE_VERSIONS = (JobKind.IMPORT_DATASET, JobKind.EDIT_DATASET, JobKind.MIX_DATASETS)
MEMORY_STEP_BYTES = 50_000_000  # a smaller change is not worth an event


class Engine:
    """The catalog, the jobs, the serving workers and the event log of one data folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.started_at = time.time()
        self.last_used = time.monotonic()
        self.events = EventLog()
        self.catalog = Catalog(home, self.events.publish)
        self.jobs = Supervisor(
            home=home,
            catalog=self.catalog,
            publish=self.events.publish,
            outcome=self._take_outcome,
        )
        self._outcomes = Outcomes(self.catalog, self.events.publish)
        self.chats = ChatServices(home / "services", threads=threads())
        self.inspect = ServiceWorker("inspect", home / "services" / "inspect", ServeInspect())
        self.checkpoints = CheckpointAdapters(self.catalog)
        self.rows = OpenRows()
        self._info = self.info()

    def start(self) -> None:
        """Clean up after an earlier engine and see that a base model is there."""
        clear_staging(self.home)
        empty_trash(self.home / "trash")
        self._look_for_moved()
        self._read_old_again()
        built_in = self.catalog.models.get(BUILT_IN_ID)
        preparing = any(job.subject == BUILT_IN_ID and job.active for job in self.jobs.jobs())
        if not preparing and (built_in is None or built_in.status is ModelStatus.PREPARING):
            self.prepare_built_in()

    def prepare_built_in(self) -> None:
        target = self.home / "models" / BUILT_IN_ID
        self.catalog.models.put(
            BaseModel(
                id=BUILT_IN_ID,
                name=BUILT_IN_NAME,
                path=str(target),
                source="built-in",
                status=ModelStatus.PREPARING,
                licence="Apache-2.0",
                created_at=time.time(),
            )
        )
        self.jobs.submit(
            JobKind.PREPARE_BASE,
            f"Prepare {BUILT_IN_NAME}",
            PrepareBaseTask(BUILT_IN_ID, str(target)),
            subject=BUILT_IN_ID,
        )

    async def stop(self) -> None:
        """Save everything; end every worker and every stream."""
        self.events.close()
        await asyncio.gather(self.jobs.stop(), self.chats.close(), self.inspect.close())
        self.catalog.close()

    def state(self) -> State:
        return State(
            sequence=self.events.sequence,
            engine=self.info(),
            models=self.catalog.models.all(),
            adapters=self.catalog.adapters.all(),
            datasets=self.catalog.datasets.all(),
            runs=self.catalog.runs.all(),
            jobs=self.catalog.jobs.all(),
            conversations=tuple(summary(talk) for talk in self.catalog.conversations.all()),
            presets=self.presets,
        )

    @property
    def presets(self) -> tuple[Preset, ...]:
        """The application's and the person's, as they lie in the data folder."""
        return all_presets(self.home)

    def tell_presets(self) -> None:
        """Have every client know that they changed."""
        self.events.publish(PresetsChanged(self.presets))

    def info(self) -> EngineInfo:
        return describe(
            version=VERSION,
            started_at=self.started_at,
            home=self.home,
            loaded_bases=self.chats.loaded,
        )

    async def watch_workstation(self) -> None:
        """Tell followers when memory or the loaded bases change; runs until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if not self.events.followers:
                continue
            now = self.info()
            moved = abs(now.memory_used_bytes - self._info.memory_used_bytes)
            if moved > MEMORY_STEP_BYTES or now.loaded_bases != self._info.loaded_bases:
                self._info = now
                self.events.publish(EngineChanged(now))

    @property
    def in_use(self) -> bool:
        return bool(self.events.followers) or self.jobs.busy or self.chats.busy

    def count_tokens(self, dataset: Dataset, base: BaseModel) -> None:
        """Have the dataset's token lengths counted for that base, unless they are or will be."""
        if base.status is not ModelStatus.READY:
            return
        if self.catalog.token_stats.get(dataset, base) is not None:
            return
        subject = f"{dataset.id}/{dataset.version}/{base.id}"
        if any(job.subject == subject and job.active for job in self.jobs.jobs()):
            return
        self.jobs.submit(
            JobKind.COUNT_TOKENS,
            f"Count tokens of {dataset.name}",
            CountTokensTask(dataset, base, dataset.path),
            subject=subject,
        )

    def examine(self, dataset: Dataset) -> Job:
        """Have a closer look at a version; the job that does it already, if there is one."""
        kind, subject = JobKind.EXAMINE_DATASET, f"{dataset.id}/{dataset.version}"
        for job in self.jobs.jobs():
            if job.kind is kind and job.subject == subject and job.active:
                return job
        return self.jobs.submit(
            kind, f"Check {dataset.name}", ExamineDatasetTask(dataset), subject=subject
        )

    def _take_outcome(self, job: Job, task: Task, result: msgspec.Raw) -> None:
        """A new version of a dataset is looked at more closely, by itself."""
        self._outcomes(job, task, result)
        if job.kind in TELL_TIMES:
            reckon(self.catalog)
        if job.kind in MAKE_VERSIONS:
            dataset = self.catalog.datasets.get(job.subject)
            if dataset is not None:
                self.examine(dataset)

    def _read_old_again(self) -> None:
        """Datasets that release 0.1 published in another form are read once more."""
        for dataset in self.catalog.datasets.all():
            there = dataset.sample or Path(dataset.source).exists()
            if (Path(dataset.path) / READING_FILE).is_file() or dataset.made_of or not there:
                continue
            wanted = AddDataset(
                path="" if dataset.sample else dataset.source,
                parts=dataset.parts,
                name=dataset.name,
                mapping=dataset.mapping,
                sample=dataset.sample,
            )
            version = dataset.version + 1
            target = self.home / "datasets" / dataset.id / f"v{version}"
            task = ImportDatasetTask(dataset.id, version, wanted, str(target))
            if not any(job.subject == dataset.id and job.active for job in self.jobs.jobs()):
                title = f"Import {dataset.name}"
                self.jobs.submit(JobKind.IMPORT_DATASET, title, task, subject=dataset.id)

    def _look_for_moved(self) -> None:
        """Mark base models whose folder went away, and those that came back."""
        for model in self.catalog.models.all():
            there = (Path(model.path) / "config.json").is_file()
            if model.status is ModelStatus.READY and not there:
                self.catalog.models.put(msgspec.structs.replace(model, status=ModelStatus.MISSING))
            elif model.status is ModelStatus.MISSING and there:
                self.catalog.models.put(msgspec.structs.replace(model, status=ModelStatus.READY))


def free_memory_bytes() -> int:
    return int(psutil.virtual_memory().available)


def clear_staging(home: Path) -> None:
    """Remove what killed workers left half-written; a dataset's versions lie in its own folder."""
    datasets = home / "datasets"
    own = [each for each in datasets.iterdir() if each.is_dir()] if datasets.is_dir() else []
    for folder in (home / "models", home / "adapters", home / "runs", *own):
        collect_staging(folder)
