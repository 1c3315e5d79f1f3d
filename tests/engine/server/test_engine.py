"""What an engine finds when it starts."""

from pathlib import Path

import pytest

from engine.protocol.dataset_specs import Mapping
from engine.protocol.jobs import JobKind
from engine.protocol.records import Dataset
from engine.protocol.tasks import ImportDatasetTask
from engine.server.engine import Engine, clear_staging
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


async def test_datasets_in_the_form_of_an_earlier_release_are_read_once_more(
    tmp_path: Path,
) -> None:
    source = tmp_path / "faq.jsonl"
    source.write_text('{"prompt": "a", "completion": "b"}\n')
    old = tmp_path / "home" / "datasets" / "d1" / "v1"
    old.mkdir(parents=True)
    engine = Engine(tmp_path / "home")
    columns = Mapping(convention="prompt_completion", user="prompt", assistant="completion")
    engine.catalog.datasets.put(
        Dataset("d1", "faq", 1, str(old), "0", str(source), mapping=columns)
    )
    engine.catalog.datasets.put(Dataset("d2", "gone", 1, "/gone", "0", "/gone.jsonl"))
    engine.start()
    engine.start()
    (job,) = [job for job in engine.jobs.jobs() if job.kind is JobKind.IMPORT_DATASET]
    task = engine.catalog.job_tasks.get(job.id)
    assert isinstance(task, ImportDatasetTask)
    assert (task.id, task.version, task.wanted.mapping) == ("d1", 2, columns)
    await engine.stop()
