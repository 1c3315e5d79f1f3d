"""The one form that rows of several datasets can all be written in."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from engine.datasets.cells import compact
from engine.datasets.conversation import TEXT
from engine.datasets.template_turns import template_turns
from engine.protocol.dataset_specs import Mapping
from engine.protocol.mixable import RAW, are_alike, are_mixable
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset, Row

KNOWS_TOOLS = "tools tool_calls"  # as a template's text would


class MixForm(Struct, frozen=True):
    """How a row is written, and how its example is made of that again."""

    mapping: Mapping
    cells: Callable[[Row], dict[str, str]]


def mix_form(datasets: Sequence[Dataset]) -> MixForm:
    """Datasets that are read alike keep their columns; others become messages, or segments.

    Raises Refused for datasets that cannot be one.
    """
    if not are_mixable(datasets):
        names = " and ".join(f"{each.name} ({each.mapping.convention})" for each in datasets)
        raise Refused(
            "datasets.unlike",
            f"{names} teach different things and cannot be one dataset.",
            "Mix raw text with raw text, conversations with conversations, and preferences with"
            " preferences that have the same columns.",
        )
    if are_alike(datasets):
        return MixForm(datasets[0].mapping, lambda row: dict(row.cells))
    if datasets[0].mapping.convention in RAW:
        return MixForm(Mapping(convention="segments", segments="segments"), _segments)
    mapping = Mapping(convention="messages", messages="messages", tools="tools")
    return MixForm(mapping, _messages)


def _segments(row: Row) -> dict[str, str]:
    pieces = [{"label": role == TEXT, "text": content} for role, content in row.messages]
    return {"segments": compact(pieces)}


def _messages(row: Row) -> dict[str, str]:
    shaped = template_turns(row.messages, KNOWS_TOOLS)
    cells = {"messages": compact(shaped.turns)}
    return cells | {"tools": compact(shaped.tools)} if shaped.tools else cells
