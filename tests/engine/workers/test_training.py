import json
import logging
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import pytest
import torch
from msgspec.structs import replace
from peft import PeftModel
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, Checkpoint
from engine.protocol.run_length import checkpoint_bytes
from engine.protocol.tasks import TrainTask
from engine.protocol.worker_messages import (
    CheckpointSaved,
    Finish,
    Metrics,
    Pause,
    Progress,
    RunStarted,
    Stop,
)
from engine.store.hashing import adapter_hash
from engine.store.publish import verify_folder
from engine.workers import packing, trainer
from engine.workers.adapter_files import publish_adapter
from engine.workers.base_weights import load_tokenizer
from engine.workers.training import encode_splits
from tests.engine.datasets.test_importing import bring, lines
from tests.engine.workers.in_process import Recorder, elsewhere, run
from tests.fakes.training_job import tiny_base, tiny_spec, train_task

FILES = ("adapter_model.safetensors", "adapter_config.json")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def files_of(task: TrainTask) -> list[bytes]:
    return [(Path(task.target) / name).read_bytes() for name in FILES]


def test_a_training_ends_in_an_adapter_that_stock_peft_loads(tmp_path: Path) -> None:
    task = train_task(tmp_path)
    recorder = Recorder()
    adapter = run(task, recorder)
    assert isinstance(adapter, Adapter)
    verify_folder(Path(task.target))
    model = PeftModel.from_pretrained(
        AutoModelForCausalLM.from_pretrained(task.base.path), task.target
    )
    assert model.get_nb_trainable_parameters()[0] == 0
    weights = load_file(Path(task.target) / FILES[0])
    assert adapter.parameters == sum(weight.numel() for weight in weights.values())
    assert all(weight.any() for weight in weights.values())


def test_the_passport_says_what_the_adapter_was_made_from(tmp_path: Path) -> None:
    task = train_task(tmp_path)
    adapter = run(task)
    assert isinstance(adapter, Adapter)
    folder = Path(task.target)
    assert msgspec.json.decode((folder / "passport.json").read_bytes(), type=Adapter) == adapter
    assert adapter.hash == adapter_hash(folder)
    assert (adapter.base_fingerprint, adapter.dataset_sha256) == (
        task.base.fingerprint,
        task.dataset.sha256,
    )
    assert {file.name for file in adapter.files} == {*FILES, "README.md"}
    config = json.loads((folder / FILES[1]).read_text())
    assert config["target_modules"] == sorted(config["target_modules"])
    assert str(tmp_path) not in json.dumps(config)


def test_it_tells_every_loss_and_ends_at_the_last_step(tmp_path: Path) -> None:
    recorder = Recorder()
    adapter = run(train_task(tmp_path), recorder)
    assert isinstance(adapter, Adapter)
    assert recorder.of(RunStarted) == [RunStarted(total_steps=18)]
    losses = recorder.losses()
    assert list(losses) == list(range(1, 19))
    assert losses[18] < losses[1]
    last = recorder.of(Progress)[-1]
    assert (last.progress, last.detail) == (1.0, "step 18 of 18")
    judged = [point for point in recorder.points() if point.validation_loss is not None]
    best = min(judged, key=lambda point: point.validation_loss or 0)
    assert (adapter.step, adapter.metrics["validation_loss"]) == (best.step, best.validation_loss)


def test_every_step_tells_its_gradient_and_what_it_takes_of_the_machine(tmp_path: Path) -> None:
    recorder = Recorder()
    run(train_task(tmp_path), recorder)
    steps = [point for point in recorder.points() if point.train_loss is not None]
    assert all(point.gradient_norm and point.gradient_norm > 0 for point in steps)
    shares = [point.processor_share for point in steps]
    assert all(share is not None and 0 < share <= 1 for share in shares)
    assert all(point.memory_bytes and point.memory_bytes > 50e6 for point in steps)
    known = torch.cuda.is_available()
    assert all((point.gpu_memory_bytes is not None) == known for point in steps)


