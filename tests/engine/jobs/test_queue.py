"""What may run next."""

from msgspec.structs import replace

from engine.jobs.queue import next_to_start, position_before_all
from engine.protocol.jobs import Job, JobKind, JobState

TRAINING = Job("t", JobKind.TRAIN, "train", created_at=1.0)
IMPORT = Job("i", JobKind.IMPORT_DATASET, "import", created_at=2.0)


def running(job: Job, identifier: str) -> Job:
    return replace(job, id=identifier, state=JobState.RUNNING)


def test_the_oldest_goes_first() -> None:
    assert next_to_start([IMPORT, TRAINING]) == TRAINING


def test_one_heavy_job_at_a_time_and_light_ones_beside_it() -> None:
    assert next_to_start([running(TRAINING, "r"), TRAINING, IMPORT]) == IMPORT


def test_light_jobs_are_limited_too() -> None:
    busy = [running(IMPORT, "1"), running(IMPORT, "2")]
    assert next_to_start([*busy, IMPORT]) is None


def test_a_job_that_was_moved_up_overtakes() -> None:
    other = replace(TRAINING, id="u", created_at=3.0)
    moved = replace(other, position=position_before_all([TRAINING, other]))
    assert next_to_start([TRAINING, moved]) == moved
