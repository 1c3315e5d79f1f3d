"""Which column plays which part, and what changes when one is given another."""

from collections.abc import Sequence

from engine.protocol.specs import Mapping

PAIR = ("user", "assistant", "input", "history")  # parts of a question and its answer
WHOLE = frozenset({"messages", "text"})  # parts that need no other
ROLES = {
    "user": "User",
    "assistant": "Assistant",
    "system": "System",
    "input": "Input",
    "history": "History",
    "messages": "Messages",
    "text": "Text",
    "split": "Split",
    "": "Ignored",
}


def role_of(mapping: Mapping, column: str) -> str:
    """The part a column plays, "" for none."""
    parts = (part for part in ROLES if part and getattr(mapping, part) == column)
    return next(parts, "")


def in_order(mapping: Mapping, columns: Sequence[str]) -> list[str]:
    """The mapped columns by their part, then the others as the file has them."""
    parts = ("messages", "text", "system", "history", "user", "input", "assistant", "split")
    mapped = [name for name in (getattr(mapping, part) for part in parts) if name]
    return [*mapped, *(column for column in columns if column not in mapped)]


def with_role(mapping: Mapping, column: str, role: str) -> Mapping:
    """The mapping with that part for the column; who had the part gets the column's old one.

    A mapping has a column of messages, or one of raw text, or a user and an assistant.
    """
    parts = {part: getattr(mapping, part) for part in ROLES if part}
    old = role_of(mapping, column)
    if old:
        parts[old] = parts[role] if role and role not in WHOLE else ""
    if role:
        parts[role] = column
    if role in WHOLE:
        parts.update(
            user="", assistant="", input="", history="", **{each: "" for each in WHOLE - {role}}
        )
    elif role in ("user", "assistant", "input", "history"):
        parts.update(dict.fromkeys(WHOLE, ""))
    return Mapping(convention=convention(parts), **parts)  # type: ignore[arg-type]


def convention(parts: dict[str, str]) -> str:
    """The name of what the parts amount to."""
    for whole in ("messages", "text"):
        if parts[whole]:
            return whole
    if parts["input"] or parts["history"]:
        return "alpaca"
    if (parts["user"], parts["assistant"]) == ("prompt", "completion"):
        return "prompt_completion"
    return "columns"
