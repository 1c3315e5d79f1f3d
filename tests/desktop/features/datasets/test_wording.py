from desktop.features.datasets.wording import convention_of, groups_of, place_of
from engine.protocol.records import Finding
from engine.protocol.specs import Mapping
from tests.desktop.features.records import FINDINGS


def test_findings_of_one_sort_become_one_line_and_errors_come_first() -> None:
    groups = groups_of(tuple(reversed(FINDINGS)))
    assert [group.text for group in groups] == [
        "The answer in 'completion' is empty",
        "2 exact duplicates",
    ]


def test_duplicates_across_the_split_are_a_sort_of_their_own() -> None:
    across = Finding(
        "warning", "Repeats row 3, which is on the other side of the split", "f", 9, 9, "leak"
    )
    assert groups_of((across,))[0].text == "1 row in training and validation"


def test_a_place_names_file_and_line() -> None:
    assert place_of(Finding("error", "x", "tickets.jsonl", 1203)) == "tickets.jsonl, line 1,203"
    assert place_of(Finding("error", "x", "tickets.jsonl")) == "tickets.jsonl"


def test_two_columns_are_called_by_their_names() -> None:
    assert convention_of(Mapping(user="question", assistant="reply")) == "question / reply"


def test_conventions_are_called_by_their_names() -> None:
    assert convention_of(Mapping("unpaired", user="p", assistant="c", label="l")) == (
        "unpaired preference"
    )
    assert convention_of(Mapping("messages", messages="m", tools="t")) == "messages with tools"
