"""What a finished worker made becomes part of the catalog."""

from collections.abc import Callable
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from engine.catalog.catalog import Catalog
from engine.protocol.events import Event, MeasurementAdded, TokensCounted
from engine.protocol.finding_sorts import LOOKED_FOR
from engine.protocol.jobs import Job, JobKind
from engine.protocol.records import Adapter, BaseModel, Dataset, TokenStats
from engine.protocol.tasks import (
    CountTokensTask,
    Examined,
    KeepCheckpointTask,
    Measurement,
    MeasureTask,
    Task,
    TrainTask,
)

R = TypeVar("R")


class Outcomes:
    """Called by the supervisor with a worker's result, before its job is marked done."""

    def __init__(self, catalog: Catalog, publish: Callable[[Event], None]) -> None:
        self._catalog = catalog
        self._publish = publish

    def __call__(self, job: Job, task: Task, result: msgspec.Raw) -> None:
        match job.kind:
            case JobKind.PREPARE_BASE | JobKind.ADD_MODEL:
                self._add_model(_decode(result, BaseModel))
            case JobKind.IMPORT_DATASET | JobKind.EDIT_DATASET | JobKind.MIX_DATASETS:
                self._add_dataset(_decode(result, Dataset))
            case JobKind.EXAMINE_DATASET:
                self._add_findings(_decode(result, Examined))
            case JobKind.IMPORT_ADAPTER | JobKind.TRAIN | JobKind.KEEP_CHECKPOINT:
                self._add_adapter(_decode(result, Adapter), task)
            case JobKind.COUNT_TOKENS:
                assert isinstance(task, CountTokensTask)
                self._catalog.token_stats.put(_decode(result, TokenStats))
                self._publish(TokensCounted(task.dataset.id, task.base.id))
            case JobKind.MEASURE:
                assert isinstance(task, MeasureTask)
                self._catalog.measurements.put(_decode(result, Measurement))
                self._publish(MeasurementAdded(task.base.id))

    def _add_model(self, model: BaseModel) -> None:
        taken = {other.name for other in self._catalog.models.all() if other.id != model.id}
        self._catalog.models.put(replace(model, name=free_name(model.name, taken)))
        for adapter in self._catalog.adapters.where(
            "base IS NULL AND base_fingerprint = ?", model.fingerprint
        ):
            self._catalog.adapters.put(replace(adapter, base=model.id))

    def _add_dataset(self, dataset: Dataset) -> None:
        taken = {other.name for other in self._catalog.datasets.all() if other.id != dataset.id}
        named = replace(dataset, name=free_name(dataset.name, taken))
        self._catalog.datasets.put(named)
        self._catalog.keep_version(named)

    def _add_findings(self, examined: Examined) -> None:
        """To that very version; a newer one is looked at for itself."""
        version = self._catalog.dataset_version(examined.dataset, examined.version)
        if version is None:
            return
        counts = {code: n for code, n in version.finding_counts.items() if code not in LOOKED_FOR}
        counts |= {c: n for c, n in examined.counts.items() if c not in version.ignored and n}
        kept = [each for each in version.findings if each.code not in LOOKED_FOR]
        kept += [each for each in examined.findings if each.code in counts]
        known = replace(
            version,
            findings=tuple(kept),
            finding_count=sum(counts.values()),
            finding_counts=counts,
            examined=True,
        )
        self._catalog.keep_version(known)
        newest = self._catalog.datasets.get(examined.dataset)
        if newest is not None and newest.version == examined.version:
            self._catalog.datasets.put(replace(known, name=newest.name))

    def _add_adapter(self, adapter: Adapter, task: Task) -> None:
        """Its run, if it has one, names it too; a taken version moves on to the next free one."""
        same = [*self._catalog.adapters.where("name = ? AND id != ?", adapter.name, adapter.id)]
        if adapter.version in {other.version for other in same}:
            adapter = replace(adapter, version=max(other.version for other in same) + 1)
        self._catalog.adapters.put(adapter)
        if isinstance(task, KeepCheckpointTask):
            task = task.run
        if isinstance(task, TrainTask):
            self._catalog.runs.put(
                replace(self._catalog.run(task.run.id), adapter=adapter.id, advice="")
            )


def _decode(result: msgspec.Raw, record_type: type[R]) -> R:
    return msgspec.json.decode(result, type=record_type)


def free_name(wanted: str, taken: set[str]) -> str:
    """`wanted`, or the first of "wanted (2)", "wanted (3)" … that nobody has."""
    name, number = wanted, 2
    while name in taken:
        name = f"{wanted} ({number})"
        number += 1
    return name
