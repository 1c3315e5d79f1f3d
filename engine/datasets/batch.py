"""Rows on their way from a reader to the disk."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from engine.datasets.plain_rows import PlainRows


class Batch(Struct, frozen=True, gc=False):
    """Rows of a source that were read together."""

    lines: Sequence[int]  # where each begins, from 1
    cells: Sequence[dict[str, Any]]
    plain: bool = False  # all cells are text
    split: str = ""  # that the source's name tells
    origins: Sequence[int] | None = None  # the records they are; None: counted on
    sides: bytes = b""  # of rows that have one already
    rows: PlainRows | None = None  # the same rows, read already; `cells` may be left out then

    @property
    def count(self) -> int:
        return len(self.lines)
