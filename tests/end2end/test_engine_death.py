"""The engine is killed in the middle of a training, and nothing is lost."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from engine.client import EngineClient
from engine.protocol.engine_file import engine_command
from engine.protocol.jobs import Job, JobState
from engine.protocol.method_specs import LoraSpec
from engine.protocol.records import MetricPoint, Run
from engine.protocol.specs import AddPath, TrainSpec
from tests.fakes.tiny_model import write_tiny_model

pytestmark = pytest.mark.slow
WITHIN_S = 120.0
ROWS = "".join(
    f'{{"prompt": "Say number {number}.", "completion": "It is {number}."}}\n'
    for number in range(64)
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home"
    client = EngineClient.attach(tmp_path / "home")
    if client is not None:
        engine = psutil.Process(client.engine.pid)
        client.send("POST", "/api/engine/stop")
        engine.wait(60)


def add(client: EngineClient, path: Path, kind: str) -> Job:
    job = client.post("/api/imports", AddPath(str(path), kind=kind), Job)  # type: ignore[arg-type]
    ended = client.wait_for_job(job.id)
    assert ended.state is JobState.DONE, ended.problem
    return ended


def start_run(client: EngineClient, folder: Path) -> Run:
    """A run of a two-layer model that would go on for a very long time."""
    for job in client.state().jobs:
        client.send("POST", f"/api/jobs/{job.id}/cancel")  # the built-in model is not needed
    base = add(client, write_tiny_model(folder / "tiny"), "model")
    data = folder / "numbers.jsonl"
    data.write_text(ROWS)
    dataset = add(client, data, "dataset")
    spec = TrainSpec(
        base.subject,
        dataset.subject,
        method=LoraSpec(rank=2),
        max_steps=100_000,
        eval_every=20,
        checkpoint_every=20,
        early_stopping=0,
        threads=1,
    )
    return client.post("/api/runs", spec, Run)


def until(client: EngineClient, run: Run, holds: Callable[[Run], bool]) -> Run:
    deadline = time.monotonic() + WITHIN_S
    while True:
        now = client.get(f"/api/runs/{run.id}", Run)
        if holds(now):
            return now
        assert now.state is not JobState.FAILED, client.get(f"/api/jobs/{run.job}", Job).problem
        assert time.monotonic() < deadline, now
        time.sleep(0.05)


def workers_of(engine: psutil.Process) -> list[psutil.Process]:
    return [child for child in engine.children() if "engine.workers.train" in child.cmdline()]


def test_a_run_survives_the_death_of_its_engine(home: Path, tmp_path: Path) -> None:
    client = EngineClient.attach_or_start(home)
    run = start_run(client, tmp_path)
    until(client, run, lambda now: len(now.checkpoints) >= 2)
    engine = psutil.Process(client.engine.pid)
    (worker,) = workers_of(engine)
    before = client.get(f"/api/runs/{run.id}", Run)
    known = client.get(f"/api/runs/{run.id}/metrics", list[MetricPoint])
    known = [point for point in known if point.step <= before.checkpoints[-1].step]

    os.kill(engine.pid, signal.SIGKILL)
    _, alive = psutil.wait_procs([worker], timeout=25)
    assert not alive, "the worker outlived its engine"

    client = EngineClient.attach_or_start(home)
    resumed = until(client, run, lambda now: now.step > before.step + 20)
    assert resumed.state is JobState.RUNNING
    assert client.get(f"/api/jobs/{run.job}", Job).attempts == 2
    points = client.get(f"/api/runs/{run.id}/metrics", list[MetricPoint])
    steps = [point.step for point in points if point.train_loss is not None]
    assert steps == [*range(1, len(steps) + 1)], "a step is missing, or was counted twice"
    assert points[: len(known)] == known, "the run began anew instead of going on"
    client.send("POST", f"/api/jobs/{run.job}/cancel")


def test_two_engines_on_one_data_folder_cannot_happen(home: Path) -> None:
    first = EngineClient.attach_or_start(home)
    second = EngineClient.attach_or_start(home)
    assert first.engine == second.engine
    assert os.spawnv(os.P_WAIT, engine_command(home)[0], engine_command(home)) == 3
    assert first.ping()
