"""A dataset's rows, token lengths and what the model sees of a row."""

from array import array
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.datasets.rows import lengths_path
from engine.protocol.problems import Refused, not_found
from engine.protocol.records import Dataset, RowPage, TokenView
from engine.protocol.specs import AddDataset, Mapping, Template
from engine.protocol.worker_messages import RenderRow
from engine.server.answers import answer, body_of, engine_of, number_of
from engine.server.engine import Engine
from engine.server.routes.imports import add_dataset, existing

MOST_ROWS = 1000
NUMBER = "I"  # uint32


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another way to read the same file: a new version."""

    mapping: Mapping | None = None
    validation_share: float | None = None  # None: as it is
    seed: int | None = None
    template: Template | UnsetType | None = UNSET  # None: the base's own chat template


class Preview(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to show a row."""

    base: str  # id or name
    max_length: Annotated[int, msgspec.Meta(ge=1, le=2**20)] = 512
    template: Template | None = None  # None: the base's own chat template


async def rows(request: Request) -> Response:
    engine = engine_of(request)
    dataset = engine.catalog.dataset(request.path_params["id"])
    offset = number_of(request, "offset", 0)
    limit = number_of(request, "limit", 100, low=1, high=MOST_ROWS)
    query = request.query_params.get("query", "")
    found, total = await engine.rows.page(dataset.path, offset, limit, query)
    lengths = token_lengths(engine, dataset, request.query_params.get("base", ""))
    tokens = tuple(lengths[row.number - 1] for row in found) if lengths else ()
    return answer(RowPage(tuple(found), tokens, total, offset))


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
    dataset = engine.catalog.dataset(request.path_params["id"])
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


async def read_again(request: Request) -> Response:
    """Read the source with another mapping, split or template, as a new version."""
    engine = engine_of(request)
    dataset = engine.catalog.dataset(request.path_params["id"])
    wanted = await body_of(request, Reading)
    if not dataset.sample:
        existing(dataset.source)
    share = dataset.validation_share if wanted.validation_share is None else wanted.validation_share
    if not 0 < share < 1:
        raise Refused("datasets.share", "The validation share is between 0 and 1.", "0.1 is usual.")
    source = AddDataset(
        path="" if dataset.sample else dataset.source,
        parts=dataset.parts,
        name=dataset.name,
        mapping=wanted.mapping or dataset.mapping,
        validation_share=share,
        seed=dataset.seed if wanted.seed is None else wanted.seed,
        sample=dataset.sample,
        template=dataset.template if wanted.template is UNSET else wanted.template,
    )
    version = dataset.version + 1
    return answer(add_dataset(engine, source, identifier=dataset.id, version=version), status=202)


ROUTES = [
    Route("/api/datasets/{id}", read_again, methods=["PATCH"]),
    Route("/api/datasets/{id}/rows", rows),
    Route("/api/datasets/{id}/tokens", tokens),
    Route("/api/datasets/{id}/rows/{number:int}/tokens", token_view),
    Route("/api/datasets/{id}/rows/{number:int}/tokens", preview, methods=["POST"]),
]
