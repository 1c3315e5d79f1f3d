import pytest
from msgspec.structs import replace

from desktop.features.training.run_words import (
    headline,
    meta_line,
    progress_words,
    row_of,
    short_state,
)
from engine.protocol.jobs import JobState
from tests.desktop.features.run_records import (
    DONE,
    FAILED,
    FAILED_JOB,
    QUEUED,
    QUEUED_JOB,
    RUNNING,
    RUNNING_JOB,
    run,
)


def test_a_running_run_says_its_step_and_its_time() -> None:
    row = row_of(RUNNING, RUNNING_JOB)
    assert (row.detail, row.right) == ("Run 14 · step 400 of 600", "28 min")
    assert headline(RUNNING, RUNNING_JOB, "", 0.0)[0] == "28 min left"
    assert progress_words(RUNNING) == "step 400 of 600 · epoch 2.00 of 3 · 52 min so far"
    assert meta_line(RUNNING) == "Run 14 · LoRA · tickets.jsonl"


def test_a_finished_run_says_its_time_and_its_loss() -> None:
    assert row_of(DONE, None).detail == "Run 13 · 42 min · val loss 1.612"


def test_a_failed_run_says_why() -> None:
    assert short_state(FAILED, FAILED_JOB) == "The loss diverged at step 46."
    assert short_state(FAILED, None) == "failed at step 46"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (JobState.PAUSED, "paused at step 400"),
        (JobState.CANCELLED, "stopped at step 400"),
        (JobState.INTERRUPTED, "interrupted, goes on by itself"),
    ],
)
def test_every_state_has_its_words(state: JobState, words: str) -> None:
    assert short_state(replace(RUNNING, state=state), None) == words


def test_a_run_that_waits_says_its_place() -> None:
    assert headline(QUEUED, QUEUED_JOB, "Queued, 1st", 0.0)[0] == "Queued, 1st"


def test_a_run_stopped_before_its_first_checkpoint_promises_none() -> None:
    early = run(9, JobState.CANCELLED, step=3)
    assert headline(early, None, "", 0.0) == ("Stopped at step 3", "before its first checkpoint")


def test_a_run_ended_by_steps_reckons_its_epochs_from_the_way_so_far() -> None:
    by_steps = replace(RUNNING, spec=replace(RUNNING.spec, max_steps=600))
    assert "epoch 2.00 of 3" in progress_words(by_steps)
