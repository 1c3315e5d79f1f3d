"""Translation between OpenAI's chat completions API and ours; nothing here reads or writes."""

import re
from typing import Any, Literal

import msgspec
from msgspec import Struct

from engine.protocol.problems import Problem, Refused
from engine.protocol.records import ReplyStamp
from engine.protocol.specs import Message, SamplingSpec

MAX_TOKENS = 2048  # where a client names none; the context is a bound in any case
ROLES: dict[str, Literal["system", "user", "assistant"]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}
# What would change the reply and is not there; with these values it changes nothing.
UNSUPPORTED: dict[str, tuple[Any, ...]] = {
    "n": (None, 1),
    "stop": (None, "", []),
    "tools": (None, []),
    "functions": (None, []),
    "tool_choice": (None, "none", "auto"),
    "logprobs": (None, False),
    "logit_bias": (None, {}),
    "frequency_penalty": (None, 0),
    "presence_penalty": (None, 0),
    "response_format": (None, {"type": "text"}),
    "modalities": (None, ["text"]),
    "audio": (None,),
}


class _Part(Struct):
    type: str
    text: str = ""


class _Message(Struct):
    role: str
    content: str | list[_Part] | None = None


class _StreamOptions(Struct):
    include_usage: bool = False


class _Request(Struct):
    """The fields that are understood; `top_k` and `repetition_penalty` as vLLM names them."""

    model: str
    messages: list[_Message]
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    repetition_penalty: float | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    seed: int | None = None
    stream: bool | None = None
    stream_options: _StreamOptions | None = None


class Wanted(Struct, frozen=True):
    """What a client asked for, in our words; `model` is still a name."""

    model: str
    messages: tuple[Message, ...]
    sampling: SamplingSpec
    stream: bool
    include_usage: bool


def chat_request(payload: bytes) -> Wanted:
    """Read the body of POST /v1/chat/completions.

    Raises Refused (status 400) naming the field that is wrong or not supported; fields that
    change nothing about the reply are ignored.
    """
    try:
        fields = msgspec.json.decode(payload)
        request = msgspec.convert(fields, _Request)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _invalid(f"The request cannot be read: {error}.".replace("`$.", "`")) from error
    for name, harmless in UNSUPPORTED.items():
        if fields.get(name) not in harmless:
            raise _invalid(f"'{name}' is not supported here.", f"Leave '{name}' out.")
    if not request.messages:
        raise _invalid("'messages' is empty.", "Send at least one message.")
    return Wanted(
        model=request.model,
        messages=tuple(_message(at, message) for at, message in enumerate(request.messages)),
        sampling=_sampling(request),
        stream=bool(request.stream),
        include_usage=bool(request.stream_options and request.stream_options.include_usage),
    )


def _message(at: int, message: _Message) -> Message:
    role = ROLES.get(message.role)
    if role is None:
        raise _invalid(
            f"'messages[{at}].role' is '{message.role}'.", f"Use one of {', '.join(ROLES)}."
        )
    if not isinstance(message.content, list):
        return Message(role, message.content or "")
    for part in message.content:
        if part.type != "text":
            raise _invalid(
                f"'messages[{at}].content' has a part of type '{part.type}'.", "Send text only."
            )
    return Message(role, "\n".join(part.text for part in message.content))


def _sampling(request: _Request) -> SamplingSpec:
    wanted = {
        "temperature": request.temperature,
        "top_p": request.top_p,
        "top_k": request.top_k,
        "repetition_penalty": request.repetition_penalty,
        "max_tokens": request.max_completion_tokens or request.max_tokens or MAX_TOKENS,
        "seed": None if request.seed is None else request.seed % 2**31,
    }
    given = {name: value for name, value in wanted.items() if value is not None}
    try:
        return msgspec.convert(given, SamplingSpec)
    except msgspec.ValidationError as error:
        raise _invalid(f"{error}.".replace("`$.", "`")) from error


def _invalid(message: str, hint: str = "") -> Refused:
    return Refused("invalid_request", message, hint, status=400)


def completion(
    *, id: str, created: float, model: str, text: str, stamp: ReplyStamp
) -> dict[str, Any]:
    """The body of an answer that is not streamed; our stamp is under `adapter_studio`."""
    return {
        "id": f"chatcmpl-{id}",
        "object": "chat.completion",
        "created": int(created),
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text, "refusal": None},
                "logprobs": None,
                "finish_reason": finish_reason(stamp),
            }
        ],
        "usage": usage(stamp),
        "adapter_studio": msgspec.to_builtins(stamp),
    }


def chunk(
    *,
    id: str,
    created: float,
    model: str,
    text: str | None = None,
    stamp: ReplyStamp | None = None,
    include_usage: bool = False,
) -> dict[str, Any]:
    """One event of a streamed answer: the role (neither text nor stamp), text, or the stamp.

    With `include_usage` every chunk has a `usage` of null, as OpenAI sends it; `usage_chunk`
    follows the last one.
    """
    if stamp is not None:
        delta: dict[str, Any] = {}
    elif text is None:
        delta = {"role": "assistant", "content": ""}
    else:
        delta = {"content": text}
    choice = {
        "index": 0,
        "delta": delta,
        "logprobs": None,
        "finish_reason": None if stamp is None else finish_reason(stamp),
    }
    body = _chunk(id, created, model, [choice])
    if include_usage:
        body["usage"] = None
    if stamp is not None:
        body["adapter_studio"] = msgspec.to_builtins(stamp)
    return body


def usage_chunk(*, id: str, created: float, model: str, stamp: ReplyStamp) -> dict[str, Any]:
    """The event after the last one, for clients that asked for `stream_options.include_usage`."""
    return {**_chunk(id, created, model, []), "usage": usage(stamp)}


def _chunk(id: str, created: float, model: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{id}",
        "object": "chat.completion.chunk",
        "created": int(created),
        "model": model,
        "choices": choices,
    }


def usage(stamp: ReplyStamp) -> dict[str, int]:
    return {
        "prompt_tokens": stamp.prompt_tokens,
        "completion_tokens": stamp.tokens,
        "total_tokens": stamp.prompt_tokens + stamp.tokens,
    }


def finish_reason(stamp: ReplyStamp) -> str:
    return "length" if stamp.finish == "length" else "stop"


def error(problem: Problem, status: int) -> dict[str, Any]:
    """OpenAI's error body for a problem: its clients show `message`, programs look at `code`."""
    field = re.search(r"(?:at `|')([a-z_]+)", problem.message)
    named = field[1] if field else None
    return {
        "error": {
            "message": f"{problem.message} {problem.hint}".strip(),
            "type": "invalid_request_error" if status < 500 else "server_error",
            "param": named if status == 400 else "model" if status == 404 else None,
            "code": problem.code,
        }
    }


SSE_END = b"data: [DONE]\n\n"


def sse(body: dict[str, Any]) -> bytes:
    """One server-sent event with that body; `SSE_END` follows the last."""
    return b"data: " + msgspec.json.encode(body) + b"\n\n"
