import json
from typing import Any

import pytest
from openai.types import Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, BaseModel, ModelStatus, ReplyStamp
from engine.protocol.specs import Message, SamplingSpec
from engine.server import openai_payloads
from engine.server.model_names import model_list, resolve_model
from engine.server.openai_payloads import MAX_TOKENS, Wanted, chat_request

STAMP = ReplyStamp("a" * 32, "f" * 64, "transformers", 0.01, 150.0, 20.5, 12, 34, "length")
HEAD: dict[str, Any] = {"id": "1", "created": 1700000000.5, "model": "Smol:tickets"}
HELLO = [{"role": "user", "content": "Hello"}]

SMOL = BaseModel("1" * 32, "Smol", "/smol", "folder", created_at=5.0)
COLON = BaseModel("2" * 32, "qwen:0.5b", "/qwen", "gguf")
LATE = BaseModel("3" * 32, "Late", "/late", "folder", status=ModelStatus.PREPARING)
TICKETS = Adapter("4" * 32, "tickets", 1, "/t", "h", base=SMOL.id, base_name="Smol")
LEGAL = Adapter("5" * 32, "legal: v2", 1, "/l", "h", base=COLON.id, base_name="qwen:0.5b")
STRAY = Adapter("6" * 32, "stray", 1, "/s", "h")
MODELS, ADAPTERS = (SMOL, COLON, LATE), (TICKETS, LEGAL, STRAY)


def read(**fields: Any) -> Wanted:
    return chat_request(json.dumps({"model": "Smol", "messages": HELLO, **fields}).encode())


def refused(**fields: Any) -> dict[str, Any]:
    with pytest.raises(Refused) as caught:
        read(**fields)
    assert caught.value.status == 400
    body = openai_payloads.error(caught.value.problem, caught.value.status)
    found: dict[str, Any] = body["error"]
    assert set(found) == {"message", "type", "param", "code"}
    assert found["type"] == "invalid_request_error"
    return found


def test_a_bare_request_takes_our_defaults() -> None:
    sampling = SamplingSpec(max_tokens=MAX_TOKENS)
    messages = (Message("user", "Hello"),)
    assert read() == Wanted("Smol", messages, sampling, stream=False, include_usage=False)


def test_every_understood_field_is_taken() -> None:
    wanted = read(
        messages=[
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "name": "me", "content": [{"type": "text", "text": t} for t in "ab"]},
            {"role": "assistant", "content": None},
        ],
        temperature=0,
        top_p=0.5,
        top_k=3,
        repetition_penalty=1.2,
        max_tokens=7,
        max_completion_tokens=9,
        seed=2**31 + 5,
        stream=True,
        stream_options={"include_usage": True},
        user="somebody",
        metadata={"a": "b"},
        store=False,
        n=1,
        stop=None,
        response_format={"type": "text"},
    )
    assert [(m.role, m.content) for m in wanted.messages] == [
        ("system", "Be brief."),
        ("user", "a\nb"),
        ("assistant", ""),
    ]
    assert wanted.sampling == SamplingSpec(0, 0.5, 1.2, 3, 9, 5)
    assert wanted.stream
    assert wanted.include_usage


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n", 2),
        ("stop", ["\n"]),
        ("tools", [{"type": "function"}]),
        ("response_format", {"type": "json_object"}),
        ("logprobs", True),
        ("logit_bias", {"50256": -100}),
        ("presence_penalty", 0.5),
        ("temperature", 3),
        ("temperature", "hot"),
        ("top_p", 0),
        ("max_tokens", -1),
        ("messages", []),
        ("messages", "Hello"),
        ("messages", [{"role": "tool", "content": "4"}]),
        ("messages", [{"role": "user", "content": [{"type": "image_url"}]}]),
        ("stream", "yes"),
    ],
)
def test_what_cannot_be_done_is_refused_and_named(field: str, value: Any) -> None:
    assert field in refused(**{field: value})["message"]


