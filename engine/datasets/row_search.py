"""Finds the rows of a published dataset that hold a text."""

import mmap
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

import msgspec

BLOCK = 4096  # rows searched at a time


class RowBytes(NamedTuple):
    """All lines, and where each begins; last, their size."""

    content: mmap.mmap | bytes
    offsets: "array[int]"


class Rows(Protocol):
    def texts(self, position: int) -> Iterable[str]: ...


def search(rows: Rows, lines: RowBytes, query: str) -> Iterator[int]:
    """Places of rows with `query` in a text, in any case: found in the bytes, then looked at."""
    wanted = query.casefold()
    once = _escaped(query)
    twice = _escaped(once)  # in a cell that holds JSON
    places: Iterable[int] = _candidates(lines, once)
    if twice != once:
        places = sorted({*places, *_candidates(lines, twice)})
    for position in places:
        if any(wanted in text.casefold() for text in rows.texts(position)):
            yield position


def _escaped(text: str) -> str:
    return msgspec.json.encode(text).decode()[1:-1]


def _candidates(lines: RowBytes, text: str) -> Iterator[int]:
    """Places of rows whose bytes hold the text in some case, in blocks of whole rows."""
    ascii_text = text.lower().encode() if text.isascii() else b""
    pattern = re.compile(_either_case(text))
    offsets = lines.offsets
    rows = len(offsets) - 1
    for first in range(0, rows, BLOCK):
        last = min(first + BLOCK, rows)
        base = offsets[first]
        block = lines.content[base : offsets[last]]
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
            position = bisect_right(offsets, base + start, first, last) - 1
            yield position
            at = offsets[position + 1] - base


def _either_case(text: str) -> bytes:
    """A pattern of bytes for the text in any mixture of cases, beyond ASCII too."""
    parts = []
    for char in text:
        forms = dict.fromkeys((char, char.lower(), char.upper()))
        parts.append(b"(?:" + b"|".join(re.escape(form.encode()) for form in forms) + b")")
    return b"".join(parts)
