"""The side of every row, collected while rows are read and settled when all are known."""

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence

from engine.datasets.digests import cell_digest, held_out_fractions
from engine.datasets.split import (
    NAMES,
    OPEN,
    TRAIN,
    VALIDATION,
    Threshold,
    Undecided,
    decide,
)
from engine.protocol.specs import SplitSpec


class Sides:
    """One code per row in `codes`; given sides stay, open ones are drawn by `settle`."""

    def __init__(self, spec: SplitSpec) -> None:
        self.codes = bytearray()
        self.drawn = False
        self._spec = spec
        self._fractions: array[float] = array("d")
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
        self._fractions.extend(held_out_fractions(asked, self._spec.seed))
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
        places = array("I", (at for at, code in enumerate(codes) if code == OPEN))
        if not places:
            return dict(known)
        self.drawn = True
        strata = [self._strata[at] for at in places] if self._strata is not None else None
        fractions = [self._fractions[at] for at in places]
        return decide(codes, Undecided(places, fractions, strata), self._spec, known)
