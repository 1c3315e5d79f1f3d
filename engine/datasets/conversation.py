"""From the cells of one record to the conversation that is learned."""

import ast
import json
import math
from collections.abc import Mapping as Cells
from typing import Any

import msgspec

from engine.protocol.specs import Mapping

Turns = tuple[tuple[str, str], ...]  # (role, content)
TEXT = "text"  # the role of raw text, which no template wraps
ROLES = {
    "system": "system", "developer": "system",
    "user": "user", "human": "user", "prompter": "user",
    "assistant": "assistant", "gpt": "assistant", "model": "assistant", "bot": "assistant",
    "chatgpt": "assistant",
}  # fmt: skip
LITERAL_LIMIT = 1_000_000  # characters of a Python literal that are parsed


class RowError(Exception):
    """Why a record cannot be used; the text is fit to show."""


def conversation(cells: Cells[str, object], mapping: Mapping) -> Turns:
    """The turns of one record, ending with the assistant; raw text is one turn of role "text".

    Texts are kept as they are, spaces included. Raises RowError when there is no question or no
    answer, a role is missing or unknown, or tools are used.
    """
    if mapping.convention == "text":
        text = text_of(cells.get(mapping.text))
        if not text.strip():
            raise RowError(f"The text in '{mapping.text}' is empty")
        return ((TEXT, text),)
    system = text_of(cells.get(mapping.system)) if mapping.system else ""
    if mapping.convention == "messages":
        turns = _from_messages(cells.get(mapping.messages), mapping.messages)
    else:
        turns = _prompt(cells, mapping) + _completion(cells, mapping)
    if system.strip() and not (turns and turns[0][0] == "system"):
        turns = [("system", system), *turns]
    while turns and turns[-1][0] != "assistant":
        turns.pop()
    if not turns:
        raise RowError("There is no answer of the assistant")
    if all(role != "user" for role, _ in turns):
        raise RowError("There is no message of the user")
    return tuple(turns)


def _prompt(cells: Cells[str, object], mapping: Mapping) -> list[tuple[str, str]]:
    cell = cells.get(mapping.user)
    if (turns := as_turns(cell)) is not None:
        return _from_turns(turns)
    earlier = _history(cells.get(mapping.history), mapping.history) if mapping.history else []
    prompt = text_of(cell)
    extra = text_of(cells.get(mapping.input)) if mapping.input else ""
    if extra.strip():
        prompt = f"{prompt}\n\n{extra}"
    if not prompt.strip():
        raise RowError(f"The prompt in '{mapping.user}' is empty")
    return [*earlier, ("user", prompt)]


def _history(cell: object, column: str) -> list[tuple[str, str]]:
    """Alpaca's earlier turns: pairs of what was asked and answered."""
    if isinstance(cell, str) and cell.strip():
        try:
            cell = json.loads(cell)
        except (ValueError, RecursionError):
            cell = (cell,)
    turns: list[tuple[str, str]] = []
    for pair in cell if isinstance(cell, list | tuple) else ():
        match pair:
            case [str(asked), str(answered)]:
                turns += [("user", asked), ("assistant", answered)]
            case _:
                raise RowError(f"'{column}' is no list of pairs of a question and an answer")
    return turns


def _completion(cells: Cells[str, object], mapping: Mapping) -> list[tuple[str, str]]:
    cell = cells.get(mapping.assistant)
    if (turns := as_turns(cell)) is not None:
        return _from_turns(turns)
    answer = text_of(cell)
    if not answer.strip():
        raise RowError(f"The answer in '{mapping.assistant}' is empty")
    return [("assistant", answer)]


def _from_messages(cell: object, column: str) -> list[tuple[str, str]]:
    if cell is None or cell == "" or cell == []:
        raise RowError(f"'{column}' is empty")
    turns = as_turns(cell)
    if turns is None:
        raise RowError(f"'{column}' is no list of messages")
    return _from_turns(turns)


def _from_turns(turns: list[dict[str, Any]]) -> list[tuple[str, str]]:
    result = []
    for number, turn in enumerate(turns, 1):
        role = turn.get("role", turn.get("from"))
        if not isinstance(role, str) or not role:
            raise RowError(f"Message {number} has no role")
        known = ROLES.get(role.strip().lower())
        if turn.get("tool_calls") or role in ("tool", "function", "observation", "function_call"):
            raise RowError(f"Message {number} uses tools, which are not supported yet")
        if known is None:
            raise RowError(f"Message {number} has the unknown role '{role[:40]}'")
        content = _content(turn.get("content", turn.get("value")), number)
        if known == "assistant" and not content.strip():
            raise RowError(f"The answer in message {number} is empty")
        result.append((known, content))
    return result


def _content(value: object, number: int) -> str:
    """A text, or OpenAI's list of text parts."""
    if isinstance(value, list):
        parts = [part.get("text") if isinstance(part, dict) else part for part in value]
        if not all(isinstance(part, str) for part in parts):
            raise RowError(f"Message {number} holds something else than text")
        return "".join(str(part) for part in parts)
    if value is not None and not isinstance(value, str):
        raise RowError(f"The content of message {number} is no text")
    return value or ""


def as_turns(cell: object) -> list[dict[str, Any]] | None:
    """A list of messages, also when the cell holds one as JSON or as a Python literal."""
    if isinstance(cell, str):
        cell = _parsed(cell)
    if (
        isinstance(cell, list)
        and cell
        and all(isinstance(turn, dict) for turn in cell)
        and any(not {"role", "from"}.isdisjoint(turn) for turn in cell)
    ):
        return cell
    return None


def _parsed(text: str) -> object:
    stripped = text.strip()
    if not (stripped.startswith("[") and stripped.endswith("]") and "{" in stripped[:20]):
        return None
    try:
        return json.loads(stripped, strict=False)
    except (ValueError, RecursionError):
        pass
    if len(stripped) > LITERAL_LIMIT:
        return None
    try:
        return ast.literal_eval(stripped)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None


def text_of(cell: object) -> str:
    """A cell as text: the same for a JSON value and for what a CSV file writes for it."""
    if isinstance(cell, str):
        return cell
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, float) and not math.isinf(cell) and cell == int(cell):
        return str(int(cell)) if abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return str(cell)
    return compact(cell)


def compact(value: object) -> str:
    """JSON on one line without spaces."""
    return msgspec.json.encode(value).decode()


def shown(cell: object) -> str:
    """A cell for the table: lists of messages in one spelling, however the file wrote them."""
    turns = as_turns(cell)
    if turns is None:
        return text_of(cell)
    # Tables have every field in every message, files of JSON only those that are there.
    return compact([{k: v for k, v in turn.items() if v is not None} for turn in turns])
