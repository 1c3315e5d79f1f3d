"""How long each training that is still to come will take, where it was measured."""

from msgspec.structs import replace

from engine.catalog.catalog import Catalog
from engine.jobs.forecast import forecast
from engine.protocol.jobs import JobKind
from engine.protocol.tasks import TrainTask


def reckon(catalog: Catalog) -> None:
    """Put the forecast into every training that has none yet; never a guess."""
    for job in catalog.jobs.all():
        if job.kind is not JobKind.TRAIN or job.ended or job.forecast_s is not None:
            continue
        task = catalog.job_tasks.get(job.id)
        assert isinstance(task, TrainTask)
        seconds = _seconds(catalog, task)
        if seconds is not None:
            catalog.jobs.put(replace(job, forecast_s=seconds))


def _seconds(catalog: Catalog, task: TrainTask) -> float | None:
    spec = task.run.spec
    return forecast(
        spec,
        base=task.base,
        dataset=task.dataset,
        stats=catalog.token_stats.get(task.dataset, task.base),
        measurement=catalog.measurements.nearest(task.base.fingerprint, spec.method),
        free_memory_bytes=0,
    ).seconds
