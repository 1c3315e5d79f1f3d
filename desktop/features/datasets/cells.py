"""The columns of the table, and the text of a cell."""

from collections.abc import Sequence

from desktop.features.datasets.mapping_rules import in_order, role_of
from engine.protocol.dataset_specs import Mapping
from engine.protocol.records import Dataset, Row

OF_LISTS = {  # conventions whose cells hold lists, and the columns made from them
    "messages": ("user", "assistant"),
    "preference": ("prompt", "chosen", "rejected"),
    "segments": ("only read", "learned"),
}


def shown_columns(dataset: Dataset) -> list[str]:
    """What is learned from: the mapped columns, or what is in a column of lists."""
    if dataset.mapping.convention in OF_LISTS:
        return list(OF_LISTS[dataset.mapping.convention])
    return [
        column
        for column in in_order(dataset.mapping, dataset.columns)
        if role_of(dataset.mapping, column) not in ("", "split")
    ]


def source_column(mapping: Mapping, shown: str) -> str:
    """The file's column that a column of the table is made from."""
    match mapping.convention, shown:
        case "messages", _:
            return mapping.messages
        case "segments", _:
            return mapping.segments
        case "preference", "prompt":
            return mapping.user or mapping.chosen
        case "preference", _:
            return mapping.chosen if shown == "chosen" else mapping.rejected
    return shown


def cell_of(dataset: Dataset, row: Row, column: str) -> str:
    """One line of text: line breaks become spaces."""
    if dataset.mapping.convention in OF_LISTS:
        text = _of_turns(row, column)
    else:
        text = row.cells.get(column, "")
    return " ".join(text[:1000].split())


def _of_turns(row: Row, column: str) -> str:
    match column:
        case "user":
            return next((text for role, text in row.messages if role == "user"), "")
        case "prompt":
            asked = [text for role, text in row.messages if role == "user"]
            return asked[-1] if asked else ""
        case "chosen" | "assistant":
            return _answer(row.messages)
        case "rejected":
            return _answer(row.rejected)
        case "only read":
            return " … ".join(text for role, text in row.messages if role == "masked")
        case _:
            return " … ".join(text for role, text in row.messages if role == "text")


def _answer(turns: Sequence[tuple[str, str]]) -> str:
    """The last one, which may be a call of a tool."""
    answers = [text for role, text in turns if role in ("assistant", "tool_calls")]
    return answers[-1] if answers else ""
