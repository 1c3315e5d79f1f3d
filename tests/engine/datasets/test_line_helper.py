"""Large files of JSON Lines, read by two processes: the same dataset as by one."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from engine.datasets import json_lines
from engine.datasets.line_helper import SLOT_SIZE, LineHelper
from engine.datasets.row_file import read_rows
from engine.protocol.records import Dataset
from tests.engine.datasets.test_importing import bring

TEXT = "Some words that are in every row, so that the file is large enough. " * 5


def rows(count: int) -> Iterator[str]:
    """Mostly plain; here and there an empty line, another kind of value, or no JSON at all."""
    for at in range(count):
        row: dict[str, object] = {"prompt": f"{TEXT}Question {at}?", "completion": f"Answer {at}"}
        if at % 9_000 == 5_000:
            yield "\n"
            row["completion"] = at
        if at % 14_000 == 13_000:
            yield "{broken\n"
        if at % 20_000 == 19_000:
            row = dict(reversed(row.items()))
        yield json.dumps(row) + "\n"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "large.jsonl"
    path.write_text("".join(rows(60_000)).rstrip("\n"))
    return path


@pytest.fixture(scope="module")
def alone(file: Path) -> Dataset:
    assert file.stat().st_size < json_lines.WORTH_A_HELPER
    return bring(file)


@pytest.fixture
def helped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "WORTH_A_HELPER", 1 << 20)
    monkeypatch.setattr(json_lines, "HEAD_START", 2)


@pytest.mark.usefixtures("helped")
def test_two_processes_read_what_one_reads(file: Path, alone: Dataset, tmp_path: Path) -> None:
    path = tmp_path / file.name
    path.write_bytes(file.read_bytes())
    both = bring(path)
    assert both.sha256 == alone.sha256
    assert both.rows == 60_000
    assert [(each.line, each.message) for each in both.findings] == [
        (each.line, each.message) for each in alone.findings
    ]
    assert both.finding_counts == {"malformed": 4}
    lines = [row.line for row in read_rows(both.path)]
    assert lines == [row.line for row in read_rows(alone.path)]


@pytest.mark.usefixtures("helped")
def test_a_helper_that_dies_is_done_without(
    file: Path, alone: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give = LineHelper.give
    given = []

    def give_and_die(self: LineHelper, block: object) -> None:
        given.append(block)
        if len(given) == 5:
            self._process.kill()
            self._process.wait()
        give(self, block)  # type: ignore[arg-type]

    monkeypatch.setattr(LineHelper, "give", give_and_die)
    path = tmp_path / file.name
    path.write_bytes(file.read_bytes())
    assert bring(path).sha256 == alone.sha256
    assert len(given) < 15


@pytest.mark.usefixtures("helped")
def test_blocks_that_do_not_fit_into_the_shared_memory_are_read_all_the_same(
    alone: Dataset, file: Path, tmp_path: Path
) -> None:
    path = tmp_path / file.name
    wide = json.dumps({"prompt": "w" * (SLOT_SIZE + 1), "completion": "wide"}) + "\n"
    path.write_text(wide * 4 + file.read_text())
    both = bring(path)
    assert both.rows == alone.rows + 4
    assert both.finding_counts == {**alone.finding_counts, "duplicate": 3}
    assert [row.cells["completion"] for row in islice(read_rows(both.path), 5)] == [
        *["wide"] * 4, "Answer 0",
    ]  # fmt: skip
