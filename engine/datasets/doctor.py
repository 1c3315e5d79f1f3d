"""What is wrong with the rows themselves, seen in the one pass in which they are read."""

from array import array
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy

from engine.datasets.conversation import Turns
from engine.datasets.digests import Digests, repeats
from engine.datasets.findings import Findings
from engine.datasets.labels import Labels, few_labels
from engine.datasets.marks import MARKS
from engine.datasets.plain_rows import PlainRows
from engine.datasets.side_codes import NAMES
from engine.datasets.tools import RESULT

SPEAKERS = ("user", "assistant", RESULT)


class Repeat(NamedTuple):
    """Two rows, by their places from 0, and whether more than the prompt is the same."""

    first: int
    later: int
    whole: bool


class Doctor:
    """Told of every usable row in turn; what it finds goes to `findings`.

    `several`: a prompt means to have more than one answer, as in preferences.
    """

    def __init__(self, findings: Findings, *, several: bool = False) -> None:
        self._findings, self._several = findings, several
        self._rows: array[int] = array("Q")  # digests
        self._prompts: array[int] = array("Q")
        self.labels: Labels | None = Labels()  # None once there are too many

    def examine(self, turns: Turns, digests: Digests, *, line: int, place: int) -> None:
        self._rows.append(digests.row)
        self._prompts.append(digests.prompt)
        role, answer = turns[-1]
        self._count_labels(few_labels([answer]) if role == "assistant" else None)
        self._look_for_marks(turns, line, place + 1)
        self._look_at_roles(turns, line, place + 1)

    def examine_plain(self, found: PlainRows) -> None:
        """Many rows at once: single turns without marks."""
        self._rows.frombytes(found.rows)
        self._prompts.frombytes(found.asked)
        self._count_labels(found.labels)

    def _repeats(self) -> Iterator[Repeat]:
        """Rows that were there before, then rows whose prompt alone was."""
        rows = numpy.frombuffer(self._rows, dtype=numpy.uint64)
        later, first = repeats(rows)
        for place, before in zip(later.tolist(), first.tolist(), strict=True):
            yield Repeat(before, place, whole=True)
        prompts = numpy.frombuffer(self._prompts, dtype=numpy.uint64)
        whole = later
        later, first = repeats(prompts)
        alone = ~numpy.isin(later, whole)
        for place, before in zip(later[alone].tolist(), first[alone].tolist(), strict=True):
            yield Repeat(before, place, whole=False)

    def conclude(self, sides: bytes, lines: "array[int]") -> None:
        """What only all rows together show, once it is known on which side each one is."""
        for repeat in self._repeats():
            code, words = _said(repeat, sides)
            if code == "conflict" and self._several:
                continue
            self._findings.add(code, words, line=lines[repeat.later], row=repeat.later + 1)
        if self.labels is not None:
            self.labels.conclude(self._findings)

    def _count_labels(self, labels: Mapping[str, int] | None) -> None:
        if self.labels is not None and (labels is None or not self.labels.add(labels)):
            self.labels = None

    def _look_for_marks(self, turns: Turns, line: int, number: int) -> None:
        mark = next((mark for _, text in turns for mark in MARKS if mark in text), "")
        if mark:
            words = f"Holds '{mark}', which belongs to a chat template"
            self._findings.add("template", words, line=line, row=number)

    def _look_at_roles(self, turns: Turns, line: int, number: int) -> None:
        roles = [role for role, _ in turns if role in SPEAKERS]
        if roles and roles[0] == "assistant":
            words = "The assistant speaks first, which some templates refuse"
        elif any(one == other != RESULT for one, other in pairwise(roles)):
            words = "One side speaks twice in a row, which some templates refuse"
        else:
            return
        self._findings.add("roles", words, line=line, row=number)


def _said(repeat: Repeat, sides: bytes) -> tuple[str, str]:
    """The sort of finding that a repeat is, and its words."""
    first, one, other = repeat.first + 1, sides[repeat.first], sides[repeat.later]
    if one != other:
        same = f"Repeats row {first}" if repeat.whole else f"Asks what row {first} asks"
        return "leak", f"{same}, which is in {NAMES[one]} while this one is in {NAMES[other]}"
    if repeat.whole:
        return "duplicate", f"Exact duplicate of row {first}"
    return "conflict", f"Asks what row {first} asks, with another answer"
