"""What a person types about a dataset, as the protocol has it."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import click

from engine.commands.completion import complete_dataset
from engine.commands.near_names import hint
from engine.commands.settings import with_settings
from engine.protocol.dataset_specs import Mapping, SplitSpec
from engine.protocol.mapping_parts import PARTS, mapping_of
from engine.protocol.problems import Refused

F = TypeVar("F", bound=Callable[..., object])
RANGE = re.compile(r"(\d*)-(\d*)|(\d+)")
ROW_NUMBER = click.IntRange(min=1)


def dataset_argument(command: F) -> F:
    """Add DATASET: a name, an id, or its beginning."""
    return click.argument("dataset", shell_complete=complete_dataset)(command)


def mapping_from(texts: Iterable[str]) -> Mapping | None:
    """The mapping of "COLUMN=PART"s, an empty part for none; None without any.

    Raises Refused for an unknown part, one that two columns play, or a column named twice.
    """
    parts: dict[str, str] = {}
    seen: set[str] = set()
    for text in texts:
        column, equals, part = (each.strip() for each in text.rpartition("="))
        if not equals or not column or part not in ("", *PARTS):
            raise Refused(
                "mapping.unknown-part",
                f"'{text}' does not give a column its part.",
                f"Write COLUMN=PART; the parts are {', '.join(PARTS)}, or nothing to ignore it.",
            )
        if column in seen or part in parts:
            raise Refused(
                "mapping.twice",
                f"The {f'column {column}' if column in seen else f'part {part}'} is given twice.",
                "A column plays one part, and each part is one column's.",
            )
        seen.add(column)
        if part:
            parts[part] = column
    if seen and not parts:
        raise Refused(
            "mapping.empty",
            "Every column that is named is ignored, so nothing is left to learn.",
            "Name the columns that are used too, as in --map question=user --map answer=assistant.",
        )
    return mapping_of(parts) if parts else None


def split_from(spec: SplitSpec, texts: Iterable[str], *, flag: str = "") -> SplitSpec:
    """The spec changed by "validation=0.2,test=0.1" and the like, each value checked."""
    settings: list[str] = []
    for text in texts:
        for piece in text.split(","):
            if "=" in piece or not settings or piece.strip() in SplitSpec.__struct_fields__:
                settings.append(piece)
            else:  # a comma inside the name of a column
                settings[-1] += f",{piece}"
    return with_settings(spec, {}, tuple(settings), flag=flag)


def cells_from(texts: Iterable[str], columns: Sequence[str]) -> dict[str, str]:
    """Cells of "COLUMN=TEXT"s. Raises Refused for a column that the dataset does not have."""
    cells = {}
    for text in texts:
        column, text = _column_and_text(text, columns)
        cells[column] = text
    return cells


def _column_and_text(text: str, columns: Sequence[str]) -> tuple[str, str]:
    """A column whose own name has an equals sign in it is found as well."""
    for column in sorted(columns, key=len, reverse=True):
        if text.startswith(f"{column}="):
            return column, text[len(column) + 1 :]
    column, equals, _ = text.partition("=")
    if not equals:
        raise Refused("cells.no-text", f"'{text}' has no text.", "Write it as COLUMN=TEXT.")
    raise Refused(
        "cells.unknown-column",
        f"There is no column '{column}'.",
        hint(column, columns, f"There are: {', '.join(columns)}."),
    )


def row_range(text: str) -> slice:
    """ "5-10", "5-", "-10" or "5", counted from 1 and both ends included."""
    found = RANGE.fullmatch(text.strip())
    if found is None or text.strip() == "-":
        raise click.BadParameter(f"'{text}' is no range of rows; write 5, 5-10, 5- or -10.")
    first = int(found[3] or found[1] or 1)
    last = int(found[3] or found[2]) if found[3] or found[2] else None
    if first < 1 or (last is not None and last < first):
        raise click.BadParameter(f"'{text}' holds no rows; they count from 1.")
    return slice(first - 1, last)
