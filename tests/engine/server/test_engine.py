"""What an engine finds when it starts."""

from pathlib import Path

import pytest

from engine.server.engine import clear_staging
from engine.store.publish import STAGING_PREFIX


@pytest.mark.parametrize("folder", ["models", "adapters", "datasets/d1"])
def test_half_written_folders_of_killed_workers_are_removed(tmp_path: Path, folder: str) -> None:
    left = tmp_path / folder / f"{STAGING_PREFIX}abc"
    kept = tmp_path / folder / "v1"
    for each in (left, kept):
        each.mkdir(parents=True)
        (each / "rows.jsonl").write_text("{}")
    clear_staging(tmp_path)
    assert not left.exists()
    assert (kept / "rows.jsonl").exists()


def test_a_new_data_folder_has_nothing_to_clear(tmp_path: Path) -> None:
    clear_staging(tmp_path / "new")
