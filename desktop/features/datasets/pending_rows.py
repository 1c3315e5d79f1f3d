"""A row as it will be once the pending edits are saved."""

from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from desktop.features.datasets.pending_edits import Cells, Changes
from engine.protocol.dataset_specs import Mapping
from engine.protocol.records import Row

Mark = Literal["", "changed", "to be removed", "new"]
EDITED: Mark = "changed"
REMOVED: Mark = "to be removed"
ADDED: Mark = "new"
ROLES = {"human": "user", "gpt": "assistant"}  # as the table names them


def mark_of(row: Row, changes: Changes) -> Mark:
    if not row.number:
        return ADDED
    if row.number in changes.removed:
        return REMOVED
    return EDITED if row.number in changes.cells else ""


def added_row(cells: Cells) -> Row:
    """A row that has no number yet."""
    return Row(0, 0, "", (), cells)


def overlaid(mapping: Mapping, row: Row, changes: Changes) -> Row:
    """With its changed cells; its turns are read from them as far as the table shows them."""
    cells = changes.cells.get(row.number) if row.number else row.cells
    if cells is None:
        return row
    match mapping.convention:
        case "messages":
            return replace(row, cells=cells, messages=turns_in(cells.get(mapping.messages, "")))
        case "preference":
            asked = turns_in(cells.get(mapping.user, ""), "user")
            chosen = turns_in(cells.get(mapping.chosen, ""), "assistant")
            rejected = turns_in(cells.get(mapping.rejected, ""), "assistant")
            return replace(row, cells=cells, messages=(*asked, *chosen), rejected=rejected)
        case "segments":
            pieces = objects_in(cells.get(mapping.segments, "")) or []
            turns = tuple(
                ("text" if each.get("label") else "masked", str(each.get("text", "")))
                for each in pieces
            )
            return replace(row, cells=cells, messages=turns)
    return replace(row, cells=cells)


def turns_in(text: str, role: str = "") -> tuple[tuple[str, str], ...]:
    """The messages of a cell; a plain text is one turn of `role`."""
    messages = objects_in(text)
    if messages is None:
        return ((role, text),) if text and role else ()
    return tuple(
        (_role(each), content if isinstance(content, str) else "")
        for each in messages
        for content in (each.get("content", each.get("value")),)
    )


def _role(message: dict[str, Any]) -> str:
    role = str(message.get("role") or message.get("from") or "")
    return ROLES.get(role, role)


def objects_in(text: str) -> list[dict[str, Any]] | None:
    """The list of objects that a cell holds as JSON; None when it is something else."""
    try:
        return msgspec.json.decode(text, type=list[dict[str, Any]])
    except (msgspec.DecodeError, UnicodeError):
        return None
