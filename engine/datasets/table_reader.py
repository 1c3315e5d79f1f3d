"""Parquet and Arrow tables, a batch of rows at a time."""

from collections.abc import Iterator
from typing import Any

import pyarrow
from pyarrow import ipc, parquet

from engine.datasets.findings import Findings
from engine.datasets.source import Progress, Record, Source, brief, refuse_columns
from engine.protocol.problems import Refused

BATCH = 512  # rows
INDEX_COLUMNS = ("__index_level_0__", "Unnamed: 0")  # pandas' own, without a meaning


def read_table(source: Source, findings: Findings, progress: Progress) -> Iterator[Record]:
    """One record per row; its line is the row's number from 1.

    What comes before a broken place is kept, the rest becomes a finding. Raises Refused when the
    file cannot be opened at all.
    """
    number = 0
    try:
        for share, batch in _batches(source):
            names = [name for name in batch.schema.names if name not in INDEX_COLUMNS]
            for cells in batch.select(names).to_pylist():
                number += 1
                yield Record(number, cells)
            progress(share)
    except (pyarrow.ArrowException, OSError, ValueError, UnicodeDecodeError) as error:
        if not number:
            raise _broken(source, error) from error
        findings.error(f"The table cannot be read from here on: {brief(error)}", number + 1)


def _batches(source: Source) -> Iterator[tuple[float, Any]]:
    """Record batches, each with the share of the file that is read with it."""
    with source.path.open("rb") as file:
        magic = file.read(6)
    if magic.startswith(b"PAR1"):
        yield from _parquet_batches(source)
        return
    with pyarrow.memory_map(str(source.path)) as mapped:
        if magic == b"ARROW1":
            table = ipc.open_file(mapped)
            refuse_columns(source, len(table.schema.names))
            for at in range(table.num_record_batches):
                yield from _small(table.get_batch(at), (at + 1) / table.num_record_batches)
        else:
            stream = ipc.open_stream(mapped)
            refuse_columns(source, len(stream.schema.names))
            for batch in stream:
                yield from _small(batch, mapped.tell() / max(1, mapped.size()))


def _parquet_batches(source: Source) -> Iterator[tuple[float, Any]]:
    with parquet.ParquetFile(source.path) as table:
        refuse_columns(source, len(table.schema_arrow.names))
        done, rows = 0, max(1, table.metadata.num_rows)
        for group in range(table.num_row_groups):  # one by one: those before a broken one are kept
            for batch in table.iter_batches(batch_size=BATCH, row_groups=[group]):
                done += batch.num_rows
                yield done / rows, batch


def _small(batch: Any, share: float) -> Iterator[tuple[float, Any]]:
    for at in range(0, batch.num_rows, BATCH):
        yield share, batch.slice(at, BATCH)


def _broken(source: Source, error: Exception) -> Refused:
    return Refused(
        "datasets.broken-table",
        f"{source.name} cannot be read as a table: {brief(error)}.",
        "Write it again, or bring it as JSON Lines or CSV.",
    )
