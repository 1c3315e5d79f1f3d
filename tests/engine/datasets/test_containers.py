"""Packed files, tables in a binary form, folders: the same rows, and nothing dangerous."""

import gzip
import json
import os
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import ipc, parquet

from engine.datasets.row_file import read_rows
from engine.protocol.data_files import split_of
from engine.protocol.problems import Refused
from engine.store.hashing import sha256_file
from tests.engine.datasets.test_importing import ROWS, bring, found, lines, table

TALKS: list[dict[str, Any]] = [
    {
        "messages": [
            {"role": "user", "content": f"Question {at}"},
            {"role": "assistant", "content": f"Answer {at}"},
        ],
        "topic": "a" if at % 2 else None,
    }
    for at in range(30)
]


def write_parquet(path: Path, rows: list[dict[str, Any]]) -> Path:
    parquet.write_table(pyarrow.Table.from_pylist(rows), path, row_group_size=7)
    return path


def write_arrow(path: Path, rows: list[dict[str, Any]]) -> Path:
    made = pyarrow.Table.from_pylist(rows)
    with ipc.new_file(path, made.schema) as writer:
        writer.write_table(made, max_chunksize=7)
    return path


def write_stream(path: Path, rows: list[dict[str, Any]]) -> Path:
    """As `datasets` writes its cache."""
    made = pyarrow.Table.from_pylist(rows)
    with ipc.new_stream(path, made.schema) as writer:
        writer.write_table(made, max_chunksize=7)
    return path


