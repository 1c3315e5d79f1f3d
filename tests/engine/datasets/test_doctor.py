"""What is said about rows that can be read and still are no good."""

from pathlib import Path
from typing import Any

import pytest

from engine.datasets.row_file import read_rows
from engine.protocol.records import Dataset, Finding
from tests.engine.datasets.test_importing import bring, lines

PLAIN: list[dict[str, Any]] = [
    {"prompt": f"What is {at} plus {at}?", "completion": f"It is {2 * at}, of course, and no more."}
    for at in range(40)
]


def of(dataset: Dataset, code: str) -> list[Finding]:
    return [finding for finding in dataset.findings if finding.code == code]


def test_good_rows_have_no_findings(tmp_path: Path) -> None:
    assert bring(tmp_path / "a.jsonl", lines(*PLAIN)).findings == ()


def test_another_answer_to_the_same_prompt_is_a_conflict(tmp_path: Path) -> None:
    again = {**PLAIN[4], "completion": "Nobody knows."}
    (finding,) = of(bring(tmp_path / "a.jsonl", lines(*PLAIN, again)), "conflict")
    assert (finding.row, finding.line) == (41, 41)
    assert finding.message == "Asks what row 5 asks, with another answer"


def test_an_exact_duplicate_is_no_conflict(tmp_path: Path) -> None:
    made = bring(tmp_path / "a.jsonl", lines(*PLAIN, PLAIN[4]))
    assert [finding.code for finding in made.findings] == ["duplicate"]


def test_the_same_prompt_never_straddles_the_split(tmp_path: Path) -> None:
    rows = [{"prompt": f"Question {at % 50}?", "completion": f"Answer {at}"} for at in range(500)]
    made = bring(tmp_path / "a.jsonl", lines(*rows))
    sides: dict[str, set[str]] = {}
    for row in read_rows(made.path):
        sides.setdefault(row.messages[0][1], set()).add(row.split)
    assert all(len(side) == 1 for side in sides.values())
    assert made.validation_rows > 0
    assert of(made, "leak") == []


@pytest.mark.parametrize("answer", [PLAIN[0]["completion"], "Another one."])
def test_a_prompt_on_both_sides_of_a_given_split_is_a_leak(tmp_path: Path, answer: str) -> None:
    rows = [{**row, "split": "train"} for row in PLAIN]
    rows.append({"prompt": PLAIN[0]["prompt"], "completion": answer, "split": "validation"})
    (finding,) = of(bring(tmp_path / "a.jsonl", lines(*rows)), "leak")
    assert finding.row == 41


@pytest.mark.parametrize("mark", ["<|im_start|>user", "[INST] do it [/INST]", "### Response:"])
def test_template_text_inside_a_field_is_named(tmp_path: Path, mark: str) -> None:
    rows = [*PLAIN, {"prompt": f"{mark} Hello", "completion": "Hi"}]
    (finding,) = of(bring(tmp_path / "a.jsonl", lines(*rows)), "template")
    assert finding.row == 41


@pytest.mark.parametrize(
    ("roles", "told"),
    [
        ("assistant user assistant", "speaks first"),
        ("user user assistant", "twice in a row"),
        ("user assistant assistant", "twice in a row"),
        ("system user assistant user assistant", ""),
    ],
)
def test_roles_that_do_not_take_turns_are_named(tmp_path: Path, roles: str, told: str) -> None:
    talk = [{"role": role, "content": f"{role} {at}"} for at, role in enumerate(roles.split())]
    made = bring(tmp_path / "a.jsonl", lines({"messages": talk}))
    assert [told in finding.message for finding in of(made, "roles")] == [True] * bool(told)


def test_labels_that_are_far_from_balanced_are_named(tmp_path: Path) -> None:
    rows = [
        {"text": f"Ticket {at}", "label": "rare" if at % 20 == 0 else "common"} for at in range(400)
    ]
    (finding,) = of(bring(tmp_path / "a.jsonl", lines(*rows)), "imbalance")
    assert finding.message == "The answer 'common' is 19 times as frequent as 'rare'"
    balanced = [{**row, "label": ("a", "b")[at % 2]} for at, row in enumerate(rows)]
    assert bring(tmp_path / "b.jsonl", lines(*balanced)).findings == ()


def test_preferences_have_several_answers_to_one_prompt(tmp_path: Path) -> None:
    rows = [
        {"prompt": f"Question {at // 3}?", "chosen": f"Good {at}", "rejected": f"Bad {at}"}
        for at in range(30)
    ]
    assert bring(tmp_path / "a.jsonl", lines(*rows)).findings == ()
    same = {**rows[0], "rejected": "Worse"}
    assert bring(tmp_path / "b.jsonl", lines(*rows, same)).findings == ()
    (finding,) = bring(tmp_path / "c.jsonl", lines(*rows, rows[0])).findings
    assert finding.code == "duplicate"
