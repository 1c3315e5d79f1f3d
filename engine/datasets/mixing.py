"""Several datasets as one, in given proportions."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy
from msgspec import Struct
from msgspec.structs import replace

from engine.datasets.batch import Batch
from engine.datasets.digests import digests_of, held_out_fractions
from engine.datasets.edits import Edits
from engine.datasets.findings import Findings
from engine.datasets.mix_form import MixForm, mix_form
from engine.datasets.new_version import NewVersion
from engine.datasets.row_file import RowFile, RowReading
from engine.datasets.side_codes import TEST
from engine.datasets.source import Progress
from engine.protocol.dataset_specs import MixDatasets, SplitSpec
from engine.protocol.mixable import rows_taken
from engine.protocol.records import Dataset

BLOCK = 2_000  # rows
FROM = "from"


class MixPlan(Struct, frozen=True):
    identity: str
    version: int
    wanted: MixDatasets
    datasets: tuple[Dataset, ...]  # in the order of the parts
    target: Path


def mix_datasets(plan: MixPlan, progress: Progress) -> Dataset:
    """Publish the mix and return its record; its rows keep their sides and tell their origin.

    The dataset that is scarcest for its weight is taken whole, of the others as many rows as the
    weights ask for, chosen by their content. Test rows come along in full and are not counted.
    Raises Refused for datasets that cannot be one.
    """
    started = time.monotonic()
    names = [dataset.name for dataset in plan.datasets]
    form = mix_form(plan.datasets)
    findings = Findings(plan.wanted.name)
    version = NewVersion(
        RowReading(form.mapping), SplitSpec(seed=plan.wanted.seed), Edits(), findings,
        given="given by the datasets",
    )  # fmt: skip
    folder, facts = version.publish(plan.target, _batches(plan, form, progress), known={}, edits=())
    return replace(
        facts,
        id=plan.identity,
        name=plan.wanted.name,
        version=plan.version,
        path=str(folder),
        source=" + ".join(names),
        made_of=tuple(f"{each.id}/{each.version}" for each in plan.datasets),
        size_bytes=sum(path.stat().st_size for path in folder.iterdir()),
        change=f"Mixed from {', '.join(names)}",
        read_s=time.monotonic() - started,
        created_at=time.time(),
    )


def _batches(plan: MixPlan, form: MixForm, progress: Progress) -> Iterator[Batch]:
    counts = rows_taken([dataset.rows - dataset.test_rows for dataset in plan.datasets],
                   [part.weight for part in plan.wanted.parts])  # fmt: skip
    record = 0
    for at, (dataset, count) in enumerate(zip(plan.datasets, counts, strict=True)):
        with RowFile(dataset.path) as rows:
            chosen = _chosen(rows, count, plan.wanted.seed)
            for first in range(0, len(chosen), BLOCK):
                many = [rows.at(place) for place in chosen[first : first + BLOCK]]
                cells = [{**form.cells(row), FROM: dataset.name} for row in many]
                origins = range(record + 1, record + 1 + len(many))
                record += len(many)
                sides = bytes(rows.sides[row.number - 1] for row in many)
                yield Batch([row.line for row in many], cells, True, origins=origins, sides=sides)
        progress((at + 1) / len(counts))


def _chosen(rows: RowFile, count: int, seed: int) -> list[int]:
    """Places of that many rows, the lowest of their numbers first to be chosen, and all tests."""
    digests = numpy.fromiter((digests_of(row).row for row in rows), dtype=numpy.uint64)
    fractions = held_out_fractions(digests, seed)
    sides = numpy.frombuffer(rows.sides, dtype=numpy.uint8)
    open_places = numpy.flatnonzero(sides != TEST)
    drawn = open_places[numpy.argsort(fractions[open_places], kind="stable")[:count]]
    places: list[int] = numpy.sort([*drawn, *numpy.flatnonzero(sides == TEST)]).tolist()
    return places