def write_gzip(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_bytes(gzip.compress(lines(*rows).encode()))
    return path


def write_zip(path: Path, rows: list[dict[str, Any]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.md", "About these data")
        archive.writestr("some/rows.jsonl", lines(*rows))
    return path


def write_folder(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.mkdir()
    (path / "one.jsonl").write_text(lines(*rows[:20]), "utf-8")
    (path / "two.json").write_text(json.dumps(rows[20:]), "utf-8")
    return path


@pytest.mark.parametrize("rows", [ROWS, TALKS], ids=["columns", "messages"])
def test_the_same_rows_are_the_same_dataset_from_every_kind_of_file(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    writers: dict[str, Callable[[Path, list[dict[str, Any]]], Path]] = {
        "a.parquet": write_parquet,
        "b.arrow": write_arrow,
        "c.arrow": write_stream,
        "d.jsonl.gz": write_gzip,
        "e.zip": write_zip,
        "f": write_folder,
    }
    plain = bring(tmp_path / "plain.jsonl", lines(*rows))
    made = [bring(write(tmp_path / name, rows)) for name, write in writers.items()]
    assert {each.sha256 for each in made} == {plain.sha256}
    assert {each.rows for each in made} == {len(rows)}


def test_pandas_index_is_no_column(tmp_path: Path) -> None:
    rows = [{**row, "__index_level_0__": at} for at, row in enumerate(ROWS)]
    made = bring(write_parquet(tmp_path / "a.parquet", rows))
    assert "__index_level_0__" not in made.columns


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train.jsonl", "train"),
        ("data/validation-00000-of-00001.parquet", "validation"),
        ("test/data-00000.arrow", "test"),
        ("my_dev_set.csv", "validation"),
        ("TRAIN_v2.json", "train"),
        ("latest.jsonl", ""),
        ("strain.csv", ""),
        ("contest/rows.csv", ""),
    ],
)
def test_splits_are_told_from_names(name: str, split: str) -> None:
    assert split_of(name) == split


def test_a_folder_with_splits_keeps_each_row_on_its_side(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "test").mkdir(parents=True)
    (folder / "train.jsonl").write_text(lines(*ROWS[:30]), "utf-8")
    (folder / "valid.csv").write_text(table(ROWS[30:40]), "utf-8")
    write_parquet(folder / "test" / "part-0.parquet", ROWS[40:])
    (folder / "dataset_info.json").write_text("{}", "utf-8")
    (folder / "picture.png").write_bytes(b"PNG")
    (folder / "README.md").write_text("About these data")
    (folder / ".hidden.jsonl").write_text("broken", "utf-8")
    made = bring(folder)
    assert (made.train_rows, made.validation_rows, made.test_rows) == (30, 10, 10)
    assert made.split == "given by the files"
    sides = [row.split for row in read_rows(made.path)]
    assert sorted(sides) == ["test"] * 10 + ["train"] * 30 + ["validation"] * 10
    left_out = {finding.file for finding in made.findings}
    assert left_out == {"picture.png"}


def test_training_rows_alone_are_held_out_from_as_usual(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "train.jsonl").write_text(lines(*ROWS), "utf-8")
    made = bring(folder)
    assert 0 < made.validation_rows < 15
    assert made.split == "random, seed 42"


def test_validation_rows_are_found_where_only_a_test_file_was_given(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "train.jsonl").write_text(lines(*ROWS[:40]), "utf-8")
    (folder / "test.jsonl").write_text(lines(*ROWS[40:]), "utf-8")
    made = bring(folder)
    assert made.test_rows == 10
    assert made.validation_rows > 0
    assert made.train_rows + made.validation_rows == 40


def test_links_out_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.jsonl"
    secret.write_text(lines(*ROWS), "utf-8")
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "link.jsonl").symlink_to(secret)
    (folder / "own.jsonl").write_text(lines(*ROWS[:3]), "utf-8")
    os.symlink(tmp_path, folder / "up")
    assert bring(folder).rows == 3


def test_names_that_lead_out_of_an_archive_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../evil.jsonl", lines(*ROWS[:9]))
        archive.writestr("/evil.jsonl", lines(*ROWS[:9]))
        archive.writestr("C:\\evil.jsonl", lines(*ROWS[:9]))
        link = zipfile.ZipInfo("link.jsonl")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("good.jsonl", lines(*ROWS[:5]))
    made = bring(path)
    assert made.rows == 5
    assert len([severity for severity, _, _ in found(made) if severity == "error"]) == 4
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.zip", "out-a.zip"]


@pytest.mark.parametrize("kind", ["gzip", "zip"])
def test_an_archive_bomb_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    content = b"0" * (200 * 2**20)
    if kind == "gzip":
        path = tmp_path / "bomb.jsonl.gz"
        path.write_bytes(gzip.compress(content, 9))
    else:
        path = tmp_path / "bomb.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("bomb.jsonl", content)
    with pytest.raises(Refused) as refused:
        bring(path)
    assert refused.value.problem.code == "datasets.archive-bomb"
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_what_comes_before_a_cut_in_a_gzip_file_is_kept(tmp_path: Path) -> None:
    rows = [{"prompt": f"q{at}", "completion": os.urandom(200).hex()} for at in range(3000)]
    whole = gzip.compress(lines(*rows).encode())
    made = bring(tmp_path / "cut.jsonl.gz", whole[: len(whole) // 2])
    assert 500 < made.rows < 2500
    assert any("damaged" in message for _, _, message in found(made))


def test_a_broken_member_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.jsonl", lines(*ROWS[:5]))
        archive.writestr("two.jsonl", lines(*ROWS[5:9]))
    content = path.read_bytes()
    at = content.index(b"Question 7")
    path.write_bytes(content[:at] + b"X" + content[at + 1 :])  # its checksum is wrong now
    made = bring(path)
    assert made.rows >= 5
    assert any(severity == "error" for severity, _, _ in found(made))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.parquet", b"PAR1" + b"\0" * 100 + b"PAR1"),
        ("b.parquet", b"PAR1"),
        ("c.arrow", b"ARROW1\0\0" + b"\xff" * 50),
        ("d.arrow", b"\xff\xff\xff\xff" + struct.pack("<i", 2**31 - 1) + b"\0" * 64),
        ("e.zip", b"PK\x03\x04" + b"\0" * 60),
        ("f.jsonl.gz", b"\x1f\x8b" + b"\0" * 60),
    ],
)
def test_a_broken_table_or_archive_is_refused_by_name(
    tmp_path: Path, name: str, content: bytes
) -> None:
    with pytest.raises(Refused) as refused:
        bring(tmp_path / name, content)
    assert name in refused.value.problem.message


def test_rows_before_a_broken_row_group_are_kept(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", ROWS)
    groups = parquet.ParquetFile(path).metadata
    column = groups.row_group(groups.num_row_groups - 1).column(0)
    content = bytearray(path.read_bytes())
    start = column.dictionary_page_offset or column.data_page_offset
    content[start : start + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    path.write_bytes(bytes(content))
    made = bring(path)
    assert 0 < made.rows < len(ROWS)
    assert any("cannot be read from here on" in message for _, _, message in found(made))


def test_several_files_are_one_dataset(tmp_path: Path) -> None:
    train = tmp_path / "train.jsonl"
    test = write_parquet(tmp_path / "test.parquet", ROWS[40:])
    made = bring(train, lines(*ROWS[:40]), parts=(str(test),))
    assert (made.rows, made.test_rows) == (50, 10)
    assert made.parts == (str(test),)
    assert made.size_bytes == train.stat().st_size + test.stat().st_size
    assert made.source_sha256 != sha256_file(train)


def test_what_lies_too_deep_in_a_folder_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    deep = folder / "1" / "2" / "3" / "4" / "5"
    deep.mkdir(parents=True)
    (deep / "rows.jsonl").write_text(lines(*ROWS), "utf-8")
    (folder / "rows.jsonl").write_text(lines(*ROWS[:5]), "utf-8")
    made = bring(folder)
    assert made.rows == 5
    assert "Folders below 4 were left out" in found(made)[0][2]
