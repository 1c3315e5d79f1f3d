"""A second process that reads blocks of a large file of JSON Lines, so that two cores are used.

It is `python -m engine.datasets.line_helper`: one frame in, one frame out, until its input ends.
It ends with the process that started it, which goes on alone when it is lost.
"""

import contextlib
import struct
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import IO, NamedTuple

import msgspec
from msgspec import Struct

from engine.datasets.plain_rows import PlainReader, PlainRows
from engine.datasets.row_writer import line_count

if sys.platform == "linux":
    import fcntl

PIPE_SIZE = 1 << 20  # bytes; the most that anybody may ask for
LENGTH = struct.Struct("<Q")


class Job(Struct, frozen=True):
    """Sent first: what is read, and how."""

    path: str
    plain: PlainReader


class Block(NamedTuple):
    """Whole lines of the file."""

    start: int
    size: int


class Answer(Struct, frozen=True):
    """None: a line is unusual, so the block is left to the careful reader."""

    rows: PlainRows | None = None
    lines: int = 0  # all of them hold a row


class LineHelper:
    """Blocks are given and come back in the same order."""

    def __init__(self, path: Path, plain: PlainReader) -> None:
        self.waiting: deque[Block] = deque()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "engine.datasets.line_helper"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        _widen(self._process.stdout)
        self.lost = not self._send(Job(str(path), plain))

    def give(self, block: Block) -> None:
        self.waiting.append(block)
        _widen(self._process.stdout)
        self.lost = not self._send(block) or self.lost

    def take(self) -> tuple[Block, Answer]:
        """The block given first that is not back yet; without rows when the process is lost."""
        assert self._process.stdout is not None
        block = self.waiting.popleft()
        frame = None if self.lost else _read_frame(self._process.stdout)
        if frame is None:
            self.lost = True
            return block, Answer()
        return block, msgspec.msgpack.decode(frame, type=Answer)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._process.communicate()

    def _send(self, message: object) -> bool:
        assert self._process.stdin is not None
        try:
            _write_frame(self._process.stdin, msgspec.msgpack.encode(message))
        except OSError:
            return False
        return True


def _widen(pipe: IO[bytes] | None) -> None:
    """Room for a whole answer, so that the helper goes on before it is taken; Linux alone can."""
    if sys.platform == "linux" and pipe is not None:
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_SIZE)


def serve(source: IO[bytes], target: IO[bytes]) -> None:
    first = _read_frame(source)
    if first is None:
        return
    job = msgspec.msgpack.decode(first, type=Job)
    with Path(job.path).open("rb") as file:
        while (frame := _read_frame(source)) is not None:
            block = Block(*msgspec.msgpack.decode(frame, type=tuple[int, int]))
            file.seek(block.start)
            answer = _read_block(file.read(block.size), job.plain)
            _write_frame(target, msgspec.msgpack.encode(answer))


def _read_block(content: bytes, plain: PlainReader) -> Answer:
    rows = plain.read_lines(content)
    return Answer(rows, line_count(content)) if rows is not None else Answer()


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
