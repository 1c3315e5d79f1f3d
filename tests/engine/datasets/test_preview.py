"""The first rows of a file, which do not wait for the others."""

from pathlib import Path
from typing import Any

import pytest

from engine.datasets.preview import preview_data
from engine.protocol.dataset_specs import Mapping
from engine.protocol.problems import Refused
from tests.engine.datasets.test_importing import lines, table

ROWS: list[dict[str, Any]] = [{"question": f"Why {at}?", "answer": f"So {at}"} for at in range(300)]


def write(path: Path, content: str) -> Path:
    path.write_text(content)
    return path


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_the_first_hundred_rows_are_shown_as_they_will_be(tmp_path: Path, name: str) -> None:
    content = lines(*ROWS) if name.endswith("jsonl") else table(ROWS)
    preview = preview_data(write(tmp_path / name, content), None)
    assert (preview.mapping.user, preview.mapping.assistant) == ("question", "answer")
    assert len(preview.rows) == 100
    assert preview.rows[99].messages == (("user", "Why 99?"), ("assistant", "So 99"))


def test_rows_that_cannot_be_used_are_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", lines({"question": "Why?", "answer": ""}, *ROWS) + "{\n")
    assert preview_data(path, None).rows[0].line == 2


def test_another_mapping_is_taken_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", lines(*ROWS))
    turned = preview_data(path, Mapping(user="answer", assistant="question"))
    assert turned.rows[0].messages[0] == ("user", "So 0")


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.zip", "a.md", "folder"])
def test_what_is_read_as_a_whole_has_no_preview(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "folder":
        path.mkdir()
    else:
        write(path, "# Title\n\nSome text.\n")
    with pytest.raises(Refused) as refusal:
        preview_data(path, None)
    assert refusal.value.status == 404
