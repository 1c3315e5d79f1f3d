"""The side of every row, collected while rows are read and settled when all are known."""

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy

from engine.datasets.digests import cell_digest, held_out_fractions
from engine.datasets.side_codes import NAMES, OPEN, TRAIN, VALIDATION
from engine.datasets.split import Threshold, decide
from engine.protocol.dataset_specs import SplitSpec


class Sides:
    """One code per row in `codes`; given sides stay, open ones are drawn by `settle`."""

    def __init__(self, spec: SplitSpec) -> None:
        self.codes = bytearray()
        self.drawn = False
        self._spec = spec
        self._keys: array[int] = array("Q")  # rows with the same key have the same side
        self._strata: list[str] | None = [] if spec.stratify_by else None

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def counts(self) -> Counter[str]:
        """Rows by the name of their side."""
        return Counter({name: self.codes.count(code) for code, name in enumerate(NAMES)})

    def note(self, asked: Sequence[int], rows: Sequence[Mapping[str, str]], given: bytes) -> None:
        """Further rows by their prompts' digests and cells, with the sides that are given."""
        group = self._spec.group_by
        if group:
            asked = [
                cell_digest(value) if (value := cells.get(group, "")) else digest
                for digest, cells in zip(asked, rows, strict=True)
            ]
        self._keys.extend(asked)
        if self._strata is not None:
            self._strata += [cells.get(self._spec.stratify_by, "") for cells in rows]
        self.codes += given

    def settle(self, known: Mapping[str, Threshold]) -> dict[str, Threshold]:
        """Draw a side for the open rows, by `known` thresholds where there are some.

        Where all sides are given and nothing is there to learn, or nothing to watch the training
        with, the rows of the other side are drawn anew; test rows stay what they are.
        """
        codes = self.codes
        if OPEN not in codes and len(codes) > 1 and (TRAIN in codes) != (VALIDATION in codes):
            for code in (TRAIN, VALIDATION):
                self.codes[:] = self.codes.replace(bytes([code]), bytes([OPEN]))
        side_codes = numpy.frombuffer(codes, dtype=numpy.uint8)
        places = numpy.flatnonzero(side_codes == OPEN)
        if not len(places):
            return dict(known)
        self.drawn = True
        keys = numpy.frombuffer(self._keys, dtype=numpy.uint64)[places]
        strata = [self._strata[at] for at in places] if self._strata is not None else None
        drawn, thresholds = decide(
            held_out_fractions(keys, self._spec.seed), strata, self._spec, known
        )
        side_codes[places] = drawn
        return thresholds
