"""The adapter of a run that was stopped: which checkpoint, and where it is published."""

import uuid
from pathlib import Path

from msgspec.structs import replace

from engine.catalog.catalog import Catalog
from engine.protocol.jobs import Job
from engine.protocol.run_length import best_checkpoint
from engine.protocol.tasks import KeepCheckpointTask, TrainTask


def renew_adapter(catalog: Catalog, job: Job) -> None:
    """What a run published when it was stopped stays; the next one is an adapter of its own."""
    task = catalog.job_tasks.get(job.id)
    if isinstance(task, TrainTask) and catalog.run(task.run.id).adapter:
        identifier = uuid.uuid4().hex
        target = str(Path(task.target).with_name(identifier))
        catalog.job_tasks.put(job.id, replace(task, adapter_id=identifier, target=target))


def task_of_keeping(catalog: Catalog, job: Job) -> KeepCheckpointTask | None:
    """What publishes the best checkpoint of the job's run; None when that is done or none is there.

    The run names its checkpoint only as far as the engine has heard of it; the worker looks.
    """
    run = catalog.run(job.subject)
    best = best_checkpoint(run.checkpoints)
    published = catalog.adapters.get(run.adapter)
    if best is None or (published is not None and published.step == best.step):
        return None
    renew_adapter(catalog, job)
    task = catalog.job_tasks.get(job.id)
    assert isinstance(task, TrainTask)
    return KeepCheckpointTask(task)
