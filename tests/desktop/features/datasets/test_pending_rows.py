import json

import pytest

from desktop.features.datasets.json_editor import compact, pretty, problem_of
from desktop.features.datasets.pending_edits import Changes
from desktop.features.datasets.pending_rows import added_row, mark_of, overlaid
from engine.protocol.dataset_specs import Mapping
from engine.protocol.records import Row

TALK = [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "So."}]
MESSAGES = Mapping("messages", messages="turns")


def test_a_row_tells_what_becomes_of_it() -> None:
    changes = Changes(1, {1: {"prompt": "x"}, 2: {"prompt": "y"}}, frozenset({2}))
    rows = [Row(number, number, "train", ()) for number in (1, 2, 3)]
    assert [mark_of(row, changes) for row in rows] == ["changed", "to be removed", ""]
    assert mark_of(added_row({}), changes) == "new"


def test_an_edited_conversation_shows_its_new_turns() -> None:
    row = Row(1, 1, "train", (("user", "Old"), ("assistant", "Old")))
    changes = Changes(1, {1: {"turns": json.dumps(TALK)}})
    assert overlaid(MESSAGES, row, changes).messages == (("user", "Why?"), ("assistant", "So."))
    assert overlaid(MESSAGES, row, Changes()) is row


def test_an_edited_preference_shows_both_answers() -> None:
    mapping = Mapping("preference", user="prompt", chosen="good", rejected="bad")
    cells = {"prompt": "Why?", "good": "So.", "bad": json.dumps([TALK[1]])}
    shown = overlaid(mapping, Row(1, 1, "train", ()), Changes(1, {1: cells}))
    assert shown.messages == (("user", "Why?"), ("assistant", "So."))
    assert shown.rejected == (("assistant", "So."),)


def test_edited_segments_show_what_is_read_and_what_is_learned() -> None:
    mapping = Mapping("segments", segments="parts")
    parts = [{"label": False, "text": "a"}, {"label": True, "text": "b"}]
    shown = overlaid(mapping, added_row({"parts": json.dumps(parts)}), Changes())
    assert shown.messages == (("masked", "a"), ("text", "b"))


def test_json_is_pretty_to_read_and_compact_to_keep() -> None:
    assert pretty('[{"role":"ü"}]') == '[\n  {\n    "role": "ü"\n  }\n]'
    assert compact(pretty('[{"role":"ü"}]')) == '[{"role":"ü"}]'
    assert pretty("[no") == compact("[no") == "[no"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[{"a": 1}\n{"b": 2}]', "Line 2, column 1 is no JSON"),
        ("{}", "A conversation is a list"),
        ("[]", "A conversation is a list"),
        ('[{"role": "user"}, "hi"]', "Message 2 is no object"),
        (json.dumps(TALK), ""),
    ],
)
def test_what_is_no_conversation_is_told(text: str, told: str) -> None:
    problem = problem_of(text)
    assert problem.startswith(told)
    assert bool(problem) == bool(told)
