from msgspec.structs import replace

from desktop.features.datasets.wording import convention_of, groups_of, place_of
from engine.protocol.dataset_specs import Mapping
from engine.protocol.records import Finding
from tests.desktop.features.records import FINDINGS, TICKETS


def test_findings_of_one_sort_become_one_line_and_errors_come_first() -> None:
    groups = groups_of(replace(TICKETS, findings=tuple(reversed(FINDINGS))))
    assert [(group.text, group.fix) for group in groups] == [
        ("The answer in 'completion' is empty", "Skip"),
        ("2 exact duplicates", "Remove"),
    ]


def test_a_line_counts_all_of_a_sort_and_not_only_what_was_kept() -> None:
    many = replace(TICKETS, finding_counts={"unusable": 7, "duplicate": 1_402})
    assert [group.text for group in groups_of(many)] == [
        "7 rows teach nothing",
        "1,402 exact duplicates",
    ]


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
