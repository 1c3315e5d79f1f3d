"""From a list of messages to turns, with the roles of all the common spellings."""

from typing import Any

from engine.datasets.cells import RowError, as_turns, compact, in_order
from engine.datasets.tools import CALLS, RESULT, calls_in, calls_of

Turn = tuple[str, str]  # (role, content)
Turns = tuple[Turn, ...]
ROLES = {
    "system": "system", "developer": "system",
    "user": "user", "human": "user", "prompter": "user",
    "assistant": "assistant", "gpt": "assistant", "model": "assistant", "bot": "assistant",
    "chatgpt": "assistant",
    "tool": RESULT, "function": RESULT, "observation": RESULT, "tool_response": RESULT,
    "function_call": CALLS, "tool_call": CALLS,
}  # fmt: skip
ANSWERS = ("assistant", CALLS)


def turns_in(text: str, column: str) -> list[Turn]:
    """The turns of a cell with a list of messages. Raises RowError when it holds none."""
    if text in ("", "[]"):
        raise RowError(f"'{column}' is empty")
    messages = as_turns(text)
    if messages is None:
        raise RowError(f"'{column}' is no list of messages")
    return turns_of(messages)


def turns_of(messages: list[dict[str, Any]]) -> list[Turn]:
    """The turns of some messages; calls of tools follow the assistant's text as their own turn."""
    return [turn for number, each in enumerate(messages, 1) for turn in _turns(each, number)]


def up_to_last_answer(turns: list[Turn]) -> list[Turn]:
    """Without what follows the last answer: nobody learns from it."""
    last = max((at for at, (role, _) in enumerate(turns) if role in ANSWERS), default=-1)
    return turns[: last + 1]


def _turns(message: dict[str, Any], number: int) -> list[Turn]:
    role = _either(message, "role", "from")
    if not isinstance(role, str) or not role:
        raise RowError(f"Message {number} has no role")
    known = ROLES.get(role.strip().lower())
    value = _either(message, "content", "value")
    if known is None:
        raise RowError(f"Message {number} has the unknown role '{role[:40]}'")
    if known == CALLS:
        return [("assistant", ""), (CALLS, calls_in(value, number))]
    if known == RESULT:
        return [(RESULT, _result(value, number))]
    content = _content(value, number)
    if known != "assistant":
        return [(known, content)]
    calls = calls_of(message, number)
    if not calls and not content.strip():
        raise RowError(f"The answer in message {number} is empty")
    return [(known, content), *([(CALLS, calls)] if calls else [])]


def _either(message: dict[str, Any], name: str, other: str) -> object:
    """Tables have both, one of them null."""
    value = message.get(name)
    return message.get(other) if value is None else value


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


def _result(value: object, number: int) -> str:
    """What a tool gave back: a text, parts of text, or any JSON value."""
    if value is None or isinstance(value, str):
        return value or ""
    try:
        return _content(value, number)
    except RowError:
        return compact(in_order(value))
