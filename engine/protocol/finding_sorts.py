"""The sorts of findings: their words, and what one click does about each."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

Act = Literal["remove", "train", "mask", "strip", "balance", "ignore"]


class FindingSort(Struct, frozen=True):
    """`act` is what its fix does to the rows of the sort; nothing is done to the file."""

    code: str
    severity: Literal["error", "warning", "information"]
    one: str  # after the number 1
    many: str  # after any other number
    act: Act
    fix: str  # the button
    done: str  # what the fix did, before "14 exact duplicates"

    def offer(self, count: int) -> str:
        """ "Remove 14 exact duplicates", "Move 6 rows to training", "Skip all 3"."""
        if self.act == "train":
            return f"Move {count:,} {'row' if count == 1 else 'rows'} to training"
        if self.act == "ignore":
            return self.fix if count == 1 else f"{self.fix} all {count:,}"
        return f"{self.fix} {counted(self.code, count)}"


SORTS = {
    sort.code: sort
    for sort in (
        FindingSort("malformed", "error", "line cannot be read", "lines cannot be read",
                    "ignore", "Skip", "Skipped"),
        FindingSort("unusable", "error", "row teaches nothing", "rows teach nothing",
                    "ignore", "Skip", "Skipped"),
        FindingSort("ragged", "warning", "row is short of cells", "rows are short of cells",
                    "ignore", "Ignore", "Ignored"),
        FindingSort("file", "warning", "note on the files", "notes on the files",
                    "ignore", "Ignore", "Ignored"),
        FindingSort("duplicate", "warning", "exact duplicate", "exact duplicates",
                    "remove", "Remove", "Removed"),
        FindingSort("near-duplicate", "warning", "near-duplicate", "near-duplicates",
                    "remove", "Remove", "Removed"),
        FindingSort("leak", "warning", "held-out row also in training",
                    "held-out rows also in training", "train", "Move to train", "Moved to train"),
        FindingSort("conflict", "warning", "prompt with another answer",
                    "prompts with another answer", "remove", "Remove", "Removed"),
        FindingSort("template", "warning", "row with template text", "rows with template text",
                    "strip", "Strip", "Stripped the template text of"),
        FindingSort("roles", "warning", "row with roles out of turn",
                    "rows with roles out of turn", "remove", "Remove", "Removed"),
        FindingSort("imbalance", "warning", "label far too frequent", "labels far too frequent",
                    "balance", "Balance", "Balanced"),
        FindingSort("long", "warning", "row over the limit", "rows over the limit",
                    "remove", "Remove", "Removed"),
        FindingSort("personal", "information", "row with personal data",
                    "rows with personal data", "mask", "Mask", "Masked"),
        FindingSort("language", "information", "row in another language",
                    "rows in another language", "remove", "Remove", "Removed"),
        FindingSort("not-compared", "information", "look left out", "looks left out",
                    "ignore", "Ignore", "Ignored"),
        FindingSort("edit", "information", "edit without its row", "edits without their row",
                    "ignore", "Ignore", "Ignored"),
    )
}  # fmt: skip


LOOKED_FOR = (
    "near-duplicate",
    "personal",
    "language",
    "not-compared",
)  # by a closer look, after the reading


def sort_of(code: str) -> FindingSort:
    """The sort of that code; a code of a newer engine is a note."""
    return SORTS.get(code, SORTS["file"])


def fixed_at_once(counts: Mapping[str, int]) -> tuple[str, ...]:
    """Of the sorts that were found, those that "fix all" puts right: no hints.

    In the order of their declaration: what is removed comes before what is rewritten.
    """
    return tuple(
        code for code, sort in SORTS.items() if counts.get(code) and sort.severity != "information"
    )


def counted(code: str, count: int) -> str:
    """ "14 exact duplicates"."""
    sort = sort_of(code)
    return f"{count:,} {sort.one if count == 1 else sort.many}"
