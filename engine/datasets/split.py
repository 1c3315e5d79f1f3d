"""Which rows are held out: decided by each row's own content, so that it keeps its side."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy
from msgspec import Struct
from numpy.typing import NDArray

from engine.datasets.side_codes import TEST, TRAIN, VALIDATION
from engine.protocol.dataset_specs import SplitSpec
from engine.protocol.problems import Refused

Fractions = NDArray[numpy.float64]
THRESHOLDS_FILE = "thresholds.json"
MOST_STRATA = 1_000
AROUND = 2**-53  # the smallest step between two fractions that are told apart


class Threshold(Struct, frozen=True):
    """A row of the stratum is held out below `validation`, and a test row from `test` on."""

    validation: float
    test: float = 1.0

    def sides(self, fractions: Fractions) -> "NDArray[numpy.uint8]":
        held_out = numpy.where(fractions >= self.test, TEST, TRAIN)
        return numpy.where(fractions < self.validation, VALIDATION, held_out).astype(numpy.uint8)


def decide(
    fractions: Fractions,
    strata: Sequence[str] | None,
    spec: SplitSpec,
    known: Mapping[str, Threshold],
) -> tuple["NDArray[numpy.uint8]", dict[str, Threshold]]:
    """A side for each row, by its fraction in its stratum, and the thresholds that decided.

    `known` thresholds stay as they are, so that rows which come later move no row. In a new
    stratum the threshold lies between two of its rows, so that the wanted share, or number, of
    rows that can be told apart is met as nearly as possible. Raises Refused for too many strata.
    """
    if strata is None:
        threshold = known.get("") or _threshold(fractions, spec, 1.0)
        return threshold.sides(fractions), {**known, "": threshold}
    names, which = numpy.unique(numpy.array(strata, dtype=object), return_inverse=True)
    if len(names) > MOST_STRATA:
        raise Refused(
            "datasets.too-many-strata",
            f"The column '{spec.stratify_by}' has {len(names):,} values; {MOST_STRATA:,} are the"
            " limit.",
            "Stratify by a column with few values, such as a label.",
        )
    thresholds = dict(known)
    sides = numpy.zeros(len(fractions), dtype=numpy.uint8)
    for at, name in enumerate(names):
        members = which == at
        inside = fractions[members]
        if name not in thresholds:
            thresholds[name] = _threshold(inside, spec, len(inside) / len(fractions))
        sides[members] = thresholds[name].sides(inside)
    return sides, thresholds


def _threshold(fractions: Fractions, spec: SplitSpec, share: float) -> Threshold:
    """For a plain share the share itself; for a number, or a stratum, what meets it here.

    `share`: how much of all rows the stratum is.
    """
    exact = bool(spec.stratify_by)
    validation = _below(fractions, spec.validation, share, exact=exact)
    test = _below(1.0 - fractions, spec.test, share, exact=exact)
    if not exact:
        validation = _with_both_sides(fractions, validation)
    return Threshold(validation, 1.0 - test)


def _below(fractions: Fractions, wanted: float, share: float, *, exact: bool) -> float:
    if not wanted or not len(fractions):
        return 0.0
    if wanted < 1 and not exact:
        return wanted
    number = round(wanted * len(fractions)) if wanted < 1 else round(wanted * share)
    if not 0 < number < len(fractions):
        return 0.0 if number <= 0 else 1.0
    ordered = numpy.sort(fractions)
    return float((ordered[number - 1] + ordered[number]) / 2)


def _with_both_sides(fractions: Fractions, threshold: float) -> float:
    """Moved just far enough that training and validation both have a row, where two differ."""
    low, high = float(fractions.min()), float(fractions.max())
    if low == high:
        return threshold
    if threshold <= low:
        return low + AROUND
    return min(threshold, high)


def words(spec: SplitSpec, *, given: str) -> str:
    """As in "random, seed 42, by team"."""
    if given:
        return given
    parts = [f"random, seed {spec.seed}"]
    if spec.stratify_by:
        parts.append(f"stratified by {spec.stratify_by}")
    if spec.group_by:
        parts.append(f"grouped by {spec.group_by}")
    return ", ".join(parts)


def read_thresholds(folder: Path) -> dict[str, Threshold]:
    """What decided the sides of a published dataset."""
    path = folder / THRESHOLDS_FILE
    if not path.is_file():
        return {}
    return msgspec.json.decode(path.read_bytes(), type=dict[str, Threshold])


def write_thresholds(folder: Path, thresholds: Mapping[str, Threshold]) -> None:
    (folder / THRESHOLDS_FILE).write_bytes(msgspec.json.encode(thresholds))
