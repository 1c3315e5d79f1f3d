"""Cells as text, and the lists that some of them hold as JSON."""

import ast
import json
import math
import re
from collections.abc import Callable
from typing import Any

import msgspec

LITERAL_LIMIT = 1_000_000  # characters of a Python literal that are parsed
DEEPEST = 64  # levels of a nested value that are put in order
NESTED_LIST = re.compile(r"\s*\[\s*[\[{]")
FIRST_KEYS = (
    "role", "from", "label", "type", "function", "id", "name", "description", "parameters",
    "properties", "required", "content", "value", "text",
)  # fmt: skip
KEY_ORDER = {key: at for at, key in enumerate(FIRST_KEYS)}


class RowError(Exception):
    """Why a record cannot be used; the text is fit to show."""


def shown(cell: object) -> str:
    """A cell for the table, and what its row is made from.

    Lists of messages, of segments, of tools and of pairs get one spelling, however the file wrote
    them. What is shown is shown the same once more.
    """
    found = list_in(cell)
    if found is not None and any(fits(found) for fits in KINDS):
        return compact(in_order(found))
    return text_of(cell)


def text_of(cell: object) -> str:
    """A cell as text: the same for a JSON value and for what Python writes for it to a CSV file."""
    if isinstance(cell, str):
        return cell
    if _is_missing(cell):
        return ""
    if isinstance(cell, float):
        return str(_plain_number(cell))
    if isinstance(cell, bool | int):
        return str(cell)
    return compact(cell)


def compact(value: object) -> str:
    """JSON on one line without spaces."""
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:  # half a surrogate, which is named later
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def in_order(value: Any, depth: int = 0) -> Any:
    """A nested value as every kind of file can hold it.

    Tables know one order of keys, nulls for keys that are not there, and one type of number.
    """
    if depth > DEEPEST:
        return value
    if isinstance(value, dict):
        return {
            key: in_order(value[key], depth + 1)
            for key in sorted(value, key=_place)
            if not _is_missing(value[key])
        }
    if isinstance(value, list):
        return [in_order(each, depth + 1) for each in value]
    return _plain_number(value) if isinstance(value, float) else value


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _place(key: object) -> tuple[int, str]:
    return KEY_ORDER.get(str(key), len(KEY_ORDER)), str(key)


def _plain_number(number: float) -> float | int:
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def list_in(cell: object) -> list[Any] | None:
    """A list that holds something, also when the cell has one of lists or objects as text."""
    if isinstance(cell, str):
        cell = _parsed(cell)
    return cell if isinstance(cell, list) and cell else None


def as_turns(cell: object) -> list[dict[str, Any]] | None:
    """A list of messages, also when the cell holds one as JSON or as a Python literal."""
    found = list_in(cell)
    return found if found is not None and are_turns(found) else None


def are_turns(found: list[Any]) -> bool:
    return all(isinstance(turn, dict) for turn in found) and any(
        not {"role", "from"}.isdisjoint(turn) for turn in found
    )


def are_segments(found: list[Any]) -> bool:
    """Texts, each with a mark whether it is learned. Labels in words are something else."""
    return all(
        isinstance(each, dict)
        and isinstance(each.get("label"), bool)
        and isinstance(each.get("text"), str)
        for each in found
    )


def are_tools(found: list[Any]) -> bool:
    """JSON schemas of functions, with or without OpenAI's wrapping."""
    return all(isinstance(each, dict) and _is_tool(each) for each in found)


def _is_tool(value: dict[str, Any]) -> bool:
    """Calls have a name too, and arguments instead of a description."""
    function = value.get("function", value)
    return (
        isinstance(function, dict)
        and isinstance(function.get("name"), str)
        and "arguments" not in function
        and (function is not value or "description" in value or "parameters" in value)
    )


def are_pairs(found: list[Any]) -> bool:
    return all(
        isinstance(each, list) and len(each) == 2 and all(isinstance(text, str) for text in each)
        for each in found
    )


KINDS: tuple[Callable[[list[Any]], bool], ...] = (are_turns, are_segments, are_tools, are_pairs)


def json_in(text: str) -> Any:
    """The value of a JSON text, control characters forgiven; None when it is none."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _parsed(text: str) -> object:
    if not NESTED_LIST.match(text) or not text.rstrip().endswith("]"):
        return None
    value = json_in(text)
    return value if value is not None or len(text) > LITERAL_LIMIT else _literal(text.strip())


def _literal(text: str) -> object:
    """What pandas writes for a list. Values that JSON does not know are refused."""
    try:
        return json.loads(json.dumps(ast.literal_eval(text)))
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
