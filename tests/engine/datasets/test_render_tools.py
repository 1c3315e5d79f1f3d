"""What the model sees of tools, segments and answers that are not to be learned."""

from collections.abc import Iterator
from typing import Any

import pytest
from transformers import AutoTokenizer

from engine.datasets.render import encode_row, render_row, token_view
from engine.datasets.template_turns import template_turns
from engine.protocol.problems import Refused
from engine.protocol.records import BaseModel, Row
from engine.workers.tokens import load_tokenizer
from tests.engine.datasets.conventions import CALL, SCHEMAS, WITH_TOOLS
from tests.fakes.tiny_model import write_tiny_model

TOOLS_ROW = Row(1, 1, "train", WITH_TOOLS)
CALL_TEXT = '{"name": "weather", "arguments": {"city": "Bern ü", "day": 3}}'
QWEN = """\
{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0]['role'] == 'system' %}{{- messages[0]['content'] + '\\n\\n' }}{%- endif %}
    {{- '<tools>' }}
    {%- for tool in tools %}{{- '\\n' }}{{- tool | tojson }}{%- endfor %}
    {{- '\\n</tools><|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if message.role == 'tool' %}
        {%- if loop.index0 == 0 or messages[loop.index0 - 1].role != 'tool' %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\\n<tool_response>\\n' + message.content + '\\n</tool_response>' }}
        {%- if loop.last or messages[loop.index0 + 1].role != 'tool' %}{{- '<|im_end|>\\n' }}{%- endif %}
    {%- elif message.role != 'system' or not tools %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content }}
        {%- for call in message.tool_calls or [] %}
            {{- '\\n<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' }}
            {{- call.function.arguments | tojson }}{{- '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}
"""  # noqa: E501
JOINING = QWEN.replace(
    "{{- call.function.arguments | tojson }}", "{{- '' + call.function.arguments }}"
)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return AutoTokenizer.from_pretrained(write_tiny_model(tmp_path_factory.mktemp("tiny")))


@pytest.fixture
def tokenizer(tiny: Any) -> Iterator[Any]:
    """Its template may be changed."""
    own = tiny.chat_template
    yield tiny
    tiny.chat_template = own


def text_of(row: Row, tokenizer: Any) -> str:
    return "".join(piece.text for piece in render_row(row, tokenizer))


def learned(row: Row, tokenizer: Any) -> list[str]:
    return [piece.text for piece in render_row(row, tokenizer) if piece.loss]


def test_a_template_that_knows_tools_gets_them_and_calls_carry_loss(tokenizer: Any) -> None:
    tokenizer.chat_template = QWEN
    assert learned(TOOLS_ROW, tokenizer) == [
        f"\n<tool_call>\n{CALL_TEXT}\n</tool_call><|im_end|>\n",
        "It is 17 °C on day 3.<|im_end|>\n",
    ]
    text = text_of(TOOLS_ROW, tokenizer)
    assert text.startswith('<|im_start|>system\n<tools>\n{"type": "function", "function": {"name"')
    assert "<|im_start|>user\n<tool_response>\n17 °C\n</tool_response><|im_end|>\n" in text


def test_a_template_that_joins_texts_gets_arguments_as_text(tokenizer: Any) -> None:
    tokenizer.chat_template = QWEN
    expected = text_of(TOOLS_ROW, tokenizer)
    tokenizer.chat_template = JOINING
    assert text_of(TOOLS_ROW, tokenizer) == expected


def test_the_template_made_for_tools_is_taken_for_rows_with_tools(tokenizer: Any) -> None:
    own = tokenizer.chat_template
    tokenizer.chat_template = {"default": own, "tool_use": QWEN}
    assert "<tools>" in text_of(TOOLS_ROW, tokenizer)
    plain = Row(2, 2, "train", (("user", "q"), ("assistant", "a")))
    assert (
        text_of(plain, tokenizer)
        == "<|im_start|>user\nq<|im_end|>\n<|im_start|>assistant\na<|im_end|>\n"
    )


def test_the_built_in_base_knows_no_tools_and_gets_the_form_of_hermes(
    built_in_base: BaseModel,
) -> None:
    tokenizer = load_tokenizer(built_in_base.path)
    assert learned(TOOLS_ROW, tokenizer) == [
        f"<tool_call>\n{CALL_TEXT}\n</tool_call><|im_end|>\n",
        "It is 17 °C on day 3.<|im_end|>\n",
    ]
    text = text_of(TOOLS_ROW, tokenizer)
    assert text.startswith("<|im_start|>system\n# Tools\n")
    assert '<tools>\n{"type": "function", "function": {"name": "weather", "description"' in text
    assert "<|im_start|>user\n<tool_response>\n17 °C\n</tool_response><|im_end|>\n" in text
    encoded = encode_row(TOOLS_ROW, tokenizer, max_length=2048)
    view = token_view(TOOLS_ROW, tokenizer, max_length=2048)
    assert sum(token.loss for token in view.tokens) == encoded.supervised
    assert "".join(token.text for token in view.tokens) == text


