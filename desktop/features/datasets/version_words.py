"""How versions are described in a few words."""

from collections.abc import Sequence

from desktop.core import formatting
from desktop.workbench.rows import Row
from engine.protocol.records import Dataset

FIRST = "Read from the file"


def title_of(version: Dataset) -> str:
    """ "3 · Removed 14 exact duplicates"."""
    return f"{version.version} · {change_of(version)}"


def change_of(version: Dataset) -> str:
    return version.change or FIRST


def detail_of(version: Dataset, now: float) -> str:
    """ "today, 15:14 · 1,828 rows · 3 problems"."""
    found = version.finding_count
    parts = (
        formatting.moment(version.created_at, now) if version.created_at else "",
        formatting.plural(version.rows, "row"),
        formatting.plural(found, "problem") if found else "no problems",
    )
    return " · ".join(part for part in parts if part)


def rows_of(versions: Sequence[Dataset], now: float) -> tuple[Row, ...]:
    """The newest, which comes first, is marked."""
    return tuple(
        Row(
            id=str(each.version),
            title=title_of(each),
            detail=detail_of(each, now),
            right="newest" if number == 0 else "",
            right_tone="ok",
            tip=change_of(each),
        )
        for number, each in enumerate(versions)
    )
