"""Versions of a dataset: editing, restoring, comparing, exporting and mixing them."""

import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.protocol.dataset_specs import EditDataset, ExportRows, MixDatasets, RowEdit
from engine.protocol.jobs import Job, JobKind
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset, DatasetDiff
from engine.protocol.tasks import EditDatasetTask, ExportDatasetTask, MixDatasetsTask
from engine.protocol.worker_messages import CompareVersions
from engine.server.answers import answer, body_of, engine_of, number_of
from engine.server.engine import Engine
from engine.server.routes.datasets import refuse_busy, token_lengths, version_or_refuse


class Restoration(Struct, frozen=True, forbid_unknown_fields=True):
    version: int  # that becomes the newest again


async def versions(request: Request) -> Response:
    """All of them, the newest first."""
    engine = engine_of(request)
    dataset = engine.catalog.dataset(request.path_params["id"])
    return answer(engine.catalog.dataset_versions(dataset.id))


async def edit(request: Request) -> Response:
    """Start the job that makes the next version from changes over this one."""
    engine = engine_of(request)
    dataset = engine.catalog.dataset(request.path_params["id"])
    wanted = await body_of(request, EditDataset)
    refuse_busy(engine, dataset)
    if wanted.version != dataset.version:
        raise Refused(
            "datasets.changed-meanwhile",
            f"{dataset.name} is at version {dataset.version}, the changes are for"
            f" {wanted.version}.",
            "Look at the new version and change it again.",
            status=409,
        )
    if wanted.longer_than:
        wanted = replace(wanted, rows=(*wanted.rows, *_longer(engine, dataset, wanted)))
    version = dataset.version + 1
    target = engine.home / "datasets" / dataset.id / f"v{version}"
    task = EditDatasetTask(dataset, version, wanted, str(target))
    job = engine.jobs.submit(JobKind.EDIT_DATASET, f"Edit {dataset.name}", task, subject=dataset.id)
    return answer(job, status=202)


def _longer(engine: Engine, dataset: Dataset, wanted: EditDataset) -> Iterator[RowEdit]:
    """The removal of every row that is too long; raises Refused while tokens are not counted."""
    lengths = token_lengths(engine, dataset, wanted.base)
    if not lengths:
        raise Refused(
            "datasets.not-counted",
            f"The tokens of {dataset.name} are being counted.",
            "Try again in a moment.",
            status=409,
        )
    for number, length in enumerate(lengths, 1):
        if length > wanted.longer_than:
            yield RowEdit(number, remove=True)


async def restore(request: Request) -> Response:
    """Make an earlier version the newest: nothing is read again, nothing is lost."""
    engine = engine_of(request)
    dataset = engine.catalog.dataset(request.path_params["id"])
    wanted = (await body_of(request, Restoration)).version
    refuse_busy(engine, dataset)
    earlier = version_or_refuse(engine, dataset, wanted)
    restored = replace(
        earlier,
        name=dataset.name,
        version=dataset.version + 1,
        change=f"Restored version {wanted}: {earlier.change}",
        created_at=time.time(),
    )
    engine.catalog.keep_version(restored)
    engine.catalog.token_stats.copy(earlier, restored.version)
    engine.catalog.datasets.put(restored)
    if not restored.examined:
        engine.examine(restored)
    return answer(restored)


async def diff(request: Request) -> Response:
    """What makes the version `after` another than `before`, compared in the inspect worker."""
    engine = engine_of(request)
    dataset = engine.catalog.dataset(request.path_params["id"])
    after = number_of(request, "after", dataset.version, low=1)
    before = number_of(request, "before", max(1, after - 1), low=1)
    pair = [version_or_refuse(engine, dataset, each) for each in (before, after)]
    return answer(await engine.inspect.ask(CompareVersions(0, *pair), DatasetDiff))


async def export(request: Request) -> Response:
    """Start the job that writes a version's rows to a file."""
    engine = engine_of(request)
    dataset = engine.catalog.dataset(request.path_params["id"])
    wanted = await body_of(request, ExportRows)
    path = Path(wanted.path).expanduser()
    if not path.is_absolute() or "\0" in wanted.path or not path.parent.is_dir():
        raise Refused(
            "exports.no-folder", f"There is no folder for '{wanted.path}'.", "Choose another one."
        )
    version = version_or_refuse(engine, dataset, wanted.version or dataset.version)
    task = ExportDatasetTask(version, replace(wanted, path=str(path)))
    job = engine.jobs.submit(
        JobKind.EXPORT_DATASET, f"Export {dataset.name}", task, subject=dataset.id
    )
    return answer(job, status=202)


async def examine(request: Request) -> Response:
    """Look at the newest version more closely, again if need be."""
    engine = engine_of(request)
    dataset = engine.catalog.dataset(request.path_params["id"])
    return answer(engine.examine(dataset), status=202)


async def mix(request: Request) -> Response:
    """Start the job that makes a dataset from rows of others."""
    engine = engine_of(request)
    wanted = await body_of(request, MixDatasets)
    datasets = tuple(engine.catalog.dataset(part.dataset) for part in wanted.parts)
    if len({dataset.id for dataset in datasets}) < len(datasets):
        raise Refused(
            "datasets.mixed-twice", "A dataset is named twice.", "Name each once with its weight."
        )
    identifier = uuid.uuid4().hex
    target = engine.home / "datasets" / identifier / "v1"
    task = MixDatasetsTask(identifier, 1, wanted, datasets, str(target))
    job: Job = engine.jobs.submit(
        JobKind.MIX_DATASETS, f"Mix {wanted.name}", task, subject=identifier
    )
    return answer(job, status=202)


ROUTES = [
    Route("/api/datasets/{id}/versions", versions),
    Route("/api/datasets/{id}/edits", edit, methods=["POST"]),
    Route("/api/datasets/{id}/restore", restore, methods=["POST"]),
    Route("/api/datasets/{id}/diff", diff),
    Route("/api/datasets/{id}/exports", export, methods=["POST"]),
    Route("/api/datasets/{id}/examine", examine, methods=["POST"]),
    Route("/api/mixes", mix, methods=["POST"]),
]
