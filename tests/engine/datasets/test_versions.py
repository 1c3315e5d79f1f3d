"""Comparing, exporting, mixing and searching published versions."""

import csv
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from engine.datasets.exporting import export_rows
from engine.datasets.mixing import MixPlan, mix_datasets
from engine.datasets.row_file import RowFile, read_rows
from engine.datasets.row_selection import label_counts, select
from engine.datasets.version_diff import diff_versions
from engine.protocol.dataset_specs import (
    ExportRows,
    MixDatasets,
    MixPart,
    RowEdit,
    RowQuery,
    SplitSpec,
)
from engine.protocol.mixable import rows_taken
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset
from tests.engine.datasets.test_editing import ROWS, edit
from tests.engine.datasets.test_importing import bring, lines

TALK = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": 'He said "yes",\nü'}]


# Differences.


def test_a_difference_names_what_was_added_removed_changed_and_moved(tmp_path: Path) -> None:
    made = bring(tmp_path / "a.jsonl", lines(*ROWS))
    one = next(row.number for row in read_rows(made.path) if row.split == "train")
    changed = edit(
        made,
        RowEdit(20, remove=True),
        RowEdit(19, cells={**ROWS[18], "completion": "Another"}),
        RowEdit(0, cells={"prompt": "New?", "completion": "Yes"}, split="train"),
        RowEdit(one, split="test"),
    )
    told = diff_versions(made, changed)
    assert (told.before, told.after) == (1, 2)
    assert [row.cells["prompt"] for row in told.added] == ["New?"]
    assert [row.number for row in told.removed] == [20]
    assert [(was.messages[-1][1], now.messages[-1][1]) for was, now in told.changed] == [
        ("Answer 18", "Another")
    ]
    assert [(was.split, now.split) for was, now in told.moved] == [("train", "test")]
    assert ("Test rows", "0", "1") in told.settings


def test_equal_versions_do_not_differ_and_repeats_count(tmp_path: Path) -> None:
    made = bring(tmp_path / "a.jsonl", lines(*ROWS, ROWS[0], ROWS[0]))
    same = diff_versions(made, made)
    assert (same.added_count, same.removed_count, same.changed_count) == (0, 0, 0)
    assert same.settings == ()
    fewer = diff_versions(made, edit(made, fixes=("duplicate",)))
    assert (fewer.removed_count, fewer.added_count, fewer.changed_count) == (2, 0, 0)


# Exports.


def export(dataset: Dataset, path: Path, **wanted: Any) -> Path:
    export_rows(dataset, ExportRows(path=str(path), **wanted), lambda share: None)
    return path


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_an_export_that_is_read_again_is_the_same_dataset(tmp_path: Path, ending: str) -> None:
    plain = [{**row, "note": f"n{at}"} for at, row in enumerate(ROWS)]
    for name, rows in (("plain", plain), ("talks", [{"messages": TALK}, {"messages": TALK * 2}])):
        made = bring(tmp_path / f"{name}.jsonl", lines(*rows))
        read = bring(export(made, tmp_path / f"{name}-out.{ending}"))
        assert [row.messages for row in read_rows(read.path)] == [
            row.messages for row in read_rows(made.path)
        ]
        assert [row.split for row in read_rows(read.path)] == [
            row.split for row in read_rows(made.path)
        ]


def test_a_spreadsheet_calculates_nothing_of_a_csv_export(tmp_path: Path) -> None:
    evil = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "-12.5", "plain"]
    rows = [{"prompt": text, "completion": "c"} for text in evil]
    path = export(bring(tmp_path / "a.jsonl", lines(*rows)), tmp_path / "out.csv")
    with path.open(newline="") as file:
        cells = [row["prompt"] for row in csv.DictReader(file)]
    assert cells == [
        "'=1+1",
        "'+cmd|' /C calc'!A0",
        "'-2+3",
        "'@SUM(A1)",
        "'\t=1",
        "-12.5",
        "plain",
    ]


def test_one_side_of_a_split_is_exported_alone(tmp_path: Path) -> None:
    made = bring(tmp_path / "a.jsonl", lines(*ROWS), split=SplitSpec(validation=5))
    path = export(made, tmp_path / "out.parquet", split="validation")
    assert parquet.read_table(path).num_rows == 5
    assert parquet.read_table(path).column_names == ["prompt", "completion"]


def test_what_is_there_is_not_overwritten_unless_allowed(tmp_path: Path) -> None:
    made = bring(tmp_path / "a.jsonl", lines(*ROWS))
    path = tmp_path / "mine.jsonl"
    path.write_text("mine")
    with pytest.raises(Refused, match="there already"):
        export(made, path)
    assert path.read_text() == "mine"
    export(made, path, overwrite=True)
    assert len(path.read_text().splitlines()) == 20
    with pytest.raises(Refused, match="does not tell"):
        export(made, tmp_path / "out.xlsx")
    assert sorted(each.name for each in tmp_path.iterdir() if each.is_file()) == [
        "a.jsonl", "mine.jsonl",
    ]  # fmt: skip


# Mixes.


def mix(tmp_path: Path, parts: dict[str, tuple[Dataset, float]]) -> Dataset:
    wanted = MixDatasets("mix", tuple(MixPart(name, weight) for name, (_, weight) in parts.items()))
    datasets = tuple(dataset for dataset, _ in parts.values())
    plan = MixPlan("m" * 32, 1, wanted, datasets, tmp_path / "mix")
    return mix_datasets(plan, lambda share: None)


