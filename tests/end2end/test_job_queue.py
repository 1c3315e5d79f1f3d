"""The queue as a person steers it from the command line, with a real engine and real trainings."""

import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine.protocol.jobs import Job, JobState
from engine.protocol.records import BaseModel, Run
from tests.end2end.conftest import WITHIN_S, CommandLine
from tests.end2end.test_cli import LONG, ROWS

pytestmark = pytest.mark.slow
PATIENCE_S = 2 * WITHIN_S  # a worker gives way while it loads its libraries


def test_runs_wait_for_each_other_and_for_their_hours(
    cli: CommandLine, base: BaseModel, tmp_path: Path
) -> None:
    data = tmp_path / "queued.jsonl"
    data.write_text(ROWS)

    def train(name: str, *settings: str) -> Run:
        return cli.read(
            Run, "train", "--base", base.name, "--data", str(data), "--name", name, *settings
        )

    def until(name: str, state: JobState) -> Job:
        deadline = time.monotonic() + PATIENCE_S
        while (job := cli.read(Job, "jobs", "show", name)).state is not state:
            assert time.monotonic() < deadline, job
        return job

    first, second, third = (train(name, *LONG) for name in ("one", "two", "three"))
    until("one", JobState.RUNNING)
    waiting = cli.read(Job, "jobs", "when", "two", "--after", "one")
    assert waiting.detail == f"Waits for run #{first.number}"
    assert "runs already" in cli.run("jobs", "when", "one", "--after", "two", status=1)[1]
    cli.run("jobs", "move", "three", "--first")
    queue = [job.id for job in cli.read(list[Job], "jobs", "queue")]
    assert queue == [third.job, second.job]

    begin = (datetime.now() + timedelta(hours=2)).strftime("%H:00")
    for name in ("three", "one"):
        cli.run("jobs", "when", name, "--hours", f"{begin}-{begin[:3]}59")
    assert until("one", JobState.QUEUED).detail == f"Waits until {begin}"
    assert cli.run("jobs", "queue")[0].count(f"Waits until {begin}") == 2

    assert cli.read(Job, "jobs", "when", "one", "--now").id == first.job
    until("one", JobState.RUNNING)
    assert cli.read(Job, "jobs", "show", "two").state is JobState.QUEUED
    cli.run("jobs", "cancel", "one")
    assert until("two", JobState.RUNNING).start_rule.after == ""
    for name in ("two", "three"):
        cli.run("jobs", "cancel", name)
