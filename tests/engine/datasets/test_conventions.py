"""Every convention in every kind of file is the same dataset, and the traps between them."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.datasets.cells import shown
from engine.datasets.conversation import Example, example_of
from engine.datasets.row_file import read_rows
from engine.protocol.dataset_specs import Mapping
from tests.engine.datasets.conventions import (
    CONVENTIONS,
    SCHEMA,
    SCHEMAS,
    Convention,
    called,
    said,
    write_files,
)
from tests.engine.datasets.test_importing import bring, found, lines, table

BERN = '{"city":"Bern ü"}'


def name_of(convention: Convention) -> str:
    return convention.name.replace(" ", "-")


@pytest.mark.parametrize("convention", CONVENTIONS, ids=name_of)
def test_every_kind_of_file_gives_the_same_dataset(tmp_path: Path, convention: Convention) -> None:
    made = [bring(path) for path in write_files(tmp_path, convention.rows)]
    assert [each.mapping for each in made] == [convention.mapping] * len(made)
    assert {(each.rows, each.finding_count) for each in made} == {(12, made[0].finding_count)}
    assert not [each for each in made[0].findings if each.severity == "error"]
    assert {each.sha256 for each in made} == {made[0].sha256}


@pytest.mark.parametrize("convention", CONVENTIONS, ids=name_of)
def test_what_a_row_teaches(tmp_path: Path, convention: Convention) -> None:
    made = bring(tmp_path / "a.jsonl", lines(*convention.rows))
    row = next(row for row in read_rows(made.path) if row.number == 4)
    assert row.messages == convention.messages
    assert (row.rejected, row.desirable) == (convention.rejected, convention.desirable)


@pytest.mark.parametrize("convention", CONVENTIONS, ids=name_of)
def test_what_the_table_shows_teaches_the_same(convention: Convention) -> None:
    for row in convention.rows:
        texts = {name: shown(cell) for name, cell in row.items()}
        assert {name: shown(text) for name, text in texts.items()} == texts
        spelled = {name: as_json(cell) for name, cell in row.items()}
        example = example_of(row, convention.mapping)
        assert example_of(texts, convention.mapping) == example
        assert example_of(spelled, convention.mapping) == example


def as_json(cell: object) -> object:
    return json.dumps(cell, indent=1) if isinstance(cell, list) else cell


def mapping_of(tmp_path: Path, *rows: Any) -> Mapping:
    return bring(tmp_path / "a.jsonl", lines(*rows)).mapping


def test_a_label_in_words_beside_prompt_and_completion_is_no_preference(tmp_path: Path) -> None:
    rows = ({"prompt": f"p{at}", "completion": "c", "label": "good"} for at in range(4))
    assert mapping_of(tmp_path, *rows).convention == "prompt_completion"


@pytest.mark.parametrize("labels", [(True, False), ("true", "false"), ("True", "False")])
def test_a_label_that_is_true_or_false_beside_them_is_one(
    tmp_path: Path, labels: tuple[object, object]
) -> None:
    rows = [{"prompt": f"p{at}", "completion": "c", "label": labels[at % 2]} for at in range(4)]
    made = bring(tmp_path / "a.jsonl", lines(*rows))
    assert made.mapping.convention == "unpaired"
    assert [row.desirable for row in read_rows(made.path)] == [True, False, True, False]


def test_a_label_that_is_true_or_false_beside_a_text_is_a_class(tmp_path: Path) -> None:
    rows = ({"text": f"Story {at}", "label": at % 2 > 0} for at in range(20))
    assert mapping_of(tmp_path, *rows) == Mapping("columns", user="text", assistant="label")


def test_a_label_of_few_words_beside_a_text_is_a_class(tmp_path: Path) -> None:
    rows = ({"id": f"r{at}", "sentence": f"s{at}", "label": "ab"[at % 2]} for at in range(20))
    assert mapping_of(tmp_path, *rows) == Mapping("columns", user="sentence", assistant="label")


def test_a_label_that_is_neither_true_nor_false_is_named(tmp_path: Path) -> None:
    row = {"prompt": "p", "completion": "c", "label": True}
    made = bring(tmp_path / "a.jsonl", lines(row, {**row, "prompt": "q", "label": None}, row))
    assert found(made)[0] == ("error", 2, "The label in 'label' is neither true nor false")


def test_a_column_called_role_is_who_the_assistant_is(tmp_path: Path) -> None:
    row = {"role": "A teacher", "question": "Why?", "answer": "So."}
    assert mapping_of(tmp_path, row, row).system == "role"


@pytest.mark.parametrize("column", ["conversations", "texts", "messages", "turns"])
def test_messages_are_found_whatever_their_column_is_called(tmp_path: Path, column: str) -> None:
    talk = [said("user", "Why?"), said("assistant", "So.")]
    expected = Mapping("messages", messages=column)
    assert mapping_of(tmp_path, {"n": 1, column: talk}) == expected


def test_a_list_of_messages_per_line_is_a_conversation(tmp_path: Path) -> None:
    talk = [said("user", "Why?"), said("assistant", "So.")]
    assert mapping_of(tmp_path, talk, talk) == Mapping("messages", messages="messages")


def test_two_answers_win_over_a_column_of_messages(tmp_path: Path) -> None:
    talks = [[said("user", "Why?"), said("assistant", answer)] for answer in ("So.", "No.")]
    row = {"prompt": "Why?", "messages": talks[0], "chosen": talks[0], "rejected": talks[1]}
    made = bring(tmp_path / "a.jsonl", lines(row, row))
    assert made.mapping == Mapping(
        "preference", user="prompt", chosen="chosen", rejected="rejected"
    )
    first = next(read_rows(made.path))
    assert first.messages == (("user", "Why?"), ("assistant", "So."))
    assert first.rejected == (("assistant", "No."),)


PREFERENCE = Mapping("preference", chosen="chosen", rejected="rejected")


def test_two_answers_part_where_they_differ() -> None:
    start = [said("system", "s"), said("user", "q"), said("assistant", "a"), said("user", "r")]
    example = example_of(
        {
            "chosen": [*start, said("assistant", "b"), said("user", "t"), said("assistant", "c")],
            "rejected": [*start, said("assistant", "no"), said("user", "nobody answers")],
        },
        PREFERENCE,
    )
    assert [content for _, content in example.messages] == ["s", "q", "a", "r", "b", "t", "c"]
    assert example.rejected == (("assistant", "no"),)


def test_a_rejected_call_keeps_the_text_before_it() -> None:
    start = [said("user", "q")]
    example = example_of(
        {
            "chosen": [*start, called(0, {"city": "Bern"})],
            "rejected": [*start, called(0, {"city": "Rome"})],
        },
        PREFERENCE,
    )
    assert [role for role, _ in example.messages] == ["user", "assistant", "tool_calls"]
    assert [role for role, _ in example.rejected] == ["assistant", "tool_calls"]


@pytest.mark.parametrize(
    ("chosen", "rejected", "why"),
    [
        ("same", "same", "The chosen and the rejected answer are the same"),
        ("good", "", "The answer in 'rejected' is empty"),
        ("good", "bad", "The chosen and the rejected answer share no message of the user"),
    ],
)
def test_answers_that_cannot_be_compared_are_named(
    tmp_path: Path, chosen: str, rejected: str, why: str
) -> None:
    talk = [said("user", "q"), said("assistant", "a")]
    good = {"chosen": talk, "rejected": [talk[0], said("assistant", "b")]}
    bad = {"chosen": chosen, "rejected": rejected}
    made = bring(tmp_path / "a.jsonl", lines(good, bad, good))
    assert found(made)[0] == ("error", 2, why)


def test_a_conversation_may_end_with_a_call() -> None:
    talk = [said("user", "q"), called(0, '{"city": "Bern"}'), said("tool", "17")]
    turns = example_of({"messages": talk}, Mapping("messages", messages="messages")).messages
    assert [role for role, _ in turns] == ["user", "assistant", "tool_calls"]


@pytest.mark.parametrize(
    "message",
    [
        called(0, "{broken"),
        called(0, "[1]"),
        {"role": "assistant", "tool_calls": [{"function": {}}]},
        {"role": "assistant", "tool_calls": "weather"},
        {"from": "function_call", "value": "weather(Bern)"},
    ],
)
def test_a_call_that_cannot_be_understood_is_named(tmp_path: Path, message: Any) -> None:
    good = [said("user", "q"), said("assistant", "a")]
    made = bring(tmp_path / "a.jsonl", lines({"m": good}, {"m": [good[0], message]}, {"m": good}))
    assert made.rows == 2
    assert found(made)[0][:2] == ("error", 2)


@pytest.mark.parametrize(
    "message",
    [
        called(0, {"city": "Bern ü"}, id="call_1"),
        called(0, BERN),
        {"role": "assistant", "function_call": {"name": "weather", "arguments": BERN}},
        {"from": "function_call", "value": f'{{"name": "weather", "arguments": {BERN}}}'},
        {"from": "function_call", "value": f'[{{"name": "weather", "arguments": {BERN}}}]'},
    ],
)
def test_all_spellings_of_a_call_are_one(message: Any) -> None:
    talk = [said("user", "q"), message]
    example = example_of({"m": talk}, Mapping("messages", messages="m"))
    assert example == Example(
        (
            ("user", "q"),
            ("assistant", ""),
            (
                "tool_calls",
                f'[{{"type":"function","function":{{"name":"weather","arguments":{BERN}}}}}]',
            ),
        )
    )


@pytest.mark.parametrize("tools", [[SCHEMA], [SCHEMA["function"]], json.dumps([SCHEMA], indent=2)])
def test_all_spellings_of_a_tool_are_one(tools: Any) -> None:
    cells = {"prompt": "q", "completion": "a", "tools": tools}
    mapping = Mapping("prompt_completion", user="prompt", assistant="completion", tools="tools")
    assert example_of(cells, mapping).messages[0] == ("tools", SCHEMAS)


def test_a_column_called_tools_that_holds_none_is_left_alone(tmp_path: Path) -> None:
    row = {"prompt": "q", "completion": "a", "tools": "hammer"}
    assert mapping_of(tmp_path, row, row).tools == ""


def test_answers_that_look_like_lists_keep_their_spelling(tmp_path: Path) -> None:
    answers = (
        '[{"text": "Bern",  "label": "city"}]',
        '[{"name": "a",  "arguments": {}}]',
        "[[1, 2]]",
    )
    rows = [{"prompt": f"p{at}", "completion": answer} for at, answer in enumerate(answers)]
    made = bring(tmp_path / "a.csv", table(rows))
    assert tuple(row.messages[-1][1] for row in read_rows(made.path)) == answers


def test_segments_of_which_none_is_learned_are_named(tmp_path: Path) -> None:
    good = {"segments": [{"label": True, "text": "learned"}]}
    bad = {"segments": [{"label": False, "text": "seen"}]}
    made = bring(
        tmp_path / "a.jsonl", lines(good, bad, {"segments": [{"label": True, "text": "x"}]})
    )
    assert found(made) == [("error", 2, "No segment in 'segments' is to be learned")]


def test_half_a_surrogate_in_a_message_is_named(tmp_path: Path) -> None:
    good = lines({"messages": [said("user", "q"), said("assistant", "a")]})
    made = bring(tmp_path / "a.jsonl", good + good.replace('"q"', '"\\ud800"') + good)
    assert made.rows == 2
    assert found(made)[0][:2] == ("error", 2)
