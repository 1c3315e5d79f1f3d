"""The published form of a dataset: `rows.jsonl` with an index, quick at a million rows.

`rows.jsonl` holds one Row per line. Its `line` is 0 there: the lines of the source file are kept in
`lines.bin`, so that the same rows are the same bytes (and the same sha256) whichever file they
came from. `index.bin` holds where each line begins and, last, the size; both are little-endian
unsigned 64-bit integers.
"""

import mmap
import re
import sys
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Self

import msgspec

from engine.protocol.problems import Refused
from engine.protocol.records import Row

ROWS_FILE = "rows.jsonl"
INDEX_FILE = "index.bin"
LINES_FILE = "lines.bin"
BUFFER = 1 << 20
BLOCK = 4096  # rows searched at a time


def write_rows(folder: Path, rows: Iterable[Row]) -> int:
    """Write the three files into `folder`; returns the number of rows."""
    encoder = msgspec.json.Encoder()
    offsets, lines = array("Q", [0]), array("Q")
    at = 0
    with (folder / ROWS_FILE).open("wb", buffering=BUFFER) as file:
        for row in rows:
            line = encoder.encode(msgspec.structs.replace(row, line=0)) + b"\n"
            file.write(line)
            at += len(line)
            offsets.append(at)
            lines.append(row.line)
    _write_numbers(folder / INDEX_FILE, offsets)
    _write_numbers(folder / LINES_FILE, lines)
    return len(lines)


def read_rows(folder: str | Path) -> Iterator[Row]:
    """The rows of a published dataset folder, in order.

    Raises Refused naming the row when `rows.jsonl` is missing or not ours.
    """
    path = Path(folder)
    decoder = msgspec.json.Decoder(Row)
    lines = _read_numbers(path / LINES_FILE) if (path / LINES_FILE).exists() else None
    try:
        with (path / ROWS_FILE).open("rb", buffering=BUFFER) as file:
            for at, line in enumerate(file):
                yield _decoded(decoder, line, at, lines)
    except FileNotFoundError as error:
        raise _damaged(f"{ROWS_FILE} is missing") from error


class RowFile:
    """Random access to the rows of a published dataset folder. Close it, or use it in `with`."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._decoder = msgspec.json.Decoder(Row)
        self._hits: tuple[str, array[int]] | None = None  # of the newest query
        try:
            self._offsets = _read_numbers(self.folder / INDEX_FILE)
            self._lines = _read_numbers(self.folder / LINES_FILE)
            with (self.folder / ROWS_FILE).open("rb") as file:
                size = file.seek(0, 2)
                self._bytes: mmap.mmap | bytes = (
                    mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
                )
        except OSError as error:
            raise _damaged(f"{Path(str(error.filename)).name} is missing") from error
        if len(self._offsets) != len(self._lines) + 1 or self._offsets[-1] != size:
            self.close()
            raise _damaged("its index does not belong to its rows")

    def __len__(self) -> int:
        return len(self._lines)

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
        return self._at(number - 1)

    def page(self, offset: int, limit: int, query: str = "") -> tuple[tuple[Row, ...], int]:
        """Up to `limit` rows from `offset` among those whose text holds `query`, and their total.

        Upper and lower case are the same. A new query reads the whole file once; further pages of
        the same query do not.
        """
        offset, limit = max(0, offset), max(0, limit)
        if not query:
            last = min(offset + limit, len(self))
            return tuple(self._at(at) for at in range(offset, last)), len(self)
        if self._hits is None or self._hits[0] != query:
            self._hits = query, array("Q", self._search(query))
        hits = self._hits[1]
        return tuple(self._at(at) for at in hits[offset : offset + limit]), len(hits)

    def _at(self, at: int) -> Row:
        line = self._bytes[self._offsets[at] : self._offsets[at + 1]]
        return _decoded(self._decoder, line, at, self._lines)

    def _search(self, query: str) -> Iterator[int]:
        """Positions of matching rows: candidates by a scan of the bytes, then each one checked."""
        wanted = query.casefold()
        for position in self._candidates(msgspec.json.encode(query).decode()[1:-1]):
            if any(wanted in text.casefold() for text in _texts(self._at(position))):
                yield position

    def _candidates(self, text: str) -> Iterator[int]:
        """Positions of rows whose bytes hold the text in some case, in blocks of whole rows."""
        ascii_text = text.lower().encode() if text.isascii() else b""
        pattern = re.compile(_either_case(text))
        for first in range(0, len(self), BLOCK):
            last = min(first + BLOCK, len(self))
            base = self._offsets[first]
            block = self._bytes[base : self._offsets[last]]
            if ascii_text:
                block = block.lower()
            at = 0
            while at < len(block):
                if ascii_text:
                    start = block.find(ascii_text, at)
                else:
                    found = pattern.search(block, at)
                    start = found.start() if found else -1
                if start < 0:
                    break
                position = bisect_right(self._offsets, base + start, first, last) - 1
                yield position
                at = self._offsets[position + 1] - base


def lengths_path(folder: str | Path, tokenizer_hash: str) -> Path:
    """Where a version's token lengths under one tokenizer lie: uint32, one per row.

    Beside the published folder, which never changes, and named after it.
    """
    version = Path(folder)
    return version.parent / f"{version.name}-lengths-{tokenizer_hash[:16]}.bin"


def _texts(row: Row) -> Iterator[str]:
    yield from (content for _, content in row.messages)
    yield from row.cells.values()


def _either_case(text: str) -> bytes:
    """A pattern of bytes for the text in any mixture of cases, beyond ASCII too."""
    parts = []
    for char in text:
        forms = dict.fromkeys((char, char.lower(), char.upper()))
        parts.append(b"(?:" + b"|".join(re.escape(form.encode()) for form in forms) + b")")
    return b"".join(parts)


def rewrite_splits(folder: Path, side: Callable[[Row], str]) -> None:
    """Give every row of an unpublished folder the split that `side` says."""
    old = folder / f"{ROWS_FILE}.old"
    (folder / ROWS_FILE).rename(old)
    decoder = msgspec.json.Decoder(Row)
    lines = _read_numbers(folder / LINES_FILE)
    with old.open("rb") as file:
        rows = (_decoded(decoder, line, at, lines) for at, line in enumerate(file))
        write_rows(folder, (msgspec.structs.replace(row, split=side(row)) for row in rows))
    old.unlink()


def _decoded(
    decoder: "msgspec.json.Decoder[Row]", line: bytes, at: int, lines: "array[int] | None"
) -> Row:
    try:
        row = decoder.decode(line)
    except msgspec.MsgspecError as error:
        raise _damaged(f"line {at + 1} of {ROWS_FILE} cannot be read") from error
    if lines is None or at >= len(lines):
        return row
    return msgspec.structs.replace(row, line=lines[at])


def _write_numbers(path: Path, numbers: "array[int]") -> None:
    if sys.byteorder == "big":
        numbers.byteswap()
    path.write_bytes(numbers.tobytes())


def _read_numbers(path: Path) -> "array[int]":
    numbers = array("Q")
    content = path.read_bytes()
    if len(content) % 8:
        raise _damaged(f"{path.name} is cut")
    numbers.frombytes(content)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _damaged(what: str) -> Refused:
    return Refused("datasets.damaged", f"The dataset is damaged: {what}.", "Import it again.")
