"""Starting runs, and what they would cost."""

import time
import uuid
from pathlib import Path

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.jobs.forecast import forecast
from engine.jobs.queue_forecasts import reckon
from engine.protocol.jobs import JobKind
from engine.protocol.method_specs import kind_of, method_of, short_name_of, targets_of
from engine.protocol.problems import Refused
from engine.protocol.records import BaseModel, Dataset, Forecast, ModelStatus, Run
from engine.protocol.specs import TrainSpec
from engine.protocol.tasks import MeasureTask, TrainTask
from engine.server.answers import answer, body_of, engine_of
from engine.server.engine import Engine, free_memory_bytes

MOST_FORECASTS = 16


async def start(request: Request) -> Response:
    """Queue a run. The spec's base and dataset may be names; the record keeps their ids."""
    engine = engine_of(request)
    spec, base, dataset = resolve(engine, await body_of(request, TrainSpec))
    if dataset.train_rows == 0:
        raise Refused(
            "datasets.empty",
            f"'{dataset.name}' has no training rows.",
            "Look at its problems, or choose another dataset.",
        )
    run_id, adapter_id = uuid.uuid4().hex, uuid.uuid4().hex
    run = Run(
        id=run_id,
        number=engine.catalog.next_run_number(),
        name=spec.name,
        job="",
        spec=spec,
        base_name=base.name,
        dataset_name=dataset.name,
        dataset_version=dataset.version,
        path=str(engine.home / "runs" / run_id),
        created_at=time.time(),
    )
    target = engine.home / "adapters" / adapter_id
    task = TrainTask(run, base, dataset, adapter_id, 1, str(target))
    job = engine.jobs.submit(JobKind.TRAIN, f"Train {spec.name}", task, subject=run_id)
    reckon(engine.catalog)
    return answer(engine.catalog.runs.put(replace(run, job=job.id)), status=201)


def resolve(engine: Engine, spec: TrainSpec) -> tuple[TrainSpec, BaseModel, Dataset]:
    """The spec with ids in place of names and a name of its own."""
    base, dataset = engine.catalog.model(spec.base), engine.catalog.dataset(spec.dataset)
    if ":" in spec.name or not spec.name.isprintable():
        raise Refused("runs.name", "A name has no colon.", "Choose another name.")
    name = spec.name or f"{Path(dataset.name).stem} {short_name_of(spec.method)}"
    return replace(spec, base=base.id, dataset=dataset.id, name=name), base, dataset


async def metrics(request: Request) -> Response:
    engine = engine_of(request)
    run = engine.catalog.run(request.path_params["id"])
    return answer(engine.catalog.metrics.of(run.id))


async def forecasts(request: Request) -> Response:
    """One forecast per spec; what was never measured here is measured by a job meanwhile."""
    engine = engine_of(request)
    specs = await body_of(request, list[TrainSpec])
    return answer([forecast_of(engine, spec) for spec in specs[:MOST_FORECASTS]])


def forecast_of(engine: Engine, wanted: TrainSpec) -> Forecast:
    spec, base, dataset = resolve(engine, wanted)
    stats = engine.catalog.token_stats.get(dataset, base)
    measurement = engine.catalog.measurements.nearest(base.fingerprint, spec.method)
    if stats is None:
        engine.count_tokens(dataset, base)
    if measurement is None:
        measure(engine, spec, base, dataset)
    return forecast(
        spec,
        base=base,
        dataset=dataset,
        stats=stats,
        measurement=measurement,
        free_memory_bytes=free_memory_bytes(),
    )


def measure(engine: Engine, spec: TrainSpec, base: BaseModel, dataset: Dataset) -> None:
    """Queue a measurement, unless one for this base and method is on its way or failed."""
    if base.status is not ModelStatus.READY or dataset.train_rows == 0:
        return
    subject = f"{base.id}/{kind_of(spec.method)}/{targets_of(spec.method)}"
    if any(job.kind is JobKind.MEASURE and job.subject == subject for job in engine.jobs.jobs()):
        return
    engine.jobs.submit(
        JobKind.MEASURE,
        f"Measure {method_of(kind_of(spec.method)).title} on {base.name}",
        MeasureTask(spec, base, dataset),
        subject=subject,
    )


async def schema(request: Request) -> Response:
    """The JSON Schema of a run's spec."""
    del request
    return answer(msgspec.json.schema(TrainSpec))


ROUTES = [
    Route("/api/runs", start, methods=["POST"]),
    Route("/api/runs/schema", schema),
    Route("/api/runs/{id}/metrics", metrics),
    Route("/api/forecasts", forecasts, methods=["POST"]),
]
