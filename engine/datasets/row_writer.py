"""Writes the published form of a dataset; `row_file` tells what it is and reads it."""

import hashlib
import os
import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import numpy
from msgspec import Struct
from numpy.typing import NDArray

from engine.datasets.row_file import (
    FOUND_FILE,
    INDEX_FILE,
    LINES_FILE,
    ORIGINS_FILE,
    READING_FILE,
    ROWS_FILE,
    SPLITS_FILE,
    RowReading,
)
from engine.store.hashing import sha256_file, sha256_parts
from engine.store.publish import read_manifest

ENCODER = msgspec.json.Encoder()
HASHED = (ROWS_FILE, SPLITS_FILE, READING_FILE)
LINE_FEED = 10
SYNC_EVERY = 16 << 20  # bytes
AHEAD = 32  # blocks that wait to be written while others are read


class RowWriter:
    """Blocks of rows go to `rows.jsonl` in a thread; the small files follow at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines: array[int] = array("Q")
        self.origins: array[int] = array("Q")
        self._size = 0
        self._index: array[int] = array("Q", [0])
        self._file = (folder / ROWS_FILE).open("wb", buffering=0)
        self._hash = hashlib.sha256()
        self._unsynced = 0
        self._thread = ThreadPoolExecutor(1, "row-writer")
        self._written: list[Future[None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=True, cancel_futures=kind is not None)
        self._file.close()

    def __len__(self) -> int:
        return len(self.lines)

    def add(self, encoded: bytes, lines: Iterable[int], origins: Iterable[int]) -> None:
        """Write rows from `encode_rows`, with the lines and the records they come from.

        Raises what an earlier write raised, such as OSError for a full disk.
        """
        _extend(self.lines, lines)
        _extend(self.origins, origins)
        ends = line_ends(encoded).astype(numpy.uint64) + numpy.uint64(self._size + 1)
        self._index.frombytes(ends.tobytes())
        self._size += len(encoded)
        self._written.append(self._thread.submit(self._write, encoded))
        if len(self._written) > AHEAD:
            self._written.pop(0).result()

    def _write(self, encoded: bytes) -> None:
        """While further rows are read: write, hash, and see to it that the disk keeps up."""
        self._file.write(encoded)
        self._hash.update(encoded)
        self._unsynced += len(encoded)
        if self._unsynced > SYNC_EVERY:
            self._unsynced = 0
            os.fsync(self._file.fileno())

    def finish(
        self, reading: RowReading, sides: bytes, found: dict[str, "array[int]"]
    ) -> dict[str, str]:
        """Wait for the rows and write what belongs to them; the hashes that are known by then."""
        for written in self._written:
            written.result()
        write_numbers(self.folder / INDEX_FILE, self._index)
        write_numbers(self.folder / LINES_FILE, self.lines)
        write_numbers(self.folder / ORIGINS_FILE, self.origins)
        (self.folder / SPLITS_FILE).write_bytes(sides)
        (self.folder / READING_FILE).write_bytes(msgspec.json.encode(reading))
        rows = {code: rows.tolist() for code, rows in found.items()}
        (self.folder / FOUND_FILE).write_bytes(msgspec.json.encode(rows))
        return {ROWS_FILE: self._hash.hexdigest()}


def encode_rows(rows: Sequence[Mapping[str, str] | Struct]) -> bytes:
    """One line of JSON per row."""
    return ENCODER.encode_lines(rows)


def line_ends(content: bytes) -> NDArray[numpy.intp]:
    """Where the line feeds are."""
    return numpy.flatnonzero(numpy.frombuffer(content, dtype=numpy.uint8) == LINE_FEED)


def line_count(content: bytes) -> int:
    feeds = numpy.count_nonzero(numpy.frombuffer(content, dtype=numpy.uint8) == LINE_FEED)
    return int(feeds) + (bool(content) and not content.endswith(b"\n"))


def _extend(numbers: "array[int]", more: Iterable[int]) -> None:
    if isinstance(more, range):
        numbers.frombytes(numpy.arange(more.start, more.stop, dtype=numpy.uint64).tobytes())
    else:
        numbers.extend(more)


def write_numbers(path: Path, numbers: "array[int]") -> None:
    """Little-endian on every machine."""
    if sys.byteorder == "big":
        numbers = array(numbers.typecode, numbers)
        numbers.byteswap()
    path.write_bytes(numbers.tobytes())


def content_hash(folder: Path) -> str:
    """sha256 of all that decides what is learned: the rows, their sides, and how they are read.

    Lines and origins tell where rows came from and do not count.
    """
    hashes = [sha256_file(folder / name) for name in HASHED if (folder / name).is_file()]
    return sha256_parts(bytes.fromhex(each) for each in hashes)


def recorded_hash(folder: Path) -> str:
    """The same from what was recorded when the folder was published; nothing is read again."""
    recorded = {file.name: file.sha256 for file in read_manifest(folder)}
    return sha256_parts(bytes.fromhex(recorded[name]) for name in HASHED)
