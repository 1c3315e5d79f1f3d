"""Writes the published form of a dataset; `row_file` tells what it is and reads it."""

import sys
from array import array
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import accumulate
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

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
AHEAD = 8  # blocks that wait to be written while others are read


class RowWriter:
    """Blocks of rows go to `rows.jsonl` in a thread; the small files follow at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines: array[int] = array("Q")
        self.origins: array[int] = array("Q")
        self._lengths: array[int] = array("Q")
        self._file = (folder / ROWS_FILE).open("wb", buffering=0)
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
        self.lines.extend(lines)
        self.origins.extend(origins)
        self._lengths.extend(map(len, encoded.splitlines(keepends=True)))
        self._written.append(self._thread.submit(self._write, encoded))
        if len(self._written) > AHEAD:
            self._written.pop(0).result()

    def _write(self, encoded: bytes) -> None:
        self._file.write(encoded)

    def finish(self, reading: RowReading, sides: bytes, found: dict[str, "array[int]"]) -> None:
        """Wait for the rows and write what belongs to them."""
        for written in self._written:
            written.result()
        index = array("Q", accumulate(self._lengths, initial=0))
        write_numbers(self.folder / INDEX_FILE, index)
        write_numbers(self.folder / LINES_FILE, self.lines)
        write_numbers(self.folder / ORIGINS_FILE, self.origins)
        (self.folder / SPLITS_FILE).write_bytes(sides)
        (self.folder / READING_FILE).write_bytes(msgspec.json.encode(reading))
        rows = {code: rows.tolist() for code, rows in found.items()}
        (self.folder / FOUND_FILE).write_bytes(msgspec.json.encode(rows))


def encode_rows(rows: Sequence[dict[str, str]]) -> bytes:
    """One line of JSON per row."""
    return ENCODER.encode_lines(rows)


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
