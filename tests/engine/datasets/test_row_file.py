from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.datasets.row_file import RowFile, read_rows
from engine.protocol.problems import Refused
from engine.protocol.records import Row
from tests.fakes.published_rows import write_rows

TEXTS = ["plain", "Übung macht", 'a "quoted"\nline', "STRASSE", "user", "emoji 🎉", "ünder"]


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[RowFile]:
    write_rows(
        tmp_path,
        [
            Row(at + 1, at * 2 + 5, "train", (("user", text), ("assistant", f"reply {at}")))
            for at, text in enumerate(TEXTS)
        ],
    )
    with RowFile(tmp_path) as file:
        yield file


def test_pages_and_single_rows_agree(rows: RowFile) -> None:
    page, total = rows.page(2, 3)
    assert total == len(TEXTS) == len(rows)
    assert [row.number for row in page] == [3, 4, 5]
    assert page[0] == rows.row(3)
    assert page[0].line == 9
    assert tuple(read_rows(rows.folder)) == rows.page(0, 100)[0]


def test_a_page_beyond_the_end_is_empty(rows: RowFile) -> None:
    assert rows.page(100, 10) == ((), len(TEXTS))
    assert rows.page(-5, -1) == ((), len(TEXTS))


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("PLAIN", [1]),
        ("übung", [2]),
        ("ÜN", [7]),
        ('"quoted"', [3]),
        ('d"\nl', [3]),
        ("strasse", [4]),
        ("user", [5]),
        ("assistant", []),
        ("🎉", [6]),
        ("reply", [1, 2, 3, 4, 5, 6, 7]),
        ("zzz", []),
        ("\\", []),
        (".*", []),
    ],
)
def test_a_query_finds_text_in_any_case_and_no_syntax(
    rows: RowFile, query: str, numbers: list[int]
) -> None:
    page, total = rows.page(0, 100, query)
    assert [row.number for row in page] == numbers
    assert total == len(numbers)
    assert rows.page(1, 1, query)[0] == page[1:2]


@pytest.mark.parametrize("number", [0, -1, 8, 10**9])
def test_an_unknown_row_is_refused(rows: RowFile, number: int) -> None:
    with pytest.raises(Refused) as refusal:
        rows.row(number)
    assert refusal.value.status == 404


def test_a_damaged_folder_is_refused(rows: RowFile, tmp_path: Path) -> None:
    with (tmp_path / "rows.jsonl").open("ab") as file:
        file.write(b"{}\n")
    with pytest.raises(Refused, match="does not belong"):
        RowFile(tmp_path)
    (tmp_path / "index.bin").unlink()
    with pytest.raises(Refused, match=r"index\.bin is missing"):
        RowFile(tmp_path)
