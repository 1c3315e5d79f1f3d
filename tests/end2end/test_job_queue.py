"""The queue as a person steers it from the command line, with a real engine and real trainings."""

import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine.protocol.jobs import Job, JobState
from engine.protocol.records import BaseModel, Run
from tests.end2end.conftest import WITHIN_S, CommandLine
from tests.end2end.test_cli import LONG, ROWS, SHORT

pytestmark = pytest.mark.slow
PATIENCE_S = 3 * WITHIN_S  # workers give way, and three of them load their libraries here


def hours(begin: int, end: int) -> str:
    """A span from and to so many hours from now."""
    now = datetime.now()
    return f"{now + timedelta(hours=begin):%H:%M}-{now + timedelta(hours=end):%H:%M}"


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

    first, second, third = train("one", *LONG), train("two", *SHORT), train("three", *SHORT)
    until("one", JobState.RUNNING)
    waiting = cli.read(Job, "jobs", "when", "two", "--after", "one")
    assert waiting.detail == f"Waits for run #{first.number}"
    assert "runs already" in cli.run("jobs", "when", "one", "--after", "two", status=1)[1]
    cli.run("jobs", "move", "three", "--first")
    queue = [job.id for job in cli.read(list[Job], "jobs", "queue")]
    assert queue == [third.job, second.job]

    begin = (datetime.now() + timedelta(hours=2)).strftime("%H:%M")
    cli.run("jobs", "when", "one", "--hours", hours(2, 4))
    put_off = until("one", JobState.QUEUED)
    assert put_off.detail == f"Waits until {begin}"
    until("three", JobState.DONE)
    assert cli.read(Job, "jobs", "show", "two").state is JobState.QUEUED
    assert f"Waits until {begin}" in cli.run("jobs", "queue")[0]

    cli.run("jobs", "when", "one", "--now")
    again = until("one", JobState.RUNNING)
    assert again.id == first.job
    cli.run("jobs", "cancel", "one")
    assert until("two", JobState.DONE).start_rule.after == ""
