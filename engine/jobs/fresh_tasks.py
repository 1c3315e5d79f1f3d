"""A task as it is given to a worker, which may be long after it was asked for."""

from msgspec.structs import replace

from engine.catalog.catalog import Catalog
from engine.protocol.problems import Refused
from engine.protocol.tasks import KeepCheckpointTask, MeasureTask, Task, TrainTask


def fresh(task: Task, catalog: Catalog) -> Task:
    """The task with the records as they are now: a base may have become ready meanwhile."""
    if isinstance(task, KeepCheckpointTask):
        inner = fresh(task.run, catalog)
        assert isinstance(inner, TrainTask)
        return replace(task, run=inner)
    if not isinstance(task, TrainTask | MeasureTask):
        return task
    base = catalog.model(task.base.id)
    if base.status != "ready":
        raise Refused(
            "models.not-ready",
            f"'{base.name}' is not ready.",
            "Wait until it is prepared, or locate its folder, then resume.",
        )
    if isinstance(task, TrainTask):
        known = catalog.metrics.last_step(task.run.id)
        run = replace(catalog.run(task.run.id), step=known)
        version = catalog.next_adapter_version(run.name)
        return replace(task, base=base, run=run, adapter_version=version)
    return replace(task, base=base)