def test_the_best_and_the_newest_checkpoints_are_kept(tmp_path: Path) -> None:
    task = train_task(
        tmp_path,
        tiny_spec(
            learning_rate=0.3,
            schedule="constant",
            early_stopping=0,
            eval_every=1,
            checkpoint_every=1,
        ),
    )
    recorder = Recorder()
    adapter = run(task, recorder)
    assert isinstance(adapter, Adapter)
    kept = recorder.of(CheckpointSaved)[-1].kept
    assert kept == tuple(sorted({adapter.step, 17, 18}))
    folders = sorted(path.name for path in (Path(task.run.path) / "checkpoints").iterdir())
    assert folders == [f"step-{step:08d}" for step in kept]


def test_a_resumed_training_repeats_every_loss_to_the_bit(tmp_path: Path) -> None:
    """From each checkpoint of a whole run: mid-epoch, at its border, with dropout and shuffling."""
    task = train_task(tmp_path, tiny_spec(accumulation=2, checkpoint_every=1, eval_every=2))
    whole = Recorder()
    copies = tmp_path / "copies"

    def send(message: object) -> None:
        Recorder.send(whole, message)  # type: ignore[arg-type]
        if isinstance(message, CheckpointSaved):
            folder = Path(task.run.path) / "checkpoints"
            shutil.copytree(folder, copies / str(message.checkpoint.step))

    whole.send = send  # type: ignore[method-assign]
    run(task, whole)
    losses = whole.losses()
    assert len(losses) == 9
    for step in range(1, 10):
        again = elsewhere(task, tmp_path / f"from-{step}")
        shutil.copytree(copies / str(step), Path(again.run.path) / "checkpoints")
        recorder = Recorder()
        run(again, recorder)
        assert recorder.losses() == {at: loss for at, loss in losses.items() if at > step}
        assert files_of(again) == files_of(task)


def test_a_paused_training_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    task = train_task(tmp_path)
    whole = Recorder()
    run(task, whole)
    again = elsewhere(task, tmp_path / "again")
    first, second = Recorder({Metrics: Pause()}), Recorder({Metrics: None})
    steps = [step for step in (run(again, first), run(again, second)) if isinstance(step, int)]
    assert len(set(steps)) == 2
    assert not Path(again.target).exists()
    third = Recorder()
    run(again, third)
    assert third.of(RunStarted)[0].resumed_step == steps[1]
    assert third.losses() == whole.losses()  # with what an engine that died might have missed
    assert files_of(again) == files_of(task)


@pytest.mark.parametrize("validation", [6, 0])
def test_finishing_publishes_the_best_so_far(tmp_path: Path, validation: int) -> None:
    task = train_task(tmp_path, tiny_spec(eval_every=100), validation=validation)
    recorder = Recorder({Metrics: Finish()})
    adapter = run(task, recorder)
    assert isinstance(adapter, Adapter)
    assert 0 < adapter.step == max(recorder.losses()) < 18
    assert ("validation_loss" in adapter.metrics) == bool(validation)


def test_a_training_that_no_longer_gains_stops_early(tmp_path: Path) -> None:
    # Steps too small to change a weight: no validation is better than the first.
    task = train_task(tmp_path, tiny_spec(learning_rate=1e-30, epochs=20.0, early_stopping=2))
    recorder = Recorder()
    adapter = run(task, recorder)
    assert isinstance(adapter, Adapter)
    judged = [point for point in recorder.points() if point.validation_loss is not None]
    assert len(judged) == 3
    assert adapter.step == judged[0].step


def test_max_steps_ends_a_training_in_the_middle_of_an_epoch(tmp_path: Path) -> None:
    recorder = Recorder()
    run(train_task(tmp_path, tiny_spec(max_steps=8)), recorder)
    assert list(recorder.losses()) == list(range(1, 9))


