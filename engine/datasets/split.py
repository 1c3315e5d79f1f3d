"""Which rows are held out: decided by each row's own content, so that it keeps its side."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from engine.protocol.problems import Refused
from engine.protocol.specs import SplitSpec

TRAIN, VALIDATION, TEST, OPEN = range(4)  # as in splits.bin; OPEN: to be decided
NAMES = ("train", "validation", "test")
CODES = {name: code for code, name in enumerate(NAMES)}
THRESHOLDS_FILE = "thresholds.json"
MOST_STRATA = 1_000
AROUND = 2**-53  # the smallest step between two fractions that are told apart


class Threshold(Struct, frozen=True):
    """A row of the stratum is held out below `validation`, and a test row from `test` on."""

    validation: float
    test: float = 1.0

    def side(self, fraction: float) -> int:
        if fraction < self.validation:
            return VALIDATION
        return TEST if fraction >= self.test else TRAIN


class Undecided(NamedTuple):
    """Rows without a given side: their places, fractions, and stratum ("" without strata)."""

    places: Sequence[int]
    fractions: Sequence[float]
    strata: Sequence[str] | None


def decide(
    sides: bytearray, rows: Undecided, spec: SplitSpec, known: Mapping[str, Threshold]
) -> dict[str, Threshold]:
    """Write a side for each undecided row into `sides`; returns the thresholds that did it.

    `known` thresholds stay as they are, so that rows which come later move no row. In a new
    stratum the threshold lies between two of its rows, so that the wanted share, or number, of
    rows that can be told apart is met as nearly as possible.
    """
    if rows.strata is None:
        threshold = known.get("") or _threshold(rows.fractions, spec, 1.0)
        for place, fraction in zip(rows.places, rows.fractions, strict=True):
            sides[place] = threshold.side(fraction)
        return {**known, "": threshold}
    strata: dict[str, list[int]] = defaultdict(list)
    for at, stratum in enumerate(rows.strata):
        strata[stratum].append(at)
    if len(strata) > MOST_STRATA:
        raise Refused(
            "datasets.too-many-strata",
            f"The column '{spec.stratify_by}' has {len(strata):,} values; {MOST_STRATA:,} are the"
            " limit.",
            "Stratify by a column with few values, such as a label.",
        )
    total = len(rows.places)
    thresholds = dict(known)
    for stratum, members in strata.items():
        fractions = [rows.fractions[at] for at in members]
        share = len(members) / total
        threshold = thresholds.setdefault(stratum, _threshold(fractions, spec, share))
        for at, fraction in zip(members, fractions, strict=True):
            sides[rows.places[at]] = threshold.side(fraction)
    return thresholds


def _threshold(fractions: Sequence[float], spec: SplitSpec, share: float) -> Threshold:
    """For a plain share the share itself; for a number, or a stratum, what meets it here."""
    exact = bool(spec.stratify_by)
    validation = _below(fractions, spec.validation, share, exact=exact)
    test = _below([1.0 - each for each in fractions], spec.test, share, exact=exact)
    if not exact:
        validation = _with_both_sides(fractions, validation)
    return Threshold(validation, 1.0 - test)


def _below(fractions: Sequence[float], wanted: float, share: float, *, exact: bool) -> float:
    if not wanted or not fractions:
        return 0.0
    if wanted < 1 and not exact:
        return wanted
    number = round(wanted * len(fractions)) if wanted < 1 else round(wanted * share)
    if not 0 < number < len(fractions):
        return 0.0 if number <= 0 else 1.0
    ordered = sorted(fractions)
    return (ordered[number - 1] + ordered[number]) / 2


def _with_both_sides(fractions: Sequence[float], threshold: float) -> float:
    """Moved just far enough that training and validation both have a row, where two differ."""
    low, high = min(fractions, default=0.0), max(fractions, default=0.0)
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
