"""The parts that a column can play, and what they amount to together."""

from collections.abc import Mapping as Parts

from engine.protocol.dataset_specs import Convention, Mapping

PARTS = tuple(name for name in Mapping.__struct_fields__ if name != "convention")


def mapping_of(parts: Parts[str, str]) -> Mapping:
    """The columns by their part, under the convention that follows from them."""
    return Mapping(convention=convention(parts), **parts)


def convention(parts: Parts[str, str]) -> Convention:
    """The name of what the parts amount to."""
    if "messages" in parts:
        return "messages"
    if "segments" in parts:
        return "segments"
    if "text" in parts:
        return "text"
    if "chosen" in parts or "rejected" in parts:
        return "preference"
    if "label" in parts:
        return "unpaired"
    if "input" in parts or "history" in parts:
        return "alpaca"
    if (parts.get("user"), parts.get("assistant")) == ("prompt", "completion"):
        return "prompt_completion"
    return "columns"
