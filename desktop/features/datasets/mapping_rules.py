"""Which column plays which part, and what changes when one is given another."""

from collections.abc import Sequence

from engine.protocol.dataset_specs import Mapping
from engine.protocol.mapping_parts import mapping_of

WHOLE = ("messages", "text", "segments")  # parts that need no question and no answer beside them
TWO_ANSWERS = ("chosen", "rejected")
ONE_ANSWER = ("assistant", "reasoning", "label")
PAIR = ("history", "user", "input", *ONE_ANSWER, *TWO_ANSWERS)
RAW = ("text", "segments")  # no roles at all
ROLES = {
    "user": "User",
    "assistant": "Assistant",
    "system": "System",
    "input": "Input",
    "history": "History",
    "reasoning": "Reasoning",
    "tools": "Tools",
    "messages": "Messages",
    "chosen": "Chosen",
    "rejected": "Rejected",
    "label": "Desirable",
    "segments": "Segments",
    "text": "Text",
    "split": "Split",
    "": "Ignored",
}
ORDER = ("messages", "text", "segments", "tools", "system", "history", "user", "input",
         "reasoning", "assistant", "chosen", "rejected", "label", "split")  # fmt: skip


def role_of(mapping: Mapping, column: str) -> str:
    """The part a column plays, "" for none."""
    return next((part for part, name in mapping.parts.items() if name == column), "")


def in_order(mapping: Mapping, columns: Sequence[str]) -> list[str]:
    """The mapped columns by their part, then the others as the file has them."""
    mapped = [mapping.parts[part] for part in ORDER if part in mapping.parts]
    return [*mapped, *(column for column in columns if column not in mapped)]


def with_role(mapping: Mapping, column: str, role: str) -> Mapping:
    """The mapping with that part for the column; who had the part gets the column's old one.

    A mapping has a column of messages, one of raw text or one of segments; or a user and either
    an assistant or two answers to choose from. Parts that do not go with the new one are given up.
    """
    parts = mapping.parts
    old = role_of(mapping, column)
    if old:
        before = parts.get(role, "")
        del parts[old]
        if before and role not in WHOLE:
            parts[old] = before
    if role in TWO_ANSWERS:
        _choose(parts, role)
    if role:
        parts = {part: name for part, name in parts.items() if part not in _against(role)}
        parts[role] = column
    return mapping_of(parts)


def _choose(parts: dict[str, str], role: str) -> None:
    """A second answer beside the only one makes it the other of the two."""
    other = "rejected" if role == "chosen" else "chosen"
    if "assistant" in parts:
        parts.setdefault(other, parts["assistant"])


def _against(role: str) -> tuple[str, ...]:
    """The parts that a mapping with that one cannot have."""
    if role in WHOLE:
        others = tuple(each for each in WHOLE if each != role)
        return (*PAIR, *others, "tools") if role in RAW else (*PAIR, *others)
    if role in TWO_ANSWERS:
        return (*WHOLE, *ONE_ANSWER)
    if role in ONE_ANSWER:
        return (*WHOLE, *TWO_ANSWERS)
    if role in PAIR:
        return WHOLE
    return RAW if role == "tools" else ()
