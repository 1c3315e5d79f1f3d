"""Bringing things in: what a path holds is decided from its content, in a worker."""

import uuid
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.protocol.dataset_specs import AddDataset
from engine.protocol.jobs import Job, JobKind
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset, ModelStatus
from engine.protocol.specs import AddPath
from engine.protocol.tasks import AddModelTask, ImportAdapterTask, ImportDatasetTask
from engine.protocol.worker_messages import Recognise, Recognised
from engine.server.answers import answer, body_of, engine_of
from engine.server.engine import Engine


async def add_path(request: Request) -> Response:
    """Start the job that adds a model, an adapter or a dataset."""
    wanted = await body_of(request, AddPath)
    engine = engine_of(request)
    path = existing(wanted.path)
    parts = tuple(str(existing(part)) for part in wanted.parts)
    kind: str = "dataset" if parts else wanted.kind
    if not kind:
        found = await engine.inspect.ask(Recognise(0, str(path)), Recognised)
        if found.kind not in ("model", "adapter", "dataset"):
            raise Refused(
                "imports.unknown-kind",
                f"'{path.name}' is not a model, an adapter or a dataset. {found.reason}".strip(),
                "Choose a model folder with safetensors, a PEFT adapter folder, or a data file.",
            )
        kind = found.kind
    name = wanted.name or path.name
    match kind:
        case "model":
            job = add_model(engine, path, name)
        case "adapter":
            job = add_adapter(engine, path, name)
        case _:
            job = add_dataset(engine, AddDataset(path=str(path), name=wanted.name, parts=parts))
    return answer(job, status=202)


async def add_data(request: Request) -> Response:
    """Start the job that reads a file, or the built-in sample, into a dataset."""
    wanted = await body_of(request, AddDataset)
    if not wanted.sample:
        for path in (wanted.path, *wanted.parts):
            existing(path)
    return answer(add_dataset(engine_of(request), wanted), status=202)


def existing(path: str) -> Path:
    """The path, absolute; raises Refused when nothing is there."""
    found = Path(path).expanduser().absolute() if path and "\0" not in path else None
    if found is None or not found.exists():
        raise Refused(
            "imports.missing", f"There is nothing at '{path}'.", "Check the path.", status=404
        )
    return found


def add_model(engine: Engine, path: Path, name: str) -> Job:
    for model in engine.catalog.models.all():
        if Path(model.path) == path:
            raise Refused(
                "models.known",
                f"'{model.name}' is this folder already.",
                "Remove it first to add it again.",
                status=409,
            )
    identifier = uuid.uuid4().hex
    target = engine.home / "models" / identifier
    task = AddModelTask(identifier, str(path), name, str(target))
    return engine.jobs.submit(JobKind.ADD_MODEL, f"Add {name}", task, subject=identifier)


def add_adapter(engine: Engine, path: Path, name: str) -> Job:
    identifier = uuid.uuid4().hex
    target = engine.home / "adapters" / identifier
    bases = tuple(
        model for model in engine.catalog.models.all() if model.status is ModelStatus.READY
    )
    task = ImportAdapterTask(identifier, str(path), name, str(target), bases)
    return engine.jobs.submit(JobKind.IMPORT_ADAPTER, f"Import {name}", task, subject=identifier)


def add_dataset(
    engine: Engine, wanted: AddDataset, *, version: int = 1, earlier: Dataset | None = None
) -> Job:
    """Queue the reading of a file as a new dataset, or as the next version of an earlier one."""
    identifier = earlier.id if earlier is not None else uuid.uuid4().hex
    target = engine.home / "datasets" / identifier / f"v{version}"
    name = wanted.name or ("the sample" if wanted.sample else Path(wanted.path).name)
    task = ImportDatasetTask(identifier, version, wanted, str(target), earlier)
    return engine.jobs.submit(JobKind.IMPORT_DATASET, f"Import {name}", task, subject=identifier)


ROUTES = [
    Route("/api/imports", add_path, methods=["POST"]),
    Route("/api/datasets", add_data, methods=["POST"]),
]
