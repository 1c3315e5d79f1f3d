"""TensorBoard's files, read back by TensorBoard's own reader."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from engine.protocol.records import MetricPoint
from engine.protocol.tasks import TrainTask
from engine.protocol.worker_messages import CheckpointSaved, Done, Metrics
from engine.workers.event_file import TAGS, EventFile
from engine.workers.history import EVENTS, History
from tests.engine.workers.in_process import Recorder, run
from tests.fakes.training_job import TrainingWorker, tiny_spec, train_task


def scalars(folder: Path, tag: str) -> dict[int, float]:
    """Value by step; a step that is there twice is an error."""
    reader = EventAccumulator(str(folder), size_guidance={"scalars": 0}).Reload()
    found = [(event.step, event.value) for event in reader.Scalars(tag)]
    assert len(dict(found)) == len(found), f"{tag} has a step twice"
    return dict(found)


def events_of(task: TrainTask) -> Path:
    return Path(task.run.path) / EVENTS


def test_every_point_of_a_run_is_in_its_event_file(tmp_path: Path) -> None:
    task, recorder = train_task(tmp_path), Recorder()
    run(task, recorder)
    assert scalars(events_of(task), TAGS["train_loss"]) == pytest.approx(recorder.losses())
    for name in ("validation_loss", "gradient_norm", "processor_share", "memory_bytes"):
        told = {
            point.step: getattr(point, name)
            for point in recorder.points()
            if getattr(point, name) is not None
        }
        assert told
        assert scalars(events_of(task), TAGS[name]) == pytest.approx(told)


def test_a_killed_and_resumed_run_has_every_step_once(tmp_path: Path) -> None:
    task = train_task(tmp_path, tiny_spec(epochs=10.0, checkpoint_every=5, early_stopping=0))
    with TrainingWorker(tmp_path / "job", task) as worker:
        worker.until(CheckpointSaved)
        worker.until(Metrics)
        worker.process.kill()
    with TrainingWorker(tmp_path / "job", task) as worker:
        worker.until(Done)
    assert len(list(events_of(task).iterdir())) == 2
    assert list(scalars(events_of(task), TAGS["train_loss"])) == list(range(1, 61))


def test_what_came_after_the_checkpoint_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / EVENTS
    first = EventFile(folder)
    first.begin(0)
    for step in range(1, 11):
        first.add(MetricPoint(step, train_loss=1.0))
    again = EventFile(folder)
    again.begin(5)
    again.add(MetricPoint(6, train_loss=2.0))
    assert scalars(folder, TAGS["train_loss"]) == {1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 2}


def test_the_history_keeps_the_new_figures(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.resume(0)
    whole = MetricPoint(1, 0.1, 2.0, None, 1e-3, 50.0, 10, 1.0, 0.7, 0.5, 0.9, 20)
    history.add(whole)
    history.add(replace(whole, step=2))
    assert History(tmp_path).resume(1) == [whole]
