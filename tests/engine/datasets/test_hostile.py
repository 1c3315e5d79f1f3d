"""Hundreds of broken and hostile files: no crash, no hang, a message, and the good rows kept."""

import json
import subprocess
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is asked of /proc")
SECONDS, PEAK_KB = 10.0, 1_000_000


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What became of each file, in a process of its own whose memory is theirs."""
    folder = tmp_path_factory.mktemp("hostile")
    done = subprocess.run(
        [sys.executable, "-m", "tests.fakes.hostile_files", str(folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    left = [each.name for each in folder.rglob("*") if each.is_file() and "out" not in each.parts]
    assert left == []
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_file_ends_in_a_dataset_or_a_message_that_names_it(
    told: list[dict[str, Any]],
) -> None:
    assert len(told) >= 300
    nameless = [
        each for each in told if "code" in each and each["name"] not in str(each["message"])
    ]
    assert nameless == []


def test_none_takes_long_or_much_memory(told: list[dict[str, Any]]) -> None:
    assert max(each["seconds"] for each in told) < SECONDS
    assert max(each["peak_kb"] for each in told) < PEAK_KB


def test_good_rows_beside_bad_ones_are_kept(told: list[dict[str, Any]]) -> None:
    kept = [each for each in told if each["name"].startswith("keeps")]
    assert len(kept) > 50
    assert [each for each in kept if each.get("rows", 0) < 20] == []


def test_what_is_no_data_at_all_is_refused(told: list[dict[str, Any]]) -> None:
    renamed = [each for each in told if each["name"].startswith(("renamed", "noise", "nul"))]
    assert [each for each in renamed if "code" not in each] == []
