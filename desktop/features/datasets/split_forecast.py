"""How many rows a split will give to each side, said before it is made."""

from msgspec import Struct

from desktop.core import formatting
from engine.protocol.dataset_specs import SplitSpec
from engine.protocol.records import Dataset

GIVEN_BY_FILES = "given by the files"


class Sides(Struct, frozen=True):
    """Rows of each side."""

    train: int
    validation: int
    test: int

    @property
    def words(self) -> str:
        """ "192 train, 24 validation, 24 test rows"; without a test side that is not said."""
        count = formatting.count
        test = f", {count(self.test)} test" if self.test else ""
        return f"{count(self.train)} train, {count(self.validation)} validation{test} rows"


def sides_of(dataset: Dataset) -> Sides:
    return Sides(dataset.train_rows, dataset.validation_rows, dataset.test_rows)


def expected(spec: SplitSpec, rows: int) -> Sides:
    """As the engine decides it: rows draw lots, so a share is met only nearly."""
    validation, test = (held_out(wanted, rows) for wanted in (spec.validation, spec.test))
    validation = min(max(validation, 1), rows)
    test = min(test, rows - validation)
    return Sides(rows - validation - test, validation, test)


def held_out(wanted: float, rows: int) -> int:
    """Below 1 a share, else a number of rows."""
    return round(wanted * rows) if wanted < 1 else round(min(wanted, rows))


def in_words(wanted: float, rows: int) -> str:
    """What was typed, explained: "0.1 = 10 %, about 24 rows", "200 = 200 rows"."""
    number = formatting.number(wanted)
    several = formatting.plural(held_out(wanted, rows), "row")
    if not wanted:
        return "0 = none"
    if wanted < 1:
        percent = formatting.number(round(wanted * 100, 1))
        return f"{number} = {percent} %, about {several}"
    return f"{number} = {several}"


def kept_sides(spec: SplitSpec, dataset: Dataset) -> str:
    """What names the sides already, in words; empty when they are drawn anew."""
    if not spec.given:
        return ""
    if dataset.mapping.split:
        return f"column {dataset.mapping.split}"
    return "the files" if dataset.split == GIVEN_BY_FILES else ""


def consequence(spec: SplitSpec, dataset: Dataset) -> str:
    """One line: what will come of it."""
    kept = kept_sides(spec, dataset)
    if kept:
        return f"Rows stay on the side that {kept} gave them."
    return f"About {expected(spec, dataset.rows).words}."


def refusal(spec: SplitSpec, dataset: Dataset) -> str:
    """Why this would leave nothing to train on, or ""."""
    if kept_sides(spec, dataset) or expected(spec, dataset.rows).train > 0:
        return ""
    return "No row would be left for training."
