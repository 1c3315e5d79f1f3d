"""A batch to look at, asked of the real engine and drawn in its real inspect worker."""

from pathlib import Path

import pytest

from engine.protocol.dataset_specs import AddDataset
from engine.protocol.jobs import Job
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset, PackedBatch
from tests.end2end.conftest import Studio

pytestmark = pytest.mark.slow


def test_a_batch_is_drawn_with_the_datasets_seed(studio: Studio, tmp_path: Path) -> None:
    source = tmp_path / "tones.csv"
    source.write_text("phrase,tone\n" + "".join(f"Phrase {at},tone {at}\n" for at in range(20)))
    job = studio.client.post("/api/datasets", AddDataset(str(source)), Job)
    dataset = studio.client.get(
        f"/api/datasets/{studio.client.wait_for_job(job.id).subject}", Dataset
    )
    path = f"/api/datasets/{dataset.id}/batch?base={studio.base.id}"
    batch = studio.client.get(f"{path}&batch_size=3", PackedBatch)
    assert len(batch.rows) == 3
    assert batch.tokens == sum(row.tokens for row in batch.rows)
    again = studio.client.get(f"{path}&batch_size=3&seed={dataset.split_spec.seed}", PackedBatch)
    assert again == batch
    limit = max(row.tokens for row in batch.rows) - 1
    cut = studio.client.get(f"{path}&batch_size=3&max_length={limit}", PackedBatch)
    assert any(row.cut for row in cut.rows)
    with pytest.raises(Refused):
        studio.client.get(f"{path}&batch_size=0", PackedBatch)
