"""Tools and their calls in one spelling, whichever of the common ones a file has."""

from collections.abc import Mapping as Values
from typing import Any

from engine.datasets.cells import RowError, compact, in_order, json_in, list_in

TOOLS, CALLS, RESULT = "tools", "tool_calls", "tool"  # roles beside the three that speak


def tool_schemas(cell: object, column: str) -> str:
    """The tools of a row as JSON in OpenAI's wrapping, empty when it has none.

    Raises RowError when the cell holds something else.
    """
    found = list_in(cell)
    if found is None:
        if isinstance(cell, str) and cell.strip() not in ("", "[]", "null"):
            raise RowError(f"'{column}' is no list of tools")
        return ""
    schemas = [_schema(each) for each in found]
    if any(not isinstance(each["function"].get("name"), str) for each in schemas):
        raise RowError(f"'{column}' holds a tool without a name")
    return compact(in_order(schemas))


def _schema(tool: Any) -> dict[str, Any]:
    if isinstance(tool, dict) and isinstance(tool.get("function"), dict):
        return {"type": "function", "function": tool["function"]}
    return {"type": "function", "function": tool if isinstance(tool, dict) else {}}


def calls_of(message: Values[str, Any], number: int) -> str:
    """The calls of an assistant's message as JSON, empty when it has none.

    Knows `tool_calls` of OpenAI and Hugging Face, and OpenAI's older `function_call`.
    """
    calls = message.get("tool_calls") or message.get("function_call")
    return _calls(calls, number) if calls else ""


def calls_in(value: object, number: int) -> str:
    """The calls in the value of a `function_call` turn: one, or a list of them."""
    calls = json_in(value) if isinstance(value, str) else value
    return _calls(calls, number)


def _calls(calls: object, number: int) -> str:
    each = calls if isinstance(calls, list) else [calls]
    return compact([_call(call, number) for call in each])


def _call(call: Any, number: int) -> dict[str, Any]:
    function = call.get("function", call) if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise RowError(f"Message {number} holds a call without the name of a tool")
    arguments = function.get("arguments")
    if isinstance(arguments, str):
        arguments = json_in(arguments) if arguments.strip() else {}
    elif arguments is None:
        arguments = {}
    if not isinstance(arguments, dict):
        raise RowError(f"Message {number} calls '{function['name'][:40]}' with broken arguments")
    called = {"name": function["name"], "arguments": in_order(arguments)}
    return {"type": "function", "function": called}
