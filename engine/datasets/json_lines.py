"""JSON Lines in blocks of whole lines: fast where every cell is text, careful elsewhere."""

import io
import os
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from engine.datasets.findings import Findings
from engine.datasets.json_reader import read_line
from engine.datasets.row_writer import line_ends
from engine.datasets.source import CHUNK, LINE_LIMIT, Batch, Progress, Record, Source

DECODER = msgspec.json.Decoder(dict[str, str])


def read_line_blocks(source: Source, findings: Findings, progress: Progress) -> Iterator[Batch]:
    """Rows of a UTF-8 file, a block of about a megabyte at a time."""
    number, done = 1, 0
    with source.path.open("rb") as file:
        size = max(1, os.fstat(file.fileno()).st_size)
        while block := file.read(CHUNK):
            if not block.endswith(b"\n"):
                block += file.readline(LINE_LIMIT)
            too_long = len(block) > LINE_LIMIT and not block.endswith(b"\n")
            if too_long:
                block = block[: block.rfind(b"\n") + 1]
                _skip_line(file)
            batch, number = _plain(number, block) or _careful(number, block, findings)
            yield batch
            if too_long:
                findings.error(f"The line is longer than {LINE_LIMIT // CHUNK} MB", number)
                number += 1
            done += len(block)
            progress(done / size)


def _skip_line(file: BinaryIO) -> None:
    while (rest := file.readline(LINE_LIMIT)) and not rest.endswith(b"\n"):
        pass


def _plain(number: int, block: bytes) -> tuple[Batch, int] | None:
    """Every line at once, if each is an object of texts, and the number of the line behind."""
    try:
        rows = DECODER.decode_lines(block)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    end = number + len(line_ends(block)) + (not block.endswith(b"\n"))
    if len(rows) == end - number:
        return Batch(range(number, end), rows, plain=True), end
    filled = [number + at for at, line in enumerate(block.split(b"\n")) if line.strip()]
    return (Batch(filled, rows, plain=True), end) if len(rows) == len(filled) else None


def _careful(number: int, block: bytes, findings: Findings) -> tuple[Batch, int]:
    """Line by line, a carriage return ending a line too; and the number of the line behind."""
    text = io.TextIOWrapper(io.BytesIO(block), "utf-8", errors="surrogateescape")
    records: list[Record] = []
    for number, line in enumerate(text, number):  # noqa: B020 - goes on where the block ended
        if line.strip():
            records += read_line(number, line, findings)
    return Batch([each.line for each in records], [each.cells for each in records]), number + 1
