"""The difference between two versions, as the lines that a person reads."""

from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from desktop.core import formatting
from desktop.features.datasets.word_diff import Line, Piece, differing, plain, text_of
from engine.protocol.records import DatasetDiff, Row

Kind = Literal["heading", "setting", "changed", "added", "removed", "moved", "more"]
SIDES = {"train": "Training", "validation": "Validation", "test": "Test"}
NOTHING = "none"


class DiffLine(Struct, frozen=True):
    """One entry: a heading, a setting as it was and is, or two lines of text of a row."""

    kind: Kind
    label: str = ""  # a heading, a setting's name or a row's number
    name: str = ""  # the column, or the count beside a heading
    first: Line = ()
    second: Line = ()

    @property
    def spoken(self) -> str:
        """For a screen reader."""
        parts = (self.label, self.name, text_of(self.first), text_of(self.second))
        return ", ".join(part for part in parts if part)


def lines_of(diff: DatasetDiff) -> list[DiffLine]:
    """Settings first, then the rows by what became of them."""
    return [
        *_settings(diff),
        *_part("Changed", "changed", diff.changed_count, len(diff.changed),
               [line for pair in diff.changed for line in changed_lines(*pair)]),
        *_part("Added", "added", diff.added_count, len(diff.added),
               [row_line("added", row) for row in diff.added]),
        *_part("Removed", "removed", diff.removed_count, len(diff.removed),
               [row_line("removed", row) for row in diff.removed]),
        *_part("Moved to another side", "moved", diff.moved_count, len(diff.moved),
               [moved_line(*pair) for pair in diff.moved]),
    ]  # fmt: skip


def _settings(diff: DatasetDiff) -> Iterator[DiffLine]:
    if diff.settings:
        yield DiffLine("heading", "Settings")
    for what, was, now in diff.settings:
        yield DiffLine("setting", what, first=plain(was or NOTHING), second=plain(now or NOTHING))


def _part(
    title: str, kind: Kind, count: int, shown: int, lines: Sequence[DiffLine]
) -> Iterator[DiffLine]:
    if not count:
        return
    yield DiffLine("heading", title, formatting.plural(count, "row"))
    yield from lines
    if count > shown:
        yield DiffLine("more", f"and {count - shown:,} more")


def changed_lines(before: Row, after: Row) -> Iterator[DiffLine]:
    """One entry for each column that differs; the first names the row."""
    number = f"{after.number:,}"
    for name, was, now in differing_parts(before, after):
        first, second = differing(was, now)
        yield DiffLine("changed", number, name, first, second)
        number = ""


def differing_parts(before: Row, after: Row) -> list[tuple[str, str, str]]:
    """(column or role, as it was, as it is); by the text where the columns are the same."""
    parts = [
        (name, before.cells.get(name, ""), after.cells.get(name, ""))
        for name in {**before.cells, **after.cells}
    ]
    found = [part for part in parts if part[1] != part[2]]
    if found:
        return found
    was, now = (
        "\n".join(f"{role}: {content}" for role, content in (*row.messages, *row.rejected))
        for row in (before, after)
    )
    return [("", was, now)]


def row_line(kind: Kind, row: Row) -> DiffLine:
    """What is asked above what is answered."""
    asked, answered = asked_and_answered(row)
    return DiffLine(kind, f"{row.number:,}", "", plain(asked), plain(answered))


def moved_line(before: Row, after: Row) -> DiffLine:
    asked, _ = asked_and_answered(after)
    sides = " → ".join(SIDES.get(row.split, row.split) for row in (before, after))
    return DiffLine("moved", f"{after.number:,}", "", plain(asked), (Piece(sides),))


def asked_and_answered(row: Row) -> tuple[str, str]:
    asked = next((text for role, text in row.messages if role == "user"), "")
    answered = next((text for role, text in reversed(row.messages) if role == "assistant"), "")
    if not asked and not answered and row.messages:
        return row.messages[0][1], ""
    return asked, answered