def test_a_loss_that_is_no_number_publishes_nothing(tmp_path: Path) -> None:
    task = train_task(tmp_path)
    weights = Path(task.base.path) / "model.safetensors"
    tensors = load_file(weights)
    tensors["model.norm.weight"][0] = float("nan")
    save_file(tensors, weights, metadata={"format": "pt"})
    with pytest.raises(Refused, match="not a number at step 1"):
        run(task)
    assert not Path(task.target).exists()
    assert not any((Path(task.run.path) / "checkpoints").iterdir())


def broken_at(
    monkeypatch: pytest.MonkeyPatch, step: int, harm: Callable[[torch.Tensor], torch.Tensor]
) -> None:
    """Harm the loss of one step, in the middle of a real training."""
    calls = 0

    def loss_sum(model: object, batch: Mapping[str, torch.Tensor], *, packed: bool) -> torch.Tensor:
        nonlocal calls
        calls += torch.is_grad_enabled()
        loss = packing.loss_sum(model, batch, packed=packed)
        return harm(loss) if calls == step and torch.is_grad_enabled() else loss

    monkeypatch.setattr(trainer, "loss_sum", loss_sum)


HARMS: dict[str, tuple[Callable[[torch.Tensor], torch.Tensor], str]] = {
    "not a number": (lambda loss: loss * float("nan"), "training.diverged"),
    "infinite": (lambda loss: loss * float("inf"), "training.diverged"),
    "a hundred times higher": (lambda loss: loss * 100, "training.spike"),
    "an infinite gradient": (lambda loss: loss + 0 * (loss * 0).sqrt(), "training.diverged"),
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_step_that_goes_wrong_is_not_learned_from_and_leaves_the_last_good_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    act, code = HARMS[harm]
    task = train_task(tmp_path, tiny_spec(max_steps=40, checkpoint_every=4, eval_every=40))
    broken_at(monkeypatch, 22, act)
    recorder = Recorder()
    with pytest.raises(Refused, match="at step 22") as refusal:
        run(task, recorder)
    assert refusal.value.problem.code == code
    assert not Path(task.target).exists()
    folders = sorted(path.name for path in (Path(task.run.path) / "checkpoints").iterdir())
    assert folders == ["step-00000016", "step-00000020"]
    *_, before, last = recorder.points()
    assert (before.step, last.step, last.train_loss) == (21, 22, None)
    assert before.train_loss is not None
    monkeypatch.undo()
    again = Recorder()
    run(task, again)
    assert again.of(RunStarted)[0].resumed_step == 20
    whole = elsewhere(task, tmp_path / "whole")
    run(whole)
    assert files_of(task) == files_of(whole)


def test_a_spike_is_let_pass_where_that_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_at(monkeypatch, 22, lambda loss: loss * 100)
    spec = tiny_spec(max_steps=24, stop_on_spike=0.0)
    recorder = Recorder()
    assert isinstance(run(train_task(tmp_path, spec), recorder), Adapter)
    assert recorder.losses()[22] > 20 * recorder.losses()[21]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_an_adapter_with_a_weight_that_is_no_number_is_never_published(
    tmp_path: Path, value: float
) -> None:
    task = train_task(tmp_path, tiny_spec(max_steps=2))
    run(task)
    shutil.rmtree(task.target)
    path = max((Path(task.run.path) / "checkpoints").iterdir())
    weights = load_file(path / FILES[0])
    checkpoint = Checkpoint(2, str(path))
    publish_adapter(replace(task, target=str(tmp_path / "sound")), checkpoint, {})
    next(iter(weights.values()))[0, 0] = value
    save_file(weights, path / FILES[0], metadata={"format": "pt"})
    with pytest.raises(Refused, match="infinite or not a number"):
        publish_adapter(task, checkpoint, {})
    assert not Path(task.target).exists()


@pytest.mark.parametrize("halvings", [1, 2, 3])
def test_a_smaller_micro_batch_learns_the_same(tmp_path: Path, halvings: int) -> None:
    spec = tiny_spec(batch_size=8, max_steps=6, checkpoint_every=3, eval_every=6, method=NO_DROPOUT)
    usual = train_task(tmp_path, spec)
    whole, halved = Recorder(), Recorder()
    run(usual, whole)
    again = elsewhere(usual, tmp_path / "halved")
    shutil.copytree(Path(usual.run.path) / "checkpoints", Path(again.run.path) / "checkpoints")
    shutil.rmtree(Path(again.run.path) / "checkpoints" / "step-00000006")
    run(replace(again, run=replace(again.run, halvings=halvings)), halved)
    assert halved.of(RunStarted)[0].resumed_step == 3
    for step, loss in halved.losses().items():
        assert loss == pytest.approx(whole.losses()[step], abs=1e-5)


def test_a_stopped_training_saves_and_publishes_and_can_go_on(tmp_path: Path) -> None:
    task = train_task(tmp_path, tiny_spec(eval_every=2))
    recorder = Recorder({Metrics: Stop()})
    adapter = run(task, recorder)
    assert isinstance(adapter, Adapter)
    assert adapter.step <= max(recorder.losses()) < 18
    later = Recorder()
    last = run(replace(task, target=str(tmp_path / "later")), later)
    assert isinstance(last, Adapter)
    assert later.of(RunStarted)[0].resumed_step == max(recorder.losses())
    assert max(later.losses()) == 18


def test_the_size_of_a_checkpoint_is_forecast(tmp_path: Path) -> None:
    for rank in (4, 64, 512):
        method = {"kind": "lora", "rank": rank, "alpha": 8.0}
        task = train_task(tmp_path / str(rank), tiny_spec(max_steps=1, method=method))
        adapter = run(task)
        assert isinstance(adapter, Adapter)
        (path,) = (Path(task.run.path) / "checkpoints").iterdir()
        real = sum(file.stat().st_size for file in path.iterdir())
        assert checkpoint_bytes(adapter.parameters) == pytest.approx(real, rel=0.2)


def test_a_dataset_without_anything_to_learn_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="No training row"):
        run(train_task(tmp_path, tiny_spec(max_length=16)))


