import json

from hypothesis import given
from hypothesis import strategies as st

from desktop.features.chat.blocks import blocks_of, is_json, looks_like_json, split_blocks
from desktop.features.chat.highlight import spans


def test_prose_and_code_take_turns() -> None:
    text = "First:\n\n```python\nprint(1)\n```\n\nThen that."
    assert [(each.text, each.code, each.language) for each in split_blocks(text)] == [
        ("First:", False, ""),
        ("print(1)", True, "python"),
        ("Then that.", False, ""),
    ]


def test_an_open_fence_is_code_that_is_not_closed() -> None:
    (block,) = split_blocks("```sql\nSELECT")
    assert (block.text, block.code, block.closed) == ("SELECT", True, False)


def test_a_longer_fence_may_hold_a_shorter_one() -> None:
    (block,) = split_blocks("````md\n```py\nx\n```\n````")
    assert block.text == "```py\nx\n```"


def test_while_it_streams_a_blank_line_ends_a_block_but_not_a_list() -> None:
    text = "One.\n\nTwo.\n\n- a\n\n- b\n\nThree."
    assert [each.text for each in split_blocks(text, paragraphs=True)] == [
        "One.",
        "Two.\n\n- a\n\n- b",
        "Three.",
    ]


def test_each_block_says_where_it_begins() -> None:
    text = "One.\n\n```\nx\n```\ntail"
    assert [text[each.start :][:3] for each in split_blocks(text)] == ["One", "```", "tai"]


def test_an_answer_that_is_only_json_is_one_block_of_code() -> None:
    (block,) = blocks_of(' {"team": "billing"}\n')
    assert block.code
    assert block.text == '{"team": "billing"}'


def test_words_around_json_and_broken_json_stay_prose() -> None:
    assert not blocks_of('It is {"team": "billing"}')[0].code
    assert not is_json('{"team": ')
    assert not is_json('"text"')
    assert not is_json("[" * 100_000)


def test_a_link_does_not_look_like_json() -> None:
    assert looks_like_json('{"team"')
    assert looks_like_json('[{"team"')
    assert not looks_like_json("[a link](x)")


@given(st.text(alphabet="ab`~\n -1.|>", max_size=200))
def test_no_character_of_a_reply_is_lost_or_invented(text: str) -> None:
    for blocks in (split_blocks(text), split_blocks(text, paragraphs=True)):
        kept = "".join(each.text for each in blocks).replace("\n", "")
        rest = iter(text)
        assert all(letter in rest for letter in kept)
        assert [each.start for each in blocks] == sorted(each.start for each in blocks)


def test_known_languages_are_coloured_and_unknown_ones_left_alone() -> None:
    assert ("def", "accent") in [
        ("def f(): pass"[start : start + length], tone)
        for start, length, tone in spans("def f(): pass", "python")
    ]
    assert spans("def f(): pass", "no such language") == []
    assert spans("x = 1\n" * 10_000, "python") == []
    assert spans(json.dumps({"a": 1}), "") == []
