"""Writes a version's rows as JSON Lines, CSV or Parquet for other tools, and for this one."""

import csv
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from engine.datasets.row_file import RowFile
from engine.datasets.side_codes import CODES, NAMES
from engine.datasets.source import Progress
from engine.protocol.dataset_specs import ExportRows
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset
from engine.protocol.tasks import ExportedRows
from engine.store.disk import disk_full

SPLIT_COLUMN = "split"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet calculates cells that begin so
BLOCK = 2_000  # rows
ENDINGS = (".jsonl", ".csv", ".parquet")


def export_rows(dataset: Dataset, wanted: ExportRows, progress: Progress) -> ExportedRows:
    """Write the rows to `wanted.path`, whole or not at all.

    Cells that hold lists or objects are JSON again in JSON Lines, so that reading the file gives
    the same dataset. Cells that a spreadsheet would take for formulas begin with an apostrophe in
    CSV. Raises Refused for another ending, a file that is there, or a full disk.
    """
    path = Path(wanted.path)
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise Refused(
            "exports.unknown-kind",
            f"'{path.name}' does not tell what to write.",
            "Let its name end with .jsonl, .csv or .parquet.",
        )
    refuse_overwriting(path, wanted)
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with RowFile(dataset.path) as rows:
            blocks = _blocks(rows, dataset, wanted.split, progress)
            match ending:
                case ".jsonl":
                    written = _write_lines(new, blocks)
                case ".csv":
                    written = _write_csv(new, blocks, _columns(dataset, wanted.split))
                case _:
                    written = _write_parquet(new, blocks, _columns(dataset, wanted.split))
        refuse_overwriting(path, wanted)
        new.replace(path)
    except OSError as error:
        if error.errno is not None and os.strerror(error.errno) == "No space left on device":
            raise disk_full(path, path.name) from error
        raise Refused(
            "exports.not-written",
            f"{path} cannot be written: {error.strerror}.",
            "Choose another folder.",
        ) from error
    finally:
        new.unlink(missing_ok=True)
    return ExportedRows(str(path), written, path.stat().st_size)


def refuse_overwriting(path: Path, wanted: ExportRows) -> None:
    """Raises Refused when something is there and may not be replaced."""
    if os.path.lexists(path) and not (wanted.overwrite and path.is_file()):
        raise Refused(
            "exports.exists",
            f"{path.name} is there already.",
            "Choose another name, or allow to overwrite it.",
            status=409,
        )


def _columns(dataset: Dataset, split: str) -> list[str]:
    names = [name for name in dataset.columns if name != dataset.mapping.split]
    return names if split else [*names, dataset.mapping.split or SPLIT_COLUMN]


def _blocks(
    rows: RowFile, dataset: Dataset, split: str, progress: Progress
) -> Iterator[list[dict[str, str]]]:
    """The cells of the rows of that split; of all, with their side in a column, for none."""
    column = dataset.mapping.split or SPLIT_COLUMN
    for first in range(0, len(rows), BLOCK):
        last = min(first + BLOCK, len(rows))
        block = []
        for cells, side in zip(rows.block(first, last), rows.sides[first:last], strict=True):
            if not split:
                block.append({**cells, column: NAMES[side]})
            elif side == CODES[split]:
                cells.pop(column, None) if dataset.mapping.split else None
                block.append(cells)
        yield block
        progress(last / len(rows))


def _write_lines(path: Path, blocks: Iterator[list[dict[str, str]]]) -> int:
    encoder = msgspec.json.Encoder()
    written = 0
    with path.open("xb") as file:
        for block in blocks:
            rows = [{name: _plain(text) for name, text in cells.items()} for cells in block]
            file.write(encoder.encode_lines(rows))
            written += len(rows)
        _sync(file)
    return written


def _plain(text: str) -> Any:
    """A cell that is a list or an object, as such; everything else as text."""
    if text[:1] not in ("[", "{"):
        return text
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
    return value if isinstance(value, list | dict) else text


def _write_csv(path: Path, blocks: Iterator[list[dict[str, str]]], columns: list[str]) -> int:
    written = 0
    with path.open("x", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([_harmless(name) for name in columns])
        for block in blocks:
            writer.writerows(
                [_harmless(cells.get(name, "")) for name in columns] for cells in block
            )
            written += len(block)
        _sync(file)
    return written


def _harmless(text: str) -> str:
    """Text that no spreadsheet calculates (OWASP, CSV Injection); numbers stay numbers."""
    if not text.startswith(FORMULA):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def _write_parquet(path: Path, blocks: Iterator[list[dict[str, str]]], columns: list[str]) -> int:
    import pyarrow
    from pyarrow import parquet

    schema = pyarrow.schema([(name, pyarrow.string()) for name in columns])
    written = 0
    with path.open("xb") as file:
        with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
            for block in blocks:
                writer.write_table(pyarrow.Table.from_pylist(block, schema=schema))
                written += len(block)
        _sync(file)
    return written


def _sync(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())
