"""Rows whose texts are nearly those of earlier rows."""

import hashlib
import tempfile
from array import array
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Self

from msgspec import Struct

from engine.datasets.shingles import jaccard, shingles_of, words_of

THRESHOLD = 0.8  # of Lee et al. (2022, arXiv:2107.06499)
IN_MEMORY = 64 << 20  # bytes of text; what is beyond goes to a temporary file
REPORT_EVERY = 1000  # rows
KEPT_SHINGLES = 64  # texts whose shingles stay at hand


class NearDuplicate(Struct, frozen=True):
    """`similarity` is exact: the Jaccard similarity of both rows' word sequences."""

    row: int
    earlier: int
    similarity: float


def near_duplicates(
    texts: Iterable[tuple[int, str]],
    *,
    threshold: float = THRESHOLD,
    progress: Callable[[int], None] | None = None,
) -> list[NearDuplicate]:
    """Rows, by number, whose text resembles that of an earlier row, each with one such row.

    The texts are read once. `progress` is told how many have been read. A text that repeats an
    earlier one exactly is passed over.
    """
    with NearDuplicateSearch() as search:
        for count, (row, text) in enumerate(texts, 1):
            search.add(row, text)
            if progress is not None and count % REPORT_EVERY == 0:
                progress(count)
        return search.found(threshold=threshold)


class NearDuplicateSearch:
    """Told of every row in turn, then asked. Close it, or use it in `with`.

    Everything found is checked on the whole texts, up to 50,000 words of each. About one pair in
    a thousand at the threshold is missed, and more below the default one. Rows that resemble very
    many others are compared with the likeliest eight only.
    """

    def __init__(self) -> None:
        from engine.datasets.sketches import Sketches

        self._sketches = Sketches()
        self._rows = array("Q")
        self._ends = array("Q", [0])
        self._seen: set[bytes] = set()
        self._texts = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._texts.close()

    def add(self, row: int, text: str) -> None:
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        words = words_of(text)
        if digest in self._seen or not words:
            return
        self._seen.add(digest)
        self._sketches.add(shingles_of(words))
        self._rows.append(row)
        self._texts.seek(self._ends[-1])
        written = self._texts.write(" ".join(words).encode())
        self._ends.append(self._ends[-1] + written)

    def found(self, *, threshold: float = THRESHOLD) -> list[NearDuplicate]:
        """In the order of rows, each with the first of its likeliest matches that holds."""
        shingles = lru_cache(KEPT_SHINGLES)(self._shingles)
        near = []
        for later, candidates in self._sketches.candidates(threshold):
            for earlier in candidates:
                similarity = jaccard(shingles(later), shingles(earlier))
                if similarity >= threshold:
                    near.append(NearDuplicate(self._rows[later], self._rows[earlier], similarity))
                    break
        return near

    def _shingles(self, position: int) -> frozenset[str]:
        start, end = self._ends[position], self._ends[position + 1]
        self._texts.seek(start)
        return shingles_of(self._texts.read(end - start).decode().split(" "))
