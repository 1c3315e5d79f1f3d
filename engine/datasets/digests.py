"""What tells one example from another: stable numbers of 64 bits."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import repeat
from operator import xor
from typing import NamedTuple, Protocol

import numpy
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from engine.datasets.conversation import Turns

MARKED_BITS = 20
LOWEST = numpy.uint64((1 << MARKED_BITS) - 1)


class Digests(NamedTuple):
    """XXH3 of what is asked, everything before the last answer, and of the whole example.

    Rows with the same prompt are held out together: their answers would be known otherwise. Raw
    text is its own prompt. Among a million rows two different ones share a number once in 37
    million datasets.
    """

    prompt: int
    row: int


class Taught(Protocol):
    """An example, or the row that holds it."""

    @property
    def messages(self) -> Turns: ...
    @property
    def rejected(self) -> Turns: ...
    @property
    def desirable(self) -> bool | None: ...


def digests_of(taught: Taught) -> Digests:
    """Each turn is hashed with a seed made of its role and all that came before it."""
    turns = taught.messages
    before = digest = 0
    for role, content in turns:
        before, digest = digest, _next(digest, role, content)
    asked = before if len(turns) > 1 else digest
    for role, content in taught.rejected:
        digest = _next(digest, f"rejected {role}", content)
    if taught.desirable is not None:
        digest = _next(digest, "desirable", str(taught.desirable))
    return Digests(asked, digest)


def _next(before: int, role: str, content: str) -> int:
    return xxh3_64_intdigest(content.encode(), before ^ role_seed(role))


def plain_digests(prompts: Sequence[str], answers: Sequence[str]) -> tuple[list[int], list[int]]:
    """The prompts' and the rows' digests of many single questions and answers, quickly."""
    asked = _each(prompts, repeat(role_seed("user")))
    return asked, _each(answers, map(xor, asked, repeat(role_seed("assistant"))))


def text_digests(texts: Sequence[str]) -> list[int]:
    """The digests of many rows of raw text."""
    return _each(texts, repeat(role_seed("text")))


def _each(texts: Sequence[str], seeds: Iterable[int]) -> list[int]:
    return list(map(xxh3_64_intdigest, map(str.encode, texts), seeds))


def cell_digest(text: str) -> int:
    """Of one value, such as a group's."""
    return xxh3_64_intdigest(text.encode(), role_seed("cell"))


@lru_cache(maxsize=64)
def role_seed(role: str) -> int:
    return xxh3_64_intdigest(role.encode())


def held_out_fractions(digests: NDArray[numpy.uint64], seed: int) -> NDArray[numpy.float64]:
    """Numbers in [0, 1) that depend on the digests and the seed only.

    Digest times an odd number made of the seed, of which the upper bits count (multiplicative
    hashing; Knuth, The Art of Computer Programming, volume 3, 6.4).
    """
    factor = numpy.uint64(xxh3_64_intdigest(seed.to_bytes(8, "little")) | 1)
    return ((digests * factor) >> numpy.uint64(11)) / 2.0**53


def repeats(digests: NDArray[numpy.uint64]) -> tuple[NDArray[numpy.intp], NDArray[numpy.intp]]:
    """Places of numbers that were there before, in order, and where each one was first."""
    ordered = numpy.sort(digests)
    twice = numpy.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(twice):
        return numpy.array([], dtype=numpy.intp), numpy.array([], dtype=numpy.intp)
    marked = numpy.zeros(1 << MARKED_BITS, dtype=bool)  # quickly leaves most of them aside
    marked[twice & LOWEST] = True
    places = numpy.flatnonzero(marked[digests & LOWEST])
    nearest = numpy.minimum(numpy.searchsorted(twice, digests[places]), len(twice) - 1)
    again = twice[nearest] == digests[places]
    places, which = places[again], nearest[again]
    first = numpy.full(len(twice), len(digests), dtype=numpy.intp)
    numpy.minimum.at(first, which, places)
    again = places != first[which]
    return places[again], first[which[again]]
