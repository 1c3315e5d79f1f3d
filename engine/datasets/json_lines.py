"""JSON Lines in blocks of whole lines: fast where every cell is text, careful elsewhere."""

import io
import os
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import cycle, islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from engine.datasets.batch import Batch
from engine.datasets.findings import Findings
from engine.datasets.json_reader import read_line
from engine.datasets.line_helper import SLOTS, Block, LineHelper
from engine.datasets.plain_rows import PlainReader, PlainRows
from engine.datasets.row_writer import line_count
from engine.datasets.source import CHUNK, LINE_LIMIT, Progress, Record, Source
from engine.datasets.text_lines import decoded_lines

WORTH_A_HELPER = 64 << 20  # bytes; a process takes a third of a second to start
HEAD_START = 32  # blocks that are read meanwhile
TURNS = 2  # one block of so many is read here


class Content(NamedTuple):
    """Whole lines; `too_long`: what follows them is a line that is not read."""

    lines: bytes
    too_long: bool = False


class Decoded(NamedTuple):
    """Rows of a block, the lines they are on counted from 0, and how many lines it has."""

    lines: range | list[int]
    height: int
    cells: Sequence[dict[str, str]]
    rows: PlainRows | None = None


def read_line_blocks(
    source: Source, findings: Findings, progress: Progress, plain: PlainReader | None
) -> Iterator[Batch]:
    """Rows of a UTF-8 file, a block of about a megabyte at a time.

    With `plain` rows are read as such at once, of a large file by two processes.
    """
    reader = LineReader(source.path, findings, plain)
    size = max(1, source.path.stat().st_size)
    alone = plain is None or size < WORTH_A_HELPER or (os.cpu_count() or 1) < 2
    with source.path.open("rb") as file:
        for batch in reader.alone(file) if alone else reader.with_helper(file):
            yield batch
            progress(file.tell() / size)


class LineReader:
    """Counts lines from block to block."""

    def __init__(self, path: Path, findings: Findings, plain: PlainReader | None) -> None:
        self._path, self._findings, self._plain = path, findings, plain
        self._number = 1

    def alone(self, file: BinaryIO) -> Iterator[Batch]:
        while (content := _next_content(file)) is not None:
            yield self._read(content)

    def with_helper(self, file: BinaryIO) -> Iterator[Batch]:
        """Alone while the helper starts; then it reads two blocks of three, some ahead."""
        assert self._plain is not None
        with closing(LineHelper(self._path, self._plain)) as helper:
            yield from islice(self.alone(file), HEAD_START)
            upcoming = self._upcoming(file, helper)
            ahead = deque(islice(upcoming, SLOTS))
            while ahead:
                content = ahead.popleft()
                yield self._taken(helper) if content is None else self._read(content)
                ahead.extend(islice(upcoming, 1))

    def _upcoming(self, file: BinaryIO, helper: LineHelper) -> Iterator[Content | None]:
        """The blocks to come; None for one that is left to the helper."""
        for turn in cycle(range(TURNS)):
            if turn and _give(file, helper):
                yield None
            elif (content := _next_content(file)) is not None:
                yield content
            else:
                helper.end()
                return

    def _taken(self, helper: LineHelper) -> Batch:
        """What the helper read, or else this process."""
        block, rows = helper.take()
        if rows is None:
            with self._path.open("rb") as file:
                file.seek(block.start)
                content = Content(file.read(block.size))
            return self._read(content)
        lines = range(self._number, self._number + rows.count)
        self._number = lines.stop
        return Batch(lines, (), plain=True, rows=rows)

    def _read(self, content: Content) -> Batch:
        return self._batch(content, self._decoded(content))

    def _decoded(self, content: Content) -> Decoded | None:
        if self._plain is not None:
            rows = self._plain.read_lines(content.lines)
            if rows is not None:
                return Decoded(range(rows.count), rows.count, (), rows)
        found = decoded_lines(0, content.lines)
        if found is None:
            return None
        lines, cells = found
        return Decoded(
            lines if isinstance(lines, range) else [*lines],
            line_count(content.lines),
            cells,
            self._plain.read(cells) if self._plain else None,
        )

    def _batch(self, content: Content, decoded: Decoded | None) -> Batch:
        first = self._number
        if decoded is None:
            batch = self._careful(content.lines)
        else:
            lines = decoded.lines
            moved = (
                range(first, first + len(lines))
                if isinstance(lines, range)
                else [first + line for line in lines]
            )
            batch = Batch(moved, decoded.cells, plain=True, rows=decoded.rows)
            self._number += decoded.height
        if content.too_long:
            megabytes = LINE_LIMIT // CHUNK
            self._findings.error(f"The line is longer than {megabytes} MB", self._number)
            self._number += 1
        return batch

    def _careful(self, content: bytes) -> Batch:
        """Line by line; a carriage return ends a line too."""
        text = io.TextIOWrapper(io.BytesIO(content), "utf-8", errors="surrogateescape")
        records: list[Record] = []
        for line in text:
            if line.strip():
                records += read_line(self._number, line, self._findings)
            self._number += 1
        return Batch([each.line for each in records], [each.cells for each in records])


def _next_content(file: BinaryIO) -> Content | None:
    """About a megabyte of whole lines; None at the end."""
    content = file.read(CHUNK)
    if not content:
        return None
    if not content.endswith(b"\n"):
        content += file.readline(LINE_LIMIT)
    if len(content) <= LINE_LIMIT or content.endswith(b"\n"):
        return Content(content)
    while (rest := file.readline(LINE_LIMIT)) and not rest.endswith(b"\n"):
        pass
    return Content(content[: content.rfind(b"\n") + 1], too_long=True)


def _give(file: BinaryIO, helper: LineHelper) -> bool:
    """Leave the next block to the helper; not at the end, or before a line that is too long."""
    start = file.tell()
    file.seek(start + CHUNK)
    if helper.lost or not file.readline(LINE_LIMIT).endswith(b"\n"):
        file.seek(start)
        return False
    helper.give(Block(start, file.tell() - start))
    return True
