"""Runs, jobs and curves for the tests of the Runs and Jobs features."""

import math
from typing import Any

from engine.protocol.events import State
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.problems import Problem
from engine.protocol.records import Adapter, Checkpoint, Forecast, MetricPoint, Run
from engine.protocol.specs import Preset, TrainSpec
from tests.desktop.features.records import BASE, QUICK, SAMPLE, TICKETS, state

BALANCED = Preset("balanced", "Balanced", "The usual.", {"epochs": 5.0, "learning_rate": 3e-4})
THOROUGH = Preset(
    "thorough", "Thorough", "For keeps.", {"epochs": 10.0, "method.rank": 32, "method.alpha": 64.0}
)
ADVICE = (
    "Validation loss has not fallen for 3 evaluations. Early stopping will act in 2. "
    "Step 300 is kept as the best checkpoint, so nothing is lost."
)
DIVERGED = Problem("train.diverged", "The loss diverged at step 46.", "Lower the learning rate.")


def run(number: int, job_state: JobState, **more: Any) -> Run:
    plain: dict[str, Any] = {
        "id": f"r{number}", "number": number, "name": f"tickets {number}", "job": f"j{number}",
        "spec": TrainSpec(base=BASE.id, dataset=TICKETS.id), "base_name": BASE.name,
        "dataset_name": TICKETS.name, "dataset_version": 1, "path": "/run", "state": job_state,
    }  # fmt: skip
    return Run(**{**plain, **more})


RUNNING = run(
    14, JobState.RUNNING, step=400, total_steps=600, epoch=2.0, best_loss=1.25, best_step=300,
    elapsed_s=3120.0, advice=ADVICE,
    checkpoints=(Checkpoint(300, "/c", 1.25, 1.1, 10.0), Checkpoint(400, "/c", 1.3, 1.0, 20.0)),
)  # fmt: skip
QUEUED = run(15, JobState.QUEUED)
DONE = run(13, JobState.DONE, step=600, total_steps=600, elapsed_s=2520.0, best_loss=1.612,
           adapter="a1")  # fmt: skip
FAILED = run(11, JobState.FAILED, step=46, total_steps=600)
RUNS = (RUNNING, QUEUED, DONE, FAILED)


def job(number: int, job_state: JobState, **more: Any) -> Job:
    return Job(f"j{number}", JobKind.TRAIN, f"Train tickets {number}", job_state,
               subject=f"r{number}", **more)  # fmt: skip


RUNNING_JOB = job(14, JobState.RUNNING, progress=0.65, remaining_s=1680.0, started_at=5.0)
QUEUED_JOB = job(15, JobState.QUEUED, created_at=6.0)
DONE_JOB = job(13, JobState.DONE, started_at=1.0, ended_at=2521.0)
FAILED_JOB = job(11, JobState.FAILED, started_at=1.0, ended_at=2.0, problem=DIVERGED)
JOBS = (RUNNING_JOB, QUEUED_JOB, DONE_JOB, FAILED_JOB)


def runs_state(**more: Any) -> State:
    plain: dict[str, Any] = {
        "runs": RUNS, "jobs": JOBS, "datasets": (TICKETS, SAMPLE),
        "presets": (QUICK, BALANCED, THOROUGH),
        "adapters": (Adapter("a1", "tickets 13", 1, "/a", "h"),),
    }  # fmt: skip
    return state(**{**plain, **more})


def points(last: int = 400) -> list[MetricPoint]:
    """A training figure each step, a validation every hundred."""
    made = []
    for step in range(1, last + 1):
        loss = 1 + 1.6 * math.exp(-step / 100)
        made.append(
            MetricPoint(
                step, step / 200, loss, learning_rate=2e-4, tokens_per_second=120.0,
                memory_bytes=1_200_000_000 + step, at=1000.0 + 2 * step, gradient_norm=0.5,
                processor_share=0.9,
            )
        )  # fmt: skip
        if step % 100 == 0:
            made.append(
                MetricPoint(step, step / 200, validation_loss=loss + 0.1, at=1000.0 + 2 * step)
            )
    return made


def forecast(seconds: float | None = 4860.0, **more: Any) -> Forecast:
    known = seconds is not None
    plain: dict[str, Any] = {
        "seconds": seconds, "tokens_per_second": 120.0 if known else None,
        "memory_bytes": 1_500_000_000 if known else None, "free_memory_bytes": 5_900_000_000,
        "trainable": 4_880_000, "total": BASE.parameters, "adapter_bytes": 19_600_000,
        "tokens_per_epoch": 194_000, "steps": 618,
    }  # fmt: skip
    return Forecast(**{**plain, **more})


FORECASTS = [forecast(4860.0), forecast(1620.0), forecast(4860.0), forecast(9720.0)]
"""Of the settings at hand, then of each preset."""
