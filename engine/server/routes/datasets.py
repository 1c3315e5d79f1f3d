"""A dataset's rows, token lengths and what the model sees of a row."""

from array import array
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.datasets.row_file import lengths_path
from engine.protocol.dataset_specs import AddDataset, Mapping, RowQuery, SplitSpec, Template
from engine.protocol.jobs import JobKind
from engine.protocol.problems import Refused, not_found
from engine.protocol.records import Dataset, PackedBatch, RowPage, TokenView
from engine.protocol.worker_messages import RenderRow, SampleBatch
from engine.server.answers import answer, body_of, engine_of, number_of
from engine.server.engine import Engine
from engine.server.routes.imports import add_dataset, existing

MOST_ROWS = 1000
MOST_IN_A_BATCH = 1024
NUMBER = "I"  # uint32


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another way to read the same file: a new version."""

    mapping: Mapping | None = None
    split: SplitSpec | None = None  # None: as it is
    template: Template | UnsetType | None = UNSET  # None: the base's own chat template


class Preview(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to show a row."""

    base: str  # id or name
    max_length: Annotated[int, msgspec.Meta(ge=1, le=2**20)] = 512
    template: Template | None = None  # None: the base's own chat template


async def rows(request: Request) -> Response:
    """A page of the rows that the query string asks for, in its order."""
    engine = engine_of(request)
    dataset = version_of(request)
    offset = number_of(request, "offset", 0)
    limit = number_of(request, "limit", 100, low=1, high=MOST_ROWS)
    lengths = token_lengths(engine, dataset, request.query_params.get("base", ""))
    page = slice(offset, offset + limit)
    found, total = await engine.rows.page(dataset.path, row_query(request), lengths, page)
    tokens = tuple(lengths[row.number - 1] for row in found) if lengths else ()
    return answer(RowPage(found, tokens, total, offset))


def row_query(request: Request) -> RowQuery:
    """The query string as a RowQuery; what belongs to the page is left aside."""
    asked = {
        name: value
        for name, value in request.query_params.items()
        if name in RowQuery.__struct_fields__
    }
    try:
        return msgspec.convert(asked, RowQuery, strict=False)
    except msgspec.ValidationError as error:
        raise Refused(
            "request.invalid", f"The request cannot be read: {error}.", "Correct that field."
        ) from error


def version_of(request: Request) -> Dataset:
    """The dataset of the path, in the version of the query string or the newest."""
    engine = engine_of(request)
    dataset = engine.catalog.dataset(request.path_params["id"])
    version = number_of(request, "version", dataset.version)
    return dataset if version == dataset.version else version_or_refuse(engine, dataset, version)


def version_or_refuse(engine: Engine, dataset: Dataset, version: int) -> Dataset:
    """Raises Refused (404) when the dataset never had that version."""
    found = engine.catalog.dataset_version(dataset.id, version)
    if found is None:
        raise not_found("version", str(version))
    return found


async def labels(request: Request) -> Response:
    """How often each answer is there, where they are few."""
    return answer(await engine_of(request).rows.labels(version_of(request).path))


def token_lengths(engine: Engine, dataset: Dataset, base: str) -> "array[int]":
    """One length per row under that base, or nothing while they are not counted."""
    lengths = array(NUMBER)
    if base:
        model = engine.catalog.model(base)
        if engine.catalog.token_stats.get(dataset, model) is None:
            engine.count_tokens(dataset, model)
        else:
            lengths.frombytes(lengths_path(dataset.path, model.tokenizer_hash).read_bytes())
    return lengths


async def tokens(request: Request) -> Response:
    """Token statistics; 202 and nothing while they are being counted."""
    engine = engine_of(request)
    dataset = engine.catalog.dataset(request.path_params["id"])
    base = engine.catalog.model(request.query_params.get("base", ""))
    stats = engine.catalog.token_stats.get(dataset, base)
    if stats is None:
        engine.count_tokens(dataset, base)
        return answer(None, status=202)
    return answer(stats)


