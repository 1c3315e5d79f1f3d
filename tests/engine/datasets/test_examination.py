"""The closer look at a version: what is found, and what one click does about it."""

from pathlib import Path
from typing import Any

from engine.datasets.examination import examine
from engine.datasets.row_file import RowFile, read_rows
from engine.protocol.records import Dataset
from engine.protocol.tasks import Examined
from tests.benchmarks.sentences import sample_rows
from tests.engine.datasets.test_editing import edit
from tests.engine.datasets.test_importing import bring, lines

TEXTS = [row.text for row in sample_rows(80) if not row.source][:60]


ROWS = [{"prompt": text, "completion": f"Yes, number {at}."} for at, text in enumerate(TEXTS)]


def look(tmp_path: Path, *more: dict[str, Any]) -> tuple[Dataset, Examined]:
    made = bring(tmp_path / "a.jsonl", lines(*ROWS, *more))
    return made, examine(made, lambda share, words: None)


def test_good_rows_have_nothing_to_find(tmp_path: Path) -> None:
    assert look(tmp_path)[1].counts == {}


def test_near_duplicates_are_named_and_removed(tmp_path: Path) -> None:
    changed = " ".join([*TEXTS[3].split()[:-1], "elsewhere"])
    made, seen = look(tmp_path, {"prompt": changed, "completion": "Yes, number 3."})
    assert seen.counts == {"near-duplicate": 1}
    (finding,) = seen.findings
    assert finding.row == 61
    assert "like row 4" in finding.message
    assert edit(made, fixes=("near-duplicate",)).rows == 60


def test_personal_data_is_named_and_masked(tmp_path: Path) -> None:
    row = {"prompt": "Write to ann@example.org about it, she asked", "completion": "I did so."}
    made, seen = look(tmp_path, row)
    assert [(each.code, each.row, each.message) for each in seen.findings] == [
        ("personal", 61, "Holds an e-mail address")
    ]
    masked = [*read_rows(edit(made, fixes=("personal",)).path)][-1]
    assert masked.cells["prompt"] == "Write to [email] about it, she asked"


def test_rows_in_another_language_are_named(tmp_path: Path) -> None:
    row = {
        "prompt": "Мій рахунок за травень виставлено двічі, допоможіть мені це виправити.",
        "completion": "Так, ми повернемо вам гроші протягом трьох днів.",
    }
    made, seen = look(tmp_path, row)
    assert [(each.row, each.message) for each in seen.findings] == [
        (61, "In Ukrainian; most rows are in English")
    ]
    with RowFile(made.path) as file:
        assert file.found()["language"] == [61]


def test_what_is_ignored_is_not_said_again(tmp_path: Path) -> None:
    row = {"prompt": "Write to ann@example.org about it, she asked", "completion": "I did so."}
    made, _ = look(tmp_path, row)
    ignored = edit(made, ignore=("personal",))
    assert examine(ignored, lambda share, words: None).counts == {}
