"""The published form of a dataset, quick at a million rows.

`rows.jsonl` holds the cells of one row per line, as text under the columns' names; empty cells are
left out. `reading.json` tells how an example is made of them, `splits.bin` the side of each row
(one byte). `lines.bin` and `origins.bin` hold the line, and the number of the record, in what was
read, so that the same rows are the same bytes whichever file they came from. `index.bin` holds
where each line of `rows.jsonl` begins and, last, its size; all three are little-endian unsigned
64-bit integers. `found.json` lists the rows of each sort of finding.
"""

import mmap
import sys
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import msgspec
from msgspec import Struct

from engine.datasets.conversation import RowError, example_of
from engine.datasets.row_search import RowBytes, search
from engine.datasets.side_codes import NAMES
from engine.protocol.dataset_specs import Mapping, Template
from engine.protocol.problems import Refused
from engine.protocol.records import Row

ROWS_FILE = "rows.jsonl"
INDEX_FILE = "index.bin"
LINES_FILE = "lines.bin"
ORIGINS_FILE = "origins.bin"
SPLITS_FILE = "splits.bin"
READING_FILE = "reading.json"
FOUND_FILE = "found.json"


class RowReading(Struct, frozen=True):
    """`reading.json`: how an example is made of a row's cells."""

    mapping: Mapping
    template: Template | None = None  # None: the base's own chat template


class RowFile:
    """Random access to the rows of a published dataset folder. Close it, or use it in `with`.

    Raises Refused naming what is wrong when the folder is not whole.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._cells = msgspec.json.Decoder(dict[str, str])
        self._hits: tuple[str, array[int]] | None = None  # of the newest query
        try:
            self.reading = msgspec.json.decode(
                (self.folder / READING_FILE).read_bytes(), type=RowReading
            )
            self._offsets = read_numbers(self.folder / INDEX_FILE)
            self.lines = read_numbers(self.folder / LINES_FILE)
            self.origins = read_numbers(self.folder / ORIGINS_FILE)
            self.sides = (self.folder / SPLITS_FILE).read_bytes()
            with (self.folder / ROWS_FILE).open("rb") as file:
                size = file.seek(0, 2)
                self._bytes: mmap.mmap | bytes = (
                    mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
                )
        except OSError as error:
            raise damaged(f"{Path(str(error.filename)).name} is missing") from error
        except msgspec.MsgspecError as error:
            raise damaged(f"{READING_FILE} cannot be read") from error
        counts = {len(self._offsets) - 1, len(self.lines), len(self.origins), len(self.sides)}
        if len(counts) > 1 or self._offsets[-1] != size:
            self.close()
            raise damaged("its index does not belong to its rows")

    def __len__(self) -> int:
        return len(self.sides)

    def __iter__(self) -> Iterator[Row]:
        return (self.at(position) for position in range(len(self)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if isinstance(self._bytes, mmap.mmap):
            self._bytes.close()

    def row(self, number: int) -> Row:
        """The row of that number, from 1. Raises Refused (404) when there is none."""
        if not 1 <= number <= len(self):
            raise Refused(
                "rows.unknown",
                f"There is no row {number}; the dataset has {len(self)}.",
                "Choose a number in that range.",
                status=404,
            )
        return self.at(number - 1)

    def at(self, position: int) -> Row:
        """The row at that place, from 0."""
        cells = self.cells(position)
        try:
            example = example_of(cells, self.reading.mapping)
        except RowError as error:
            raise damaged(f"row {position + 1} makes no example: {error}") from error
        return Row(
            number=position + 1,
            line=self.lines[position],
            split=NAMES[self.sides[position]],
            messages=example.messages,
            cells=cells,
            rejected=example.rejected,
            desirable=example.desirable,
        )

    def cells(self, position: int) -> dict[str, str]:
        """The cells of the row at that place, from 0, as the table shows them."""
        try:
            return self._cells.decode(self.line(position))
        except msgspec.MsgspecError as error:
            raise damaged(f"line {position + 1} of {ROWS_FILE} cannot be read") from error

    def block(self, first: int, last: int) -> list[dict[str, str]]:
        """The cells of the rows from one place up to another, quickly."""
        lines = self._bytes[self._offsets[first] : self._offsets[last]]
        try:
            return self._cells.decode_lines(lines)
        except msgspec.MsgspecError as error:
            raise damaged(f"{ROWS_FILE} cannot be read after line {first}") from error

    def found(self) -> dict[str, list[int]]:
        """The numbers of the rows of each sort of finding, those found later included."""
        found: dict[str, list[int]] = {}
        for path in (self.folder / FOUND_FILE, examined_path(self.folder)):
            if path.is_file():
                found |= msgspec.json.decode(path.read_bytes(), type=dict[str, list[int]])
        return found

    def texts(self, position: int) -> Iterator[str]:
        """All that can be read of the row at that place: messages out of their JSON, and cells."""
        row = self.at(position)
        yield from (
            text for name, text in row.cells.items() if name != self.reading.mapping.messages
        )
        yield from (content for _, content in row.messages)

    def line(self, position: int) -> bytes:
        """The row at that place as it is written."""
        return self._bytes[self._offsets[position] : self._offsets[position + 1]]

    def matching(self, query: str) -> "array[int]":
        """Places, from 0, of all rows with that text in a cell; kept until the next query."""
        if self._hits is None or self._hits[0] != query:
            self._hits = (
                query,
                array("I", search(self, RowBytes(self._bytes, self._offsets), query)),
            )
        return self._hits[1]


def read_rows(folder: str | Path) -> Iterator[Row]:
    """The rows of a published dataset folder, in order. Raises Refused when it is not whole."""
    with RowFile(folder) as rows:
        yield from rows


def lengths_path(folder: str | Path, tokenizer_hash: str) -> Path:
    """Where a version's token lengths under one tokenizer lie: uint32, one per row.

    Beside the published folder, which never changes, and named after it.
    """
    version = Path(folder)
    return version.parent / f"{version.name}-lengths-{tokenizer_hash[:16]}.bin"


def examined_path(folder: str | Path) -> Path:
    """Where the rows lie that only a closer look found: beside the published folder."""
    version = Path(folder)
    return version.parent / f"{version.name}-examined.json"


def read_numbers(path: Path) -> "array[int]":
    numbers = array("Q")
    content = path.read_bytes()
    if len(content) % 8:
        raise damaged(f"{path.name} is cut")
    numbers.frombytes(content)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def damaged(what: str) -> Refused:
    return Refused("datasets.damaged", f"The dataset is damaged: {what}.", "Import it again.")
