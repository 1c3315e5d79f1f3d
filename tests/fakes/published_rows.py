"""A published dataset folder made of examples, without reading a file."""

from array import array
from collections.abc import Sequence
from pathlib import Path

from engine.datasets.cells import compact
from engine.datasets.row_file import RowReading
from engine.datasets.row_writer import RowWriter, content_hash, encode_rows
from engine.datasets.side_codes import CODES
from engine.protocol.dataset_specs import Mapping
from engine.protocol.records import Row

MESSAGES = Mapping(convention="messages", messages="messages")


def write_rows(folder: Path, rows: Sequence[Row], mapping: Mapping = MESSAGES) -> str:
    """Write them with their numbers, lines and sides; returns the content's hash.

    Under another mapping than of messages the rows' own cells are written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    cells = [row.cells if mapping != MESSAGES else _messages(row) for row in rows]
    with RowWriter(folder) as writer:
        writer.add(encode_rows(cells), (row.line for row in rows), (row.number for row in rows))
        sides = bytes(CODES[row.split] for row in rows)
        writer.finish(RowReading(mapping), sides, dict[str, "array[int]"]())
    return content_hash(folder)


def _messages(row: Row) -> dict[str, str]:
    turns = [{"role": role, "content": text} for role, text in row.messages]
    return {"messages": compact(turns)}