def test_answers_that_are_not_desirable_are_left_out_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = ({"prompt": f"p{at}", "completion": "c", "label": at % 4 > 0} for at in range(40))
    dataset = bring(tmp_path / "marked.jsonl", lines(*rows))
    tokenizer = load_tokenizer(tiny_base(tmp_path / "base"))
    with caplog.at_level(logging.INFO):
        train_rows, validation_rows = encode_splits(dataset, tokenizer, tiny_spec(max_length=256))
    assert len(train_rows) + len(validation_rows) == 30
    assert "10 rows left out: their answer is marked as not desirable" in caplog.text


def test_a_run_that_died_between_its_last_step_and_its_adapter_publishes_it(
    tmp_path: Path,
) -> None:
    task = train_task(tmp_path)
    run(task)
    before = files_of(task)
    shutil.rmtree(task.target)
    recorder = Recorder()
    run(task, recorder)
    assert files_of(task) == before
    assert recorder.losses() == {}


def test_two_ways_to_the_same_batch_give_the_same_first_loss(tmp_path: Path) -> None:
    """Eight rows at once, or four times two: one mean over all their tokens."""
    at_once = train_task(tmp_path, tiny_spec(batch_size=8, max_steps=1, method=NO_DROPOUT))
    in_parts = elsewhere(at_once, tmp_path / "parts")
    spec = tiny_spec(batch_size=2, accumulation=4, max_steps=1, method=NO_DROPOUT)
    in_parts = replace(in_parts, run=replace(in_parts.run, spec=spec))
    losses = []
    for task in (at_once, in_parts):
        recorder = Recorder()
        run(task, recorder)
        losses.append(recorder.losses()[1])
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)


NO_DROPOUT = {"kind": "lora", "rank": 4, "alpha": 8.0, "dropout": 0.0}
