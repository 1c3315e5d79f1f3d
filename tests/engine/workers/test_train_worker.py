import time
from pathlib import Path

import msgspec
import pytest

from engine.protocol.method_specs import LoraSpec
from engine.protocol.records import Adapter
from engine.protocol.tasks import Measurement, MeasureTask, TrainTask
from engine.protocol.worker_messages import (
    Cancel,
    CheckpointSaved,
    Done,
    Failed,
    Metrics,
    RunStarted,
    Stopped,
)
from tests.engine.workers.in_process import elsewhere
from tests.fakes.training_job import TrainingWorker, tiny_spec, train_task

FILES = ("adapter_model.safetensors", "adapter_config.json")


def files_of(task: TrainTask) -> list[bytes]:
    return [(Path(task.target) / name).read_bytes() for name in FILES]


def finish(folder: Path, task: TrainTask, hash_seed: str = "0") -> Adapter:
    with TrainingWorker(folder, task, PYTHONHASHSEED=hash_seed) as worker:
        done = worker.until(Done)
        assert worker.process.wait(10) == 0
    return msgspec.json.decode(done.result, type=Adapter)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> TrainTask:
    """A whole run, never interrupted, of a size that leaves time to be killed in."""
    home = tmp_path_factory.mktemp("trained")
    task = train_task(home, tiny_spec(epochs=10.0, checkpoint_every=5, early_stopping=0))
    finish(home / "job", task)
    return task


def test_the_same_seed_gives_the_same_bytes_in_another_process(
    trained: TrainTask, tmp_path: Path
) -> None:
    again = elsewhere(trained, tmp_path)
    adapter = finish(tmp_path / "job", again, hash_seed="1")
    assert files_of(again) == files_of(trained)
    assert adapter.path == again.target


def test_killed_trainings_go_on_to_the_same_bytes(trained: TrainTask, tmp_path: Path) -> None:
    task = elsewhere(trained, tmp_path)
    resumed = []
    for wanted in (1, 2):
        with TrainingWorker(tmp_path / "job", task) as worker:
            resumed.append(worker.until(RunStarted).resumed_step)
            for _ in range(wanted):
                worker.until(CheckpointSaved)
            worker.process.kill()
    finish(tmp_path / "job", task)
    assert resumed[0] == 0
    assert resumed[1] >= 5
    assert files_of(task) == files_of(trained)


def test_a_worker_whose_engine_is_gone_saves_and_leaves(trained: TrainTask, tmp_path: Path) -> None:
    task = elsewhere(trained, tmp_path)
    with TrainingWorker(tmp_path / "job", task) as worker:
        worker.until(Metrics)
        assert worker.process.stdin is not None
        worker.process.stdin.close()
        stopped = worker.until(Stopped)
        assert worker.process.wait(10) == 0
    assert (Path(task.run.path) / "checkpoints" / f"step-{stopped.step:08d}").is_dir()


@pytest.mark.parametrize("loading", [True, False])
def test_a_cancelled_worker_is_gone_at_once(
    trained: TrainTask, tmp_path: Path, loading: bool
) -> None:
    with TrainingWorker(tmp_path / "job", elsewhere(trained, tmp_path)) as worker:
        if not loading:
            worker.until(Metrics)
        worker.send(Cancel())
        started = time.monotonic()
        assert worker.process.wait(10) == 0
        assert time.monotonic() - started < 2


def test_an_adapter_that_is_published_already_is_not_trained_again(
    trained: TrainTask, tmp_path: Path
) -> None:
    before = files_of(trained)
    with TrainingWorker(tmp_path / "job", trained) as worker:
        *others, done = worker.messages()
    assert isinstance(done, Done)
    assert msgspec.json.decode(done.result, type=Adapter).run == trained.run.id
    assert not any(isinstance(message, RunStarted | Metrics) for message in others)
    assert files_of(trained) == before


def test_changed_rows_are_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    task = train_task(tmp_path)
    with (Path(task.dataset.path) / "rows.jsonl").open("ab") as rows:
        rows.write(b"{}\n")
    with TrainingWorker(tmp_path / "job", task) as worker:
        failed = worker.until(Failed)
        assert worker.process.wait(10) == 1
    assert failed.problem.code == "dataset.changed"


def test_a_measurement_comes_from_real_steps(tmp_path: Path) -> None:
    task = train_task(tmp_path)
    spec = tiny_spec(method=msgspec.to_builtins(LoraSpec(rank=2)))
    measure = MeasureTask(spec=spec, base=task.base, dataset=task.dataset)
    with TrainingWorker(tmp_path / "job", measure) as worker:
        done = worker.until(Done)
    found = msgspec.json.decode(done.result, type=Measurement)
    assert (found.rank, found.threads, found.target_modules) == (2, 1, "all-linear")
    assert found.tokens_per_second > 0
    assert found.fixed_bytes > 50e6
    assert 0 < found.start_s < 60
