"""What is known of how long queued trainings take."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.catalog.catalog import Catalog
from engine.jobs.queue_forecasts import reckon
from engine.protocol.jobs import Job, JobKind
from engine.protocol.records import Run
from engine.protocol.tasks import TrainTask
from tests.engine.jobs.test_forecast import BASE, DATASET, MEASURED, SPEC, STATS, reckoned

MEASURED_BASE = replace(BASE, fingerprint="f", tokenizer_hash="t", template_hash="c")


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    made = Catalog(tmp_path, lambda event: None)
    made.models.put(MEASURED_BASE)
    made.datasets.put(DATASET)
    made.jobs.put(Job("j", JobKind.TRAIN, "Train"))
    run = Run("r", 1, "a run", "j", SPEC, "base", "data", 1, "/r")
    made.job_tasks.put("j", TrainTask(run, MEASURED_BASE, DATASET, "a", 1, "/a"))
    yield made
    made.close()


def forecast_of(catalog: Catalog) -> float | None:
    reckon(catalog)
    job = catalog.jobs.get("j")
    assert job is not None
    return job.forecast_s


def test_it_is_the_forecast_of_the_run_once_everything_is_measured(catalog: Catalog) -> None:
    assert forecast_of(catalog) is None
    catalog.measurements.put(MEASURED)
    assert forecast_of(catalog) is None
    catalog.token_stats.put(STATS)
    assert forecast_of(catalog) == reckoned(SPEC).seconds