def test_a_mix_keeps_its_proportions_and_no_row_comes_twice(tmp_path: Path) -> None:
    own = bring(tmp_path / "own.jsonl", lines(*ROWS))
    general = bring(
        tmp_path / "general.csv",
        "question,answer\n" + "".join(f"What {at}?,That {at}\n" for at in range(200)),
    )
    made = mix(tmp_path, {"own": (own, 0.8), "general": (general, 0.2)})
    rows = [*read_rows(made.path)]
    assert [row.cells["from"] for row in rows].count("own.jsonl") == 20
    assert [row.cells["from"] for row in rows].count("general.csv") == 5
    assert len({row.messages for row in rows}) == 25
    assert made.made_of == (f"{own.id}/1", f"{general.id}/1")
    sides = {row.messages: row.split for each in (own, general) for row in read_rows(each.path)}
    assert all(sides[row.messages] == row.split for row in rows)


def test_datasets_with_the_same_columns_keep_them(tmp_path: Path) -> None:
    rated = [
        [{"prompt": f"{name} {at}", "completion": "c", "label": at % 2 == 0} for at in range(20)]
        for name in ("good", "more")
    ]
    good = bring(tmp_path / "good.jsonl", lines(*rated[0]))
    more = bring(tmp_path / "more.jsonl", lines(*rated[1]))
    made = mix(tmp_path, {"good": (good, 1), "more": (more, 1)})
    assert made.mapping == good.mapping
    assert [row.desirable for row in read_rows(made.path)].count(False) == 20


def test_tools_and_raw_text_are_mixed_with_their_like(tmp_path: Path) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    talk = [TALK[0], {"role": "assistant", "content": None, "tool_calls": [call]}]
    schema = {"type": "function", "function": {"name": "f", "description": "d", "parameters": {}}}
    tools = bring(tmp_path / "tools.jsonl", lines(*[{"messages": talk, "tools": [schema]}] * 3))
    plain = bring(tmp_path / "plain.jsonl", lines(*ROWS))
    made = mix(tmp_path, {"tools": (tools, 1), "plain": (plain, 1)})
    kept = {row.messages for row in read_rows(made.path)}
    assert {row.messages for row in read_rows(tools.path)} <= kept
    segments = [{"segments": [{"label": False, "text": "Q"}, {"label": True, "text": f"A{at}"}]}
                for at in range(3)]  # fmt: skip
    raw = bring(tmp_path / "raw.jsonl", lines(*({"text": f"Words {at}"} for at in range(3))))
    parts = bring(tmp_path / "parts.jsonl", lines(*segments))
    (tmp_path / "two").mkdir()
    both = mix(tmp_path / "two", {"raw": (raw, 1), "parts": (parts, 1)})
    assert {row.messages for row in read_rows(both.path)} == {
        row.messages for each in (raw, parts) for row in read_rows(each.path)
    }
    with pytest.raises(Refused, match="cannot be one dataset"):
        mix(tmp_path / "two", {"raw": (raw, 1), "plain": (plain, 1)})


def test_the_scarcest_dataset_for_its_weight_is_taken_whole() -> None:
    assert rows_taken([20, 200], [0.8, 0.2]) == [20, 5]
    assert rows_taken([100, 30], [1, 1]) == [30, 30]
    assert rows_taken([10], [3]) == [10]


# What is looked at.


def test_rows_are_selected_and_sorted(tmp_path: Path) -> None:
    rows = [
        {"text": f"Ticket {at}", "label": "ab"[at % 3 == 0], "price": str(at * 7 % 10)}
        for at in range(60)
    ]
    made = bring(tmp_path / "a.jsonl", lines(*rows, rows[5]))
    lengths = [at % 8 for at in range(61)]
    with RowFile(made.path) as file:

        def numbers(**wanted: Any) -> list[int]:
            return [place + 1 for place in select(file, RowQuery(**wanted), lengths)]

        assert numbers() == [*range(1, 62)]
        assert numbers(finding="duplicate") == [61]
        assert numbers(query="ticket 5", answer="b") == [52, 55, 58]
        assert numbers(shortest=7, longest=7) == [*range(8, 62, 8)]
        assert numbers(sort="#", descending=True)[:2] == [61, 60]
        assert numbers(sort="tokens", descending=True)[:2] == [8, 16]
        assert numbers(sort="price")[:3] == [1, 11, 21]
        assert numbers(sort="text", query="ticket 1", split="")[:3] == [2, 11, 12]
        side = numbers(split="validation")
        assert len(side) == made.validation_rows
        assert label_counts(file) == {"a": 41, "b": 20}


def test_conversations_are_sorted_by_what_the_table_shows_of_them(tmp_path: Path) -> None:
    talks = [
        [("user", "b"), ("assistant", "1"), ("user", "x"), ("assistant", "9")],
        [("user", "C"), ("assistant", "10")],
        [("user", "a"), ("assistant", "2")],
    ]
    rows = [
        {"messages": [{"role": role, "content": text} for role, text in talk]} for talk in talks
    ]
    with RowFile(bring(tmp_path / "a.jsonl", lines(*rows)).path) as file:
        assert [*select(file, RowQuery(sort="user"), ())] == [2, 0, 1]
        assert [*select(file, RowQuery(sort="assistant"), ())] == [2, 0, 1]
        assert [*select(file, RowQuery(sort="user", descending=True), ())] == [1, 0, 2]


def test_answers_that_are_many_are_no_labels(tmp_path: Path) -> None:
    rows = [{"prompt": f"p{at}", "completion": f"c{at}"} for at in range(60)]
    with RowFile(bring(tmp_path / "a.jsonl", lines(*rows)).path) as file:
        assert label_counts(file) == {}
