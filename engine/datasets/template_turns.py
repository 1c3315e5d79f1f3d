"""Turns in the form that chat templates take, with tools whether a template knows them or not."""

import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from engine.datasets.tools import CALLS, RESULT, TOOLS

KNOWS_TOOLS, KNOWS_CALLS = re.compile(r"\btools\b"), re.compile(r"\btool_calls\b")
# The system prompt of Nous Research's Hermes models, in the words that Qwen uses.
HERMES = """# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
{tools}
</tools>

For each function call, return a json object with function name and arguments within \
<tool_call></tool_call> XML tags:
<tool_call>
{{"name": <function-name>, "arguments": <args-json-object>}}
</tool_call>"""


class TemplateTurns(Struct, frozen=True):
    """What `apply_chat_template` takes: messages with role and content, and the tools' schemas."""

    turns: list[dict[str, Any]]
    tools: list[dict[str, Any]] | None = None


def template_turns(
    messages: Sequence[tuple[str, str]], template: str, *, arguments_as_text: bool = False
) -> TemplateTurns:
    """A row's turns for a template, given as its Jinja text.

    One that knows tools gets them as Hugging Face spells them; its arguments are objects, or JSON
    as text for the few templates that join texts. Any other gets the form of Hermes, so that
    nothing is dropped.
    """
    roles = {role for role, _ in messages}
    knows = (TOOLS not in roles or KNOWS_TOOLS.search(template)) and (
        roles.isdisjoint((CALLS, RESULT)) or KNOWS_CALLS.search(template)
    )
    if not knows:
        return TemplateTurns(hermes_turns(messages))
    tools = [msgspec.json.decode(text) for role, text in messages if role == TOOLS]
    return TemplateTurns(
        _hugging_face(messages, arguments_as_text=arguments_as_text), tools[0] if tools else None
    )


def _hugging_face(
    messages: Sequence[tuple[str, str]], *, arguments_as_text: bool
) -> list[dict[str, Any]]:
    """Results name their calls by their order, with ids of nine characters as Mistral wants."""
    turns: list[dict[str, Any]] = []
    waiting: list[dict[str, Any]] = []
    called = 0
    for role, content in messages:
        if role == CALLS:
            waiting = msgspec.json.decode(content)
            for call in waiting:
                called += 1
                call["id"] = f"call{called:05}"
                if arguments_as_text:
                    call["function"]["arguments"] = _json(call["function"]["arguments"])
            turns[-1]["tool_calls"] = list(waiting)
        elif role == RESULT:
            turn = {"role": role, "content": content}
            if waiting:
                call = waiting.pop(0)
                turn |= {"tool_call_id": call["id"], "name": call["function"]["name"]}
            turns.append(turn)
        elif role != TOOLS:
            turns.append({"role": role, "content": content})
    return turns


def hermes_turns(messages: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Tools in the system turn, calls in the assistant's text, results in a turn of the user."""
    rest = list(messages)
    turns: list[dict[str, Any]] = []
    if rest[0][0] == TOOLS:
        schemas = msgspec.json.decode(rest.pop(0)[1])
        told = HERMES.format(tools="\n".join(map(_json, schemas)))
        if rest and rest[0][0] == "system":
            told = f"{rest.pop(0)[1]}\n\n{told}"
        turns.append({"role": "system", "content": told})
    before = ""
    for role, content in rest:
        if role == CALLS:
            calls = (_json(call["function"]) for call in msgspec.json.decode(content))
            _add(turns[-1], *(f"<tool_call>\n{call}\n</tool_call>" for call in calls))
        elif role == RESULT:
            if before != RESULT:
                turns.append({"role": "user", "content": ""})
            _add(turns[-1], f"<tool_response>\n{content}\n</tool_response>")
        else:
            turns.append({"role": role, "content": content})
        before = role
    return turns


def _add(turn: dict[str, Any], *blocks: str) -> None:
    texts = [turn["content"]] if turn["content"] else []
    turn["content"] = "\n".join([*texts, *blocks])


def _json(value: object) -> str:
    """As the `tojson` of chat templates writes it."""
    return json.dumps(value, ensure_ascii=False)
