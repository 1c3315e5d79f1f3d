"""From the cells of one record to the example that is learned."""

from collections.abc import Mapping as Cells
from itertools import takewhile

from msgspec import Struct

from engine.datasets.cells import RowError, are_pairs, are_segments, as_turns, list_in, shown
from engine.datasets.tools import CALLS, TOOLS, tool_schemas
from engine.datasets.turns import Turn, Turns, turns_in, turns_of, up_to_last_answer
from engine.protocol.dataset_specs import Mapping

__all__ = ["SEEN", "TEXT", "Example", "RowError", "Turns", "example_of", "shown"]
TEXT = "text"  # the role of raw text, which no template wraps
SEEN = "masked"  # the role of raw text that is read and not learned
LISTS = frozenset({"messages", "segments", "tools", "history"})  # parts that are always lists
TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class Example(Struct, frozen=True):
    """What one row teaches. `messages` begins with the tools, if any, and ends with an answer."""

    messages: Turns
    rejected: Turns = ()  # the answer that is worse than the one in `messages`
    desirable: bool | None = None  # whether the answer is a good one, where the row says so


def example_of(cells: Cells[str, object], mapping: Mapping) -> Example:
    """The example in one record; the same for its cells and for what `shown` makes of them.

    Texts are kept as they are, spaces included. Raises RowError when there is no question or no
    answer, a role is missing or unknown, or a list is not what its part asks for.
    """
    parts = {part: _text(part, cells.get(column)) for part, column in mapping.parts.items()}
    match mapping.convention:
        case "text":
            if not parts["text"].strip():
                raise RowError(f"The text in '{mapping.text}' is empty")
            return Example(((TEXT, parts["text"]),))
        case "segments":
            return Example(_segments(parts["segments"], mapping.segments))
        case "messages":
            return Example(_whole(turns_in(parts["messages"], mapping.messages), parts, mapping))
        case "preference":
            return _preference(parts, mapping)
    turns = [*_prompt(parts, mapping), *_completion(parts, mapping)]
    label = parts.get("label")
    return Example(
        messages=_whole(turns, parts, mapping),
        desirable=None if label is None else _truth(label, mapping.label),
    )


def _text(part: str, cell: object) -> str:
    """As shown; a list that is text already is understood however it is spelled."""
    return cell if part in LISTS and isinstance(cell, str) else shown(cell)


def _whole(turns: list[Turn], parts: dict[str, str], mapping: Mapping) -> Turns:
    """With tools and system turn before them, up to the last answer."""
    turns = up_to_last_answer(turns)
    if not turns:
        raise RowError("There is no answer of the assistant")
    if all(role != "user" for role, _ in turns):
        raise RowError("There is no message of the user")
    system = parts.get("system", "")
    if system.strip() and turns[0][0] != "system":
        turns = [("system", system), *turns]
    tools = tool_schemas(parts.get("tools", ""), mapping.tools)
    return tuple([(TOOLS, tools), *turns] if tools else turns)


def _prompt(parts: dict[str, str], mapping: Mapping) -> list[Turn]:
    prompt = parts["user"]
    if (messages := as_turns(prompt)) is not None:
        return turns_of(messages)
    earlier = _history(parts.get("history", ""), mapping.history)
    extra = parts.get("input", "")
    if extra.strip():
        prompt = f"{prompt}\n\n{extra}"
    if not prompt.strip():
        raise RowError(f"The prompt in '{mapping.user}' is empty")
    return [*earlier, ("user", prompt)]


def _history(text: str, column: str) -> list[Turn]:
    """Alpaca's earlier turns: pairs of what was asked and answered."""
    if text.strip() in ("", "[]"):
        return []
    pairs = list_in(text)
    if pairs is None or not are_pairs(pairs):
        raise RowError(f"'{column}' is no list of pairs of a question and an answer")
    roles = ("user", "assistant")
    return [turn for pair in pairs for turn in zip(roles, pair, strict=True)]


def _completion(parts: dict[str, str], mapping: Mapping) -> list[Turn]:
    turns = _answer(parts["assistant"], mapping.assistant)
    thought = parts.get("reasoning", "")
    if thought.strip():
        at = max(at for at, (role, _) in enumerate(turns) if role == "assistant")
        turns[at] = ("assistant", f"<think>\n{thought}\n</think>\n\n{turns[at][1]}")
    return turns


def _answer(text: str, column: str) -> list[Turn]:
    """A text, or messages that end with an answer and may begin with the prompt."""
    if (messages := as_turns(text)) is not None:
        if turns := up_to_last_answer(turns_of(messages)):
            return turns
        text = ""
    if not text.strip():
        raise RowError(f"The answer in '{column}' is empty")
    return [("assistant", text)]


def _preference(parts: dict[str, str], mapping: Mapping) -> Example:
    """Two answers to one prompt, which is a column of its own or the beginning of both."""
    chosen = _answer(parts["chosen"], mapping.chosen)
    rejected = _answer(parts["rejected"], mapping.rejected)
    if chosen == rejected:
        raise RowError("The chosen and the rejected answer are the same")
    shared = _shared(chosen, rejected)
    before = _prompt(parts, mapping) if mapping.user else []
    if any(role == "user" for role, _ in chosen[:shared]):  # so they hold the prompt themselves
        has_system = chosen[0][0] == "system"
        before = [turn for turn in before if turn[0] == "system" and not has_system]
    elif not before:
        raise RowError("The chosen and the rejected answer share no message of the user")
    return Example(
        messages=_whole([*before, *chosen], parts, mapping), rejected=tuple(rejected[shared:])
    )


def _shared(chosen: list[Turn], rejected: list[Turn]) -> int:
    """How many turns both begin with; each keeps one, and a call keeps the text before it."""
    pairs = zip(chosen[:-1], rejected[:-1], strict=False)
    shared = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
    while shared and CALLS in (chosen[shared][0], rejected[shared][0]):
        shared -= 1
    return shared


def _segments(text: str, column: str) -> Turns:
    found = list_in(text)
    if found is None or not are_segments(found):
        raise RowError(f"'{column}' is no list of segments, each with a text and a label")
    turns = tuple((TEXT if each["label"] else SEEN, each["text"]) for each in found if each["text"])
    if not any(role == TEXT and content.strip() for role, content in turns):
        raise RowError(f"No segment in '{column}' is to be learned")
    return turns


def _truth(text: str, column: str) -> bool:
    found = TRUTHS.get(text.strip().lower())
    if found is None:
        raise RowError(f"The label in '{column}' is neither true nor false")
    return found
