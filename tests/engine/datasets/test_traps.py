"""What occurs in the wild: each is read right, or named with file and line, and no row is lost."""

import json
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from tests.engine.datasets.test_importing import ROWS, bring, found, lines, pairs, table

TEXTS = [(str(row["prompt"]), str(row["completion"])) for row in ROWS]
MESSAGES = [
    [
        {"role": "user", "content": row["prompt"]},
        {"role": "assistant", "content": row["completion"]},
    ]
    for row in ROWS
]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("lines.json", lines(*ROWS)),
        ("list.jsonl", json.dumps(ROWS)),
        ("mark.jsonl", "\ufeff" + lines(*ROWS)),
        ("mark.json", "\ufeff" + json.dumps(ROWS, indent=2)),
        ("mark.csv", "\ufeff" + table(ROWS)),
        ("windows.jsonl", lines(*ROWS).replace("\n", "\r\n")),
        ("comma.jsonl", lines(*ROWS).replace("}\n", "},\n")),
        ("blank.jsonl", lines(*ROWS).replace("\n", "\n\n  \n")),
        ("bare.jsonl", lines(*MESSAGES)),
        ("texts.jsonl", lines(*({"texts": each} for each in MESSAGES))),
        ("conversations.jsonl", lines(*({"conversations": each} for each in MESSAGES))),
        ("json-in-csv.csv", table([{"messages": json.dumps(each)} for each in MESSAGES])),
        ("python-in-csv.csv", table([{"messages": str(each)} for each in MESSAGES])),
        ("semicolon.csv", table(ROWS, delimiter=";")),
        ("quoted.csv", table(ROWS, quoting=1)),
        ("wrapped.json", json.dumps({"data": ROWS})),
    ],
)
def test_every_row_is_read_as_it_was_meant(tmp_path: Path, name: str, content: str) -> None:
    made = bring(tmp_path / name, content)
    assert pairs(made) == TEXTS
    assert found(made) == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.json"])
def test_encodings_are_told_from_the_content(tmp_path: Path, name: str, encoding: str) -> None:
    content = {"a.jsonl": lines(*ROWS), "a.csv": table(ROWS), "a.json": json.dumps(ROWS)}[name]
    assert pairs(bring(tmp_path / name, content.encode(encoding))) == TEXTS


def test_an_index_column_without_a_meaning_is_left_out(tmp_path: Path) -> None:
    indexed = [{"Unnamed: 0": str(at), **row} for at, row in enumerate(ROWS)]
    nameless = table(indexed).replace("Unnamed: 0", "", 1)
    as_parquet = tmp_path / "c.parquet"
    frame: dict[str, list[Any]] = {key: [str(row[key]) for row in ROWS] for key in ROWS[0]}
    parquet.write_table(
        pyarrow.table({**frame, "__index_level_0__": list(range(len(ROWS)))}), as_parquet
    )
    made = [
        bring(tmp_path / "a.csv", table(indexed)),
        bring(tmp_path / "b.csv", nameless),
        bring(as_parquet),
    ]
    assert [each.columns for each in made] == [("prompt", "completion", "n")] * 3


def test_a_field_longer_than_csv_readers_like_is_read(tmp_path: Path) -> None:
    long = "word " * 60_000
    made = bring(tmp_path / "a.csv", table([*ROWS, {"prompt": long, "completion": "c", "n": 1}]))
    assert pairs(made)[-1] == (long, "c")


def test_ragged_rows_are_named_with_their_line_and_the_others_kept(tmp_path: Path) -> None:
    content = "prompt,completion\na,b\nonly one\nc,d\ne,f,g\nh,i\n"
    made = bring(tmp_path / "ragged.csv", content)
    assert pairs(made) == [("a", "b"), ("c", "d"), ("h", "i")]
    assert [(line, message) for _, line, message in found(made)] == [
        (3, "The answer in 'completion' is empty"),
        (5, "The row has 3 cells, the header 2"),
        (3, "The row has 1 cells, the header 2"),
    ]
    assert {finding.file for finding in made.findings} == {"ragged.csv"}


def test_stray_files_beside_the_data_are_left_aside(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "train.jsonl").write_text(lines(*ROWS[:40]))
    (folder / "valid.csv").write_text(table(ROWS[40:]))
    for name in ("dataset_infos.json", "README.md", ".DS_Store", "LICENSE", "croissant.json"):
        (folder / name).write_text("{}")
    made = bring(folder)
    assert (made.train_rows, made.validation_rows, found(made)) == (40, 10, [])


def test_a_key_that_comes_twice_counts_once_and_its_last_value(tmp_path: Path) -> None:
    content = '{"prompt": "a", "prompt": "b", "completion": "c"}\n'
    assert pairs(bring(tmp_path / "a.jsonl", content)) == [("b", "c")]
