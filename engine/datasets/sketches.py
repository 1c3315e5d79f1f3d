"""Finds probably similar sets among many without comparing all pairs; loads numpy and rensa.

MinHash (Broder, 1997): the share of equal slots in two sketches estimates the Jaccard similarity
of their sets. Locality-sensitive hashing (Indyk and Motwani, 1998): only sets whose sketches agree
in all slots of one band are compared. With 20 bands of 6 slots, as here, a pair at 0.8 meets with
a probability of 1 - (1 - 0.8^6)^20 = 99.8 %, at 0.5 with 27 % and at 0.3 with 1.4 %.
"""

from collections.abc import Collection, Iterator
from itertools import groupby
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

BANDS = 20
BAND_SLOTS = 6
SLOTS = BANDS * BAND_SLOTS
SEED = 1
BATCH = 100_000  # shingles hashed at a time
NEIGHBOURS = 2  # nearest earlier sets in a bucket that are compared, beside its first
MOST_CANDIDATES = 8  # of one set; bounds the work when all are alike
MARGIN = 0.1  # an estimate is this far below the truth at most once in a thousand times
COMPARED = 1 << 15  # pairs at a time

Slots = NDArray[np.uint16]  # the low bits of a slot do (Li and König, 2010, arXiv:0910.3349)
Positions = NDArray[np.int64]


class Sketches:
    """Keeps 240 bytes for each set that is added; sets are numbered from 0 in that order."""

    def __init__(self) -> None:
        self._waiting: list[list[str]] = []
        self._waiting_shingles = 0
        self._done: list[Slots] = []

    def add(self, shingles: Collection[str]) -> None:
        self._waiting.append(list(shingles))
        self._waiting_shingles += len(shingles)
        if self._waiting_shingles >= BATCH:
            self._sketch()

    def candidates(self, threshold: float) -> Iterator[tuple[int, list[int]]]:
        """Sets with earlier ones that may be similar to at least the threshold, likeliest first."""
        self._sketch()
        if not self._done:
            return
        slots = np.concatenate(self._done)
        self._done = [slots]
        later, earlier = _likely_pairs(slots, threshold)
        pairs = zip(later.tolist(), earlier.tolist(), strict=True)
        for number, group in groupby(pairs, key=itemgetter(0)):
            yield number, [other for _, other in group]

    def _sketch(self) -> None:
        if self._waiting:
            rows = RMinHash.digest_matrix_from_token_sets(self._waiting, SLOTS, SEED).to_rows()
            self._done.append(np.array(rows, np.uint32).astype(np.uint16))
        self._waiting, self._waiting_shingles = [], 0


def _likely_pairs(slots: Slots, threshold: float) -> tuple[Positions, Positions]:
    """The best pairs of all bands, at most 8 for each later set, in the order of later sets."""
    later = earlier = np.empty(0, np.int64)
    equal = np.empty(0, np.uint8)
    for band in range(BANDS):
        pairs = _pairs_of_band(slots[:, band * BAND_SLOTS : (band + 1) * BAND_SLOTS])
        alike = _equal_slots(slots, *pairs)
        kept = alike >= (threshold - MARGIN) * SLOTS
        later = np.concatenate((later, pairs[0][kept]))
        earlier = np.concatenate((earlier, pairs[1][kept]))
        equal = np.concatenate((equal, alike[kept]))
        best = _best(later, earlier, equal)
        later, earlier, equal = later[best], earlier[best], equal[best]
    return later, earlier


def _pairs_of_band(keys: Slots) -> tuple[Positions, Positions]:
    """Each set with the first and the nearest earlier ones of its bucket: later, earlier."""
    order = np.lexsort(keys.T)  # stable, so that a bucket keeps the order of its sets
    ordered = keys[order]
    opens = np.ones(len(order), np.bool_)
    opens[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    places = np.arange(len(order))
    first = np.maximum.accumulate(np.where(opens, places, 0))
    reached = [(places, first)]
    reached += [(places, places - distance) for distance in range(1, NEIGHBOURS + 1)]
    later, earlier = (np.concatenate(sides) for sides in zip(*reached, strict=True))
    real = (earlier >= first[later]) & (earlier != later)
    return order[later[real]], order[earlier[real]]


def _equal_slots(slots: Slots, later: Positions, earlier: Positions) -> NDArray[np.uint8]:
    equal = np.empty(len(later), np.uint8)
    for start in range(0, len(later), COMPARED):
        part = slice(start, start + COMPARED)
        equal[part] = (slots[later[part]] == slots[earlier[part]]).sum(axis=1)
    return equal


def _best(later: Positions, earlier: Positions, equal: NDArray[np.uint8]) -> Positions:
    """Where each pair lies once, by later set and then by likeness, at most 8 for each set."""
    order = np.lexsort((earlier, -equal.astype(np.int16), later))
    later, earlier = later[order], earlier[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (later[1:] != later[:-1]) | (earlier[1:] != earlier[:-1])
    order, later = order[new], later[new]
    rank = np.arange(len(order)) - np.searchsorted(later, later)
    return order[rank < MOST_CANDIDATES]
