from pathlib import Path
from typing import Any

import msgspec
import pytest
from transformers import AutoTokenizer

from engine.datasets.render import MASKED, encode_row, read_rows, token_view
from engine.protocol.problems import Refused
from engine.protocol.records import Row
from tests.fakes.published_rows import write_rows
from tests.fakes.tiny_model import write_tiny_model

QUESTION = Row(1, 1, "train", (("user", "Where is the café? 🦜"), ("assistant", "Übermorgen 🦜.")))
TALK = Row(
    number=2,
    line=5,
    split="train",
    messages=(
        ("system", "Be brief."),
        ("user", "One?"),
        ("assistant", "Two."),
        ("user", "Three?"),
        ("assistant", "Four."),
        ("user", "Nobody answers this."),
    ),
)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return AutoTokenizer.from_pretrained(write_tiny_model(tmp_path_factory.mktemp("tiny")))


def learned(row: Row, tokenizer: Any, max_length: int = 512) -> str:
    """The text that carries loss, with a bar where masked text lies between."""
    encoded = encode_row(row, tokenizer, max_length=max_length)
    ids = [id if label == id else 257 for id, label in encoded_pairs(encoded)]
    text: str = tokenizer.decode(ids)
    return "|".join(part for part in text.split("<|im_start|>") if part)


def encoded_pairs(encoded: Any) -> list[tuple[int, int]]:
    return list(zip(encoded.input_ids, encoded.labels, strict=True))


def test_a_single_turn_is_the_prompt_of_generation_and_then_the_answer(tokenizer: Any) -> None:
    prompt = tokenizer.apply_chat_template(
        [{"role": "user", "content": QUESTION.messages[0][1]}],
        add_generation_prompt=True,
        return_dict=False,
    )
    answer = tokenizer(
        QUESTION.messages[1][1] + tokenizer.eos_token + "\n", add_special_tokens=False
    )["input_ids"]
    encoded = encode_row(QUESTION, tokenizer, max_length=512)
    assert list(encoded.input_ids) == prompt + answer
    assert list(encoded.labels) == [MASKED] * len(prompt) + answer
    assert encoded.supervised == len(answer)


def test_every_answer_of_a_talk_carries_loss_with_its_end_of_turn(tokenizer: Any) -> None:
    assert learned(TALK, tokenizer) == "Two.<|im_end|>\n|Four.<|im_end|>\n"
    ids = encode_row(TALK, tokenizer, max_length=512).input_ids
    assert "Nobody" not in tokenizer.decode(ids)


def test_the_pad_token_inside_an_answer_is_learned(tokenizer: Any) -> None:
    assert tokenizer.pad_token == tokenizer.eos_token == "<|im_end|>"
    labels = encode_row(QUESTION, tokenizer, max_length=512).labels
    assert labels[-2] == tokenizer.pad_token_id


def test_a_long_row_is_cut_at_its_end_and_says_by_how_much(tokenizer: Any) -> None:
    whole = encode_row(QUESTION, tokenizer, max_length=512)
    cut = encode_row(QUESTION, tokenizer, max_length=40)
    assert cut.input_ids == whole.input_ids[:40]
    assert cut.cut == len(whole.input_ids) - 40
    assert whole.cut == 0


def test_a_template_that_rewrites_earlier_turns_gets_loss_on_the_last_answer(
    tokenizer: Any,
) -> None:
    own = tokenizer.chat_template
    tokenizer.chat_template = (
        "{% for m in messages %}[{{ m.role }}]{{ m.content if loop.last else m.content | upper }}"
        "<|im_end|>{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}"
    )
    try:
        assert learned(TALK, tokenizer) == "Four.<|im_end|>"
    finally:
        tokenizer.chat_template = own


def test_a_generation_prompt_that_opens_a_thought_still_learns_the_answer(tokenizer: Any) -> None:
    own = tokenizer.chat_template
    tokenizer.chat_template = own.replace("assistant\n' }}", "assistant\n<think>\n' }}")
    try:
        assert learned(QUESTION, tokenizer) == "Übermorgen 🦜.<|im_end|>\n"
    finally:
        tokenizer.chat_template = own


def test_a_base_without_a_template_gets_the_plain_one(tokenizer: Any) -> None:
    own = tokenizer.chat_template
    tokenizer.chat_template = None
    try:
        view = token_view(TALK, tokenizer, max_length=512)
    finally:
        tokenizer.chat_template = own
    text = "".join(token.text for token in view.tokens)
    assert view.template == "Plain template"
    assert text == (
        "<|im_start|>Be brief.\n\n### Instruction:\nOne?\n\n### Response:\nTwo.<|im_end|>\n\n"
        "### Instruction:\nThree?\n\n### Response:\nFour.<|im_end|>\n\n"
    )


@pytest.mark.parametrize("max_length", [20, 512])
def test_the_token_view_shows_the_tokens_that_are_trained_on(
    tokenizer: Any, max_length: int
) -> None:
    encoded = encode_row(QUESTION, tokenizer, max_length=max_length)
    view = token_view(QUESTION, tokenizer, max_length=max_length)
    assert [token.loss for token in view.tokens] == [label != MASKED for label in encoded.labels]
    assert (view.row, view.cut, view.template) == (1, encoded.cut, "ChatML template")
    text = "".join(token.text for token in view.tokens)
    assert "<|im_start|>user\nWhere is the café? 🦜<|im_end|>\n".startswith(text[:46])
    if max_length == 512:
        assert text == tokenizer.decode(list(encoded.input_ids))


def test_a_row_without_an_answer_is_refused_with_its_line(tokenizer: Any) -> None:
    with pytest.raises(Refused, match=r"line 7"):
        encode_row(Row(3, 7, "train", (("user", "Hello"),)), tokenizer, max_length=64)


def test_a_template_that_refuses_a_role_is_named(tokenizer: Any) -> None:
    own = tokenizer.chat_template
    tokenizer.chat_template = "{{ raise_exception('System role not supported') }}"
    try:
        with pytest.raises(Refused, match=r"row 2 .*System role not supported"):
            encode_row(TALK, tokenizer, max_length=64)
    finally:
        tokenizer.chat_template = own


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    write_rows(tmp_path, (QUESTION, TALK))
    read = [msgspec.structs.replace(row, cells={}) for row in read_rows(tmp_path)]
    answered = msgspec.structs.replace(TALK, messages=TALK.messages[:-1])
    assert read == [QUESTION, answered]


def test_a_damaged_rows_file_is_refused_with_the_line(tmp_path: Path) -> None:
    write_rows(tmp_path, (QUESTION, TALK))
    rows = (tmp_path / "rows.jsonl").read_bytes()
    second = rows.index(b"\n") + 1
    (tmp_path / "rows.jsonl").write_bytes(rows[:second] + b"(" + rows[second + 1 :])
    with pytest.raises(Refused, match="line 2"):
        list(read_rows(tmp_path))