async def token_view(request: Request) -> Response:
    """What the model sees of one row, rendered in the inspect worker."""
    engine = engine_of(request)
    dataset = version_of(request)
    base = engine.catalog.model(request.query_params.get("base", ""))
    max_length = number_of(request, "max_length", 512, low=1, high=2**20)
    wanted = Preview(base.id, max_length, dataset.template)
    return answer(await rendered(engine, dataset, int(request.path_params["number"]), wanted))


async def preview(request: Request) -> Response:
    """The same with a template that is not saved."""
    engine = engine_of(request)
    dataset = engine.catalog.dataset(request.path_params["id"])
    wanted = await body_of(request, Preview)
    return answer(await rendered(engine, dataset, int(request.path_params["number"]), wanted))


async def rendered(engine: Engine, dataset: Dataset, number: int, wanted: Preview) -> TokenView:
    if not 1 <= number <= dataset.rows:
        raise not_found("row", str(number))
    request = RenderRow(
        0,
        await engine.rows.row(dataset.path, number),
        engine.catalog.model(wanted.base),
        wanted.max_length,
        wanted.template,
        dataset.mapping,
        dataset.columns if wanted.template else (),
    )
    return await engine.inspect.ask(request, TokenView)


async def batch(request: Request) -> Response:
    """One batch as training would pack it, drawn with the dataset's own seed or another."""
    engine = engine_of(request)
    dataset = version_of(request)
    wanted = SampleBatch(
        0,
        dataset,
        engine.catalog.model(request.query_params.get("base", "")),
        number_of(request, "batch_size", 8, low=1, high=MOST_IN_A_BATCH),
        number_of(request, "max_length", 512, low=1, high=2**20),
        number_of(request, "seed", dataset.split_spec.seed, high=2**31 - 1),
    )
    return answer(await engine.inspect.ask(wanted, PackedBatch))


async def read_again(request: Request) -> Response:
    """Read the source with another mapping, split or template, as a new version."""
    engine = engine_of(request)
    dataset = engine.catalog.dataset(request.path_params["id"])
    wanted = await body_of(request, Reading)
    refuse_busy(engine, dataset)
    if dataset.made_of:
        raise Refused(
            "datasets.mixed",
            f"{dataset.name} was mixed from other datasets, so there is no file to read.",
            "Mix them again, or edit its rows.",
            status=409,
        )
    if not dataset.sample:
        existing(dataset.source)
    source = AddDataset(
        path="" if dataset.sample else dataset.source,
        parts=dataset.parts,
        name=dataset.name,
        mapping=wanted.mapping or dataset.mapping,
        split=wanted.split or dataset.split_spec,
        sample=dataset.sample,
        template=dataset.template if wanted.template is UNSET else wanted.template,
    )
    version = dataset.version + 1
    return answer(add_dataset(engine, source, version=version, earlier=dataset), status=202)


def refuse_busy(engine: Engine, dataset: Dataset) -> None:
    """Raises Refused while a job makes the next version: one at a time."""
    makers = (JobKind.IMPORT_DATASET, JobKind.EDIT_DATASET)
    for job in engine.jobs.jobs():
        if job.active and job.subject == dataset.id and job.kind in makers:
            raise Refused(
                "datasets.busy",
                f"{dataset.name} is being changed by '{job.title}'.",
                "Wait for its end, or cancel it.",
                status=409,
            )


ROUTES = [
    Route("/api/datasets/{id}", read_again, methods=["PATCH"]),
    Route("/api/datasets/{id}/rows", rows),
    Route("/api/datasets/{id}/labels", labels),
    Route("/api/datasets/{id}/tokens", tokens),
    Route("/api/datasets/{id}/batch", batch),
    Route("/api/datasets/{id}/rows/{number:int}/tokens", token_view),
    Route("/api/datasets/{id}/rows/{number:int}/tokens", preview, methods=["POST"]),
]