def test_hermes_keeps_the_system_prompt_and_joins_calls_and_results() -> None:
    two = CALL[:-1] % 1 + "," + CALL[1:] % 2
    messages = (
        ("tools", SCHEMAS), ("system", "Be exact."), ("user", "q"), ("assistant", "Looking."),
        ("tool_calls", two), ("tool", "one"), ("tool", "two"), ("assistant", "a"),
    )  # fmt: skip
    system, _, call, results, _ = template_turns(messages, "{{ messages }}").turns
    assert system["content"].startswith("Be exact.\n\n# Tools\n")
    assert call["content"].startswith("Looking.\n<tool_call>\n{")
    assert call["content"].count("<tool_call>") == 2
    assert results == {
        "role": "user",
        "content": "<tool_response>\none\n</tool_response>\n<tool_response>\ntwo\n</tool_response>",
    }


def test_results_name_their_calls_by_their_order() -> None:
    two = CALL[:-1] % 1 + "," + CALL[1:] % 2
    messages = (("user", "q"), ("assistant", ""), ("tool_calls", two), ("tool", "a"), ("tool", "b"))
    told = template_turns(messages, "tool_calls")
    assert [call["id"] for call in told.turns[1]["tool_calls"]] == ["call00001", "call00002"]
    assert [turn["tool_call_id"] for turn in told.turns[2:]] == ["call00001", "call00002"]
    assert told.tools is None


def test_a_conversation_that_ends_with_a_call_learns_the_call(tokenizer: Any) -> None:
    row = Row(1, 1, "train", WITH_TOOLS[:4])
    tokenizer.chat_template = QWEN
    assert learned(row, tokenizer) == [f"\n<tool_call>\n{CALL_TEXT}\n</tool_call><|im_end|>\n"]
    # This one rewrites what is earlier: only the last answer is as generation would see it.
    tokenizer.chat_template = QWEN.replace(
        "message.content }}", "(message.content if loop.last else message.content | upper) }}"
    )
    last = Row(1, 1, "train", (("user", "q"), ("assistant", "a"), *WITH_TOOLS[1:4]))
    assert learned(last, tokenizer) == [f"\n<tool_call>\n{CALL_TEXT}\n</tool_call><|im_end|>\n"]


def test_a_template_that_refuses_calls_is_named(tokenizer: Any) -> None:
    tokenizer.chat_template = "{{ tools }}{{ tool_calls }}{{ raise_exception('One call only') }}"
    with pytest.raises(Refused, match=r"row 1 .*One call only"):
        render_row(TOOLS_ROW, tokenizer)


def test_segments_meet_no_template_and_the_last_one_learned_is_ended(tokenizer: Any) -> None:
    row = Row(1, 1, "train", (("masked", "Why? "), ("text", "So"), ("text", ".")))
    assert [(piece.text, piece.loss) for piece in render_row(row, tokenizer)] == [
        ("Why? ", False), ("So", True), (".<|im_end|>", True),
    ]  # fmt: skip
    ended = Row(1, 1, "train", (("masked", "Why? "), ("text", "So.<|im_end|>\n")))
    assert text_of(ended, tokenizer) == "Why? So.<|im_end|>\n"
    seen = Row(1, 1, "train", (("text", "So."), ("masked", " And then?")))
    assert text_of(seen, tokenizer) == "So. And then?"


def test_an_answer_that_is_not_desirable_carries_no_loss(tokenizer: Any) -> None:
    messages = (("user", "q"), ("assistant", "a"))
    good = encode_row(Row(1, 1, "train", messages, desirable=True), tokenizer, max_length=64)
    bad = encode_row(Row(1, 1, "train", messages, desirable=False), tokenizer, max_length=64)
    assert bad.input_ids == good.input_ids
    assert (bad.supervised, good.supervised > 0) == (0, True)


def test_a_chosen_answer_is_learned_and_the_rejected_one_is_not_there(tokenizer: Any) -> None:
    row = Row(
        1, 1, "train", (("user", "q"), ("assistant", "good")), rejected=(("assistant", "bad"),)
    )
    assert learned(row, tokenizer) == ["good<|im_end|>\n"]
    assert "bad" not in text_of(row, tokenizer)
