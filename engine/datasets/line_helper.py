"""A second process that reads blocks of a large file of JSON Lines, so that two cores are used.

It is `python -m engine.datasets.line_helper`: one frame in, one frame out, until its input ends;
encoded rows go through memory that both share. It ends with the process that started it, which
goes on alone when it is lost.
"""

import contextlib
import mmap
import os
import struct
import subprocess
import sys
import tempfile
from collections import deque
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from engine.datasets.plain_rows import PlainReader, PlainRows
from engine.datasets.source import CHUNK

LENGTH = struct.Struct("<Q")
SLOTS = 8  # blocks that may wait
SLOT_SIZE = 2 * CHUNK  # bytes; a block that needs more is read by the other process


class Job(Struct, frozen=True):
    """Sent first: what is read, and how; `shared` is the file of the shared memory."""

    path: str
    plain: PlainReader
    shared: str


class Block(NamedTuple):
    """Whole lines of the file."""

    start: int
    size: int


class Answer(Struct, frozen=True):
    """None: a line is unusual, so the block is left to the careful reader.

    Of the rows all but `encoded` is here; that lies in the shared memory.
    """

    rows: PlainRows | None = None
    size: int = 0  # of `encoded`


class LineHelper:
    """At most SLOTS blocks are given at a time, and come back in the same order."""

    def __init__(self, path: Path, plain: PlainReader) -> None:
        self.waiting: deque[Block] = deque()
        handle, self._shared = tempfile.mkstemp(suffix=".rows")
        with open(handle, "r+b") as file:
            file.truncate(SLOTS * SLOT_SIZE)
            self._memory = mmap.mmap(file.fileno(), SLOTS * SLOT_SIZE)
        self._taken = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "engine.datasets.line_helper"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # starting others takes time
        )  # fmt: skip
        self.lost = not self._send(Job(str(path), plain, self._shared))

    def give(self, block: Block) -> None:
        assert len(self.waiting) < SLOTS
        self.waiting.append(block)
        self.lost = not self._send(block) or self.lost

    def take(self) -> tuple[Block, PlainRows | None]:
        """The block given first that is not back yet, and its rows, one of each line.

        Without rows when a line is unusual or the process is lost.
        """
        assert self._process.stdout is not None
        block = self.waiting.popleft()
        frame = None if self.lost else _read_frame(self._process.stdout)
        if frame is None:
            self.lost = True
            return block, None
        answer = msgspec.msgpack.decode(frame, type=Answer)
        at = _place(self._taken)
        self._taken += 1
        if answer.rows is None:
            return block, None
        return block, replace(answer.rows, encoded=self._memory[at : at + answer.size])

    def end(self) -> None:
        """No further block is given; those that were can still be taken."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def close(self) -> None:
        assert self._process.stdout is not None
        self.end()
        self._process.stdout.close()
        self._process.wait()
        self._memory.close()
        os.unlink(self._shared)

    def _send(self, message: object) -> bool:
        assert self._process.stdin is not None
        try:
            _write_frame(self._process.stdin, msgspec.msgpack.encode(message))
        except OSError:
            return False
        return True


def _place(count: int) -> int:
    """Where the rows of a block lie, by how many came before it."""
    return count % SLOTS * SLOT_SIZE


def serve(source: IO[bytes], target: IO[bytes]) -> None:
    first = _read_frame(source)
    if first is None:
        return
    job = msgspec.msgpack.decode(first, type=Job)
    with (
        Path(job.path).open("rb", buffering=0) as file,
        Path(job.shared).open("r+b") as shared,
        mmap.mmap(shared.fileno(), SLOTS * SLOT_SIZE) as memory,
    ):
        for count, frame in enumerate(iter(partial(_read_frame, source), None)):
            block = Block(*msgspec.msgpack.decode(frame, type=tuple[int, int]))
            file.seek(block.start)
            answer = _read_block(file.read(block.size), job.plain)
            if answer.rows is not None:
                at = _place(count)
                memory[at : at + answer.size] = answer.rows.encoded
                answer = replace(answer, rows=replace(answer.rows, encoded=b""))
            _write_frame(target, msgspec.msgpack.encode(answer))


def _read_block(content: bytes, plain: PlainReader) -> Answer:
    rows = plain.read_lines(content)
    if rows is None or len(rows.encoded) > SLOT_SIZE:
        return Answer()
    return Answer(rows, len(rows.encoded))


def _read_frame(file: IO[bytes]) -> bytes | None:
    head = file.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    frame = file.read(length)
    return frame if len(frame) == length else None


def _write_frame(file: IO[bytes], frame: bytes) -> None:
    file.write(LENGTH.pack(len(frame)))
    file.write(frame)
    file.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