def test_an_error_names_the_parameter() -> None:
    assert refused(n=2)["param"] == "n"
    assert refused(temperature=3)["param"] == "temperature"
    assert refused(messages=[{"role": "tool", "content": ""}])["param"] == "messages"


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b"null", b'{"model": "x"}', b"\xff\xfe"])
def test_a_body_that_is_no_request_is_refused(payload: bytes) -> None:
    with pytest.raises(Refused) as caught:
        chat_request(payload)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Smol", (SMOL, None)),
        (SMOL.id, (SMOL, None)),
        ("Smol:tickets", (SMOL, TICKETS)),
        (f"{SMOL.id}:{TICKETS.id}", (SMOL, TICKETS)),
        ("qwen:0.5b", (COLON, None)),
        ("qwen:0.5b:legal: v2", (COLON, LEGAL)),
    ],
)
def test_names_and_ids_are_resolved(name: str, expected: tuple[BaseModel, Adapter | None]) -> None:
    assert resolve_model(name, MODELS, ADAPTERS) == expected


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("", 404),
        ("smol", 404),
        ("Smol:", 404),
        ("Smol:nothing", 404),
        ("tickets", 404),
        ("qwen", 404),
        ("Smol:legal: v2", 400),
        ("Smol:stray", 400),
        ("Late", 409),
    ],
)
def test_nothing_falls_back_on_the_base(name: str, status: int) -> None:
    with pytest.raises(Refused) as caught:
        resolve_model(name, MODELS, ADAPTERS)
    assert caught.value.status == status
    if status == 404:
        body = openai_payloads.error(caught.value.problem, status)["error"]
        assert (body["code"], body["param"]) == ("model_not_found", "model")


def test_the_list_names_what_can_be_asked_for() -> None:
    listed = model_list(MODELS, ADAPTERS)
    assert listed["object"] == "list"
    names = [Model.model_validate(model, strict=True).id for model in listed["data"]]
    assert names == ["Smol", "Smol:tickets", "qwen:0.5b", "qwen:0.5b:legal: v2"]
    for name in names:
        resolve_model(name, MODELS, ADAPTERS)


def test_a_completion_is_what_openai_sends() -> None:
    body = openai_payloads.completion(**HEAD, text="Hi", stamp=STAMP)
    found = ChatCompletion.model_validate_json(json.dumps(body), strict=True)
    assert found.id == "chatcmpl-1"
    assert found.created == 1700000000
    assert found.choices[0].message.content == "Hi"
    assert found.choices[0].finish_reason == "length"
    assert found.usage is not None
    assert found.usage.total_tokens == 46
    assert found.model_extra is not None
    assert found.model_extra["adapter_studio"]["adapter_hash"] == "f" * 64


def test_a_stream_is_what_openai_sends() -> None:
    bodies = [
        openai_payloads.chunk(**HEAD, include_usage=True),
        openai_payloads.chunk(**HEAD, text="Hi", include_usage=True),
        openai_payloads.chunk(**HEAD, stamp=STAMP, include_usage=True),
        openai_payloads.usage_chunk(**HEAD, stamp=STAMP),
    ]
    events = b"".join(map(openai_payloads.sse, bodies)) + openai_payloads.SSE_END
    *lines, end = events.decode().strip().split("\n\n")
    assert end == "data: [DONE]"
    role, text, last, usage = (
        ChatCompletionChunk.model_validate_json(line.removeprefix("data: "), strict=True)
        for line in lines
    )
    assert role.choices[0].delta.role == "assistant"
    assert text.choices[0].delta.content == "Hi"
    assert text.choices[0].finish_reason is None
    assert last.choices[0].finish_reason == "length"
    assert last.model_extra is not None
    assert last.model_extra["adapter_studio"]["tokens_per_second"] == 20.5
    assert usage.choices == []
    assert usage.usage is not None
    assert usage.usage.completion_tokens == 12


def test_usage_is_left_out_where_it_was_not_asked_for() -> None:
    assert "usage" not in openai_payloads.chunk(**HEAD, text="Hi")
