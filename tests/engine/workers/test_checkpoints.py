import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from msgspec.structs import replace
from transformers.trainer_utils import get_last_checkpoint

from engine.protocol.method_specs import LoraSpec
from engine.protocol.problems import Refused
from engine.protocol.records import Checkpoint
from engine.protocol.specs import TrainSpec
from engine.protocol.tasks import TrainTask
from engine.protocol.worker_messages import RunStarted
from engine.workers.checkpoints import Checkpoints
from engine.workers.origin import FREE_OPTIONS, Origin, origin_of
from tests.engine.workers.in_process import Recorder, run
from tests.fakes.training_job import tiny_spec, train_task

ORIGIN: Origin = {"base": "f" * 64, "seed": 42}
PARTS = (
    "adapter_config.json",
    "adapter_model.safetensors",
    "checkpoint.json",
    "manifest.json",
    "optimizer.pt",
    "rng_state.pth",
    "scheduler.pt",
    "trainer_state.json",
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> TrainTask:
    """A finished run whose newest checkpoints are of steps 4 and 5."""
    torch.set_num_threads(1)
    task = train_task(
        tmp_path_factory.mktemp("trained"), tiny_spec(max_steps=5, checkpoint_every=1)
    )
    run(task)
    return task


@pytest.fixture
def copy(trained: TrainTask, tmp_path: Path) -> TrainTask:
    path = tmp_path / "run"
    shutil.copytree(trained.run.path, path)
    return replace(
        trained,
        run=replace(trained.run, path=str(path)),
        target=str(tmp_path / "adapter"),
    )


def newest_folder(task: TrainTask) -> Path:
    return max((Path(task.run.path) / "checkpoints").iterdir())


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flip(path: Path, share: float) -> None:
    content = bytearray(path.read_bytes())
    content[int((len(content) - 1) * share)] ^= 0x10
    path.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "deleted": Path.unlink,
    "cut": cut,
    "empty": empty,
    "grown": lambda path: path.write_bytes(path.read_bytes() + b"x"),
    "first byte flipped": lambda path: flip(path, 0.0),
    "a byte in the middle flipped": lambda path: flip(path, 0.5),
    "a late byte flipped": lambda path: flip(path, 0.9),
}


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_checkpoint_is_skipped_for_the_one_before(
    copy: TrainTask, name: str, damage: str
) -> None:
    DAMAGES[damage](newest_folder(copy) / name)
    checkpoints = Checkpoints(copy.run.path, origin_of(copy))
    skipped = checkpoints.open()
    newest = checkpoints.newest()
    assert newest is not None
    if name == "manifest.json" and not skipped:
        assert newest.step == 5  # a flipped space in the manifest changes nothing
        return
    assert newest.step == 4
    assert len(skipped) == 1
    assert "step-00000005" in skipped[0]


@pytest.mark.parametrize("name", [name for name in PARTS if name != "manifest.json"])
def test_a_file_from_another_checkpoint_does_not_pass(copy: TrainTask, name: str) -> None:
    newest = newest_folder(copy)
    other = newest.with_name("step-00000004") / name
    if other.read_bytes() == (newest / name).read_bytes():
        pytest.skip("the same in both")
    shutil.copyfile(other, newest / name)
    checkpoints = Checkpoints(copy.run.path, origin_of(copy))
    assert name in checkpoints.open()[0]


def test_a_run_past_a_damaged_checkpoint_says_so_and_ends_the_same(
    copy: TrainTask, trained: TrainTask
) -> None:
    cut(newest_folder(copy) / "optimizer.pt")
    recorder = Recorder()
    run(copy, recorder)
    (started,) = recorder.of(RunStarted)
    assert started.resumed_step == 4
    assert "optimizer.pt" in started.skipped[0]
    name = "adapter_model.safetensors"
    assert (Path(copy.target) / name).read_bytes() == (Path(trained.target) / name).read_bytes()


CHANGED: dict[str, Callable[[TrainTask], TrainTask]] = {
    "base": lambda task: replace(task, base=replace(task.base, fingerprint="0" * 64)),
    "template": lambda task: replace(task, base=replace(task.base, template_hash="0")),
    "dataset": lambda task: replace(task, dataset=replace(task.dataset, sha256="0" * 64)),
    "method.rank": lambda task: with_spec(task, method=LoraSpec(rank=8, alpha=8.0, dropout=0.1)),
    "method.alpha": lambda task: with_spec(task, method=LoraSpec(rank=4, alpha=4.0, dropout=0.1)),
    "method.dropout": lambda task: with_spec(task, method=LoraSpec(rank=4, alpha=8.0)),
    "learning_rate": lambda task: with_spec(task, learning_rate=1e-3),
    "batch_size": lambda task: with_spec(task, batch_size=2),
    "max_length": lambda task: with_spec(task, max_length=64),
    "epochs": lambda task: with_spec(task, epochs=4.0),
    "max_steps": lambda task: with_spec(task, max_steps=50),
    "accumulation": lambda task: with_spec(task, accumulation=2),
    "optimizer": lambda task: with_spec(task, optimizer="sgd"),
    "schedule": lambda task: with_spec(task, schedule="linear"),
    "warmup_ratio": lambda task: with_spec(task, warmup_ratio=0.5),
    "weight_decay": lambda task: with_spec(task, weight_decay=0.5),
    "max_grad_norm": lambda task: with_spec(task, max_grad_norm=0.5),
    "label_smoothing": lambda task: with_spec(task, label_smoothing=0.1),
    "neftune_alpha": lambda task: with_spec(task, neftune_alpha=5.0),
    "loss_on": lambda task: with_spec(task, loss_on="everything"),
    "precision": lambda task: with_spec(task, precision="bfloat16"),
    "gradient_checkpointing": lambda task: with_spec(task, gradient_checkpointing=True),
    "seed": lambda task: with_spec(task, seed=1),
}


def with_spec(task: TrainTask, **changes: object) -> TrainTask:
    return replace(task, run=replace(task.run, spec=replace(task.run.spec, **changes)))


@pytest.mark.parametrize("field", CHANGED)
def test_a_run_made_from_something_else_is_refused_by_the_fields_name(
    trained: TrainTask, field: str
) -> None:
    other = CHANGED[field](trained)
    with pytest.raises(Refused, match=f"another {field} "):
        Checkpoints(trained.run.path, origin_of(other)).open()


@pytest.mark.parametrize(
    "change", [{"eval_every": 3}, {"early_stopping": 1}, {"threads": 2}, {"workers": 1}]
)
def test_what_does_not_shape_the_adapter_may_change(
    trained: TrainTask, change: dict[str, object]
) -> None:
    checkpoints = Checkpoints(trained.run.path, origin_of(with_spec(trained, **change)))
    assert checkpoints.open() == ()
    assert checkpoints.steps()[-2:] == (4, 5)


def test_every_option_is_held_fast_unless_it_is_named_free(trained: TrainTask) -> None:
    names = {field for field in TrainSpec.__struct_fields__ if field not in FREE_OPTIONS}
    methods = {f"method.{field}" for field in trained.run.spec.method.__struct_fields__}
    assert names | methods <= set(origin_of(trained))
    assert set(TrainSpec.__struct_fields__) >= FREE_OPTIONS
    assert names <= set(CHANGED)


def test_a_checkpoint_of_a_release_without_an_option_had_its_default(tmp_path: Path) -> None:
    publish_one(Checkpoints(str(tmp_path), {"base": "f"}))
    origin: Origin = {"base": "f", "new": 1}
    with pytest.raises(Refused, match="another new "):
        Checkpoints(str(tmp_path), origin).open()
    assert Checkpoints(str(tmp_path), origin, defaults={"new": 1}).open() == ()
    with pytest.raises(Refused, match="another new "):
        Checkpoints(str(tmp_path), origin, defaults={"new": 2}).open()


def publish_one(checkpoints: Checkpoints, step: int = 1) -> None:
    checkpoints.open()
    checkpoints.save(Checkpoint(step, ""), lambda folder: (folder / "weights").touch())


def test_a_run_without_a_whole_checkpoint_never_starts_anew_by_itself(tmp_path: Path) -> None:
    publish_one(Checkpoints(str(tmp_path), ORIGIN))
    (tmp_path / "checkpoints" / "step-00000001" / "weights").unlink()
    with pytest.raises(Refused, match="no checkpoint of it is whole") as refusal:
        Checkpoints(str(tmp_path), ORIGIN).open()
    assert "weights is missing" in refusal.value.problem.message
    shutil.rmtree(tmp_path / "checkpoints")
    with pytest.raises(Refused, match="step-00000001 is missing"):
        Checkpoints(str(tmp_path), ORIGIN, known=(1,)).open()


def test_a_newest_checkpoint_that_is_gone_is_said(tmp_path: Path) -> None:
    for step in (1, 2):
        publish_one(Checkpoints(str(tmp_path), ORIGIN), step)
    shutil.rmtree(tmp_path / "checkpoints" / "step-00000002")
    again = Checkpoints(str(tmp_path), ORIGIN, known=(1, 2))
    assert again.open() == ("step-00000002 is missing.",)
    assert again.steps() == (1,)


def test_the_usual_search_for_the_newest_takes_a_damaged_one(copy: TrainTask) -> None:
    """The control: what transformers itself would resume from."""
    newest = newest_folder(copy)
    checkpoints = newest.parent
    for path in checkpoints.iterdir():
        path.rename(checkpoints / f"checkpoint-{int(path.name[5:])}")
    newest = checkpoints / "checkpoint-5"
    cut(newest / "optimizer.pt")
    assert get_last_checkpoint(str(checkpoints)) == str(newest)


def test_a_half_written_checkpoint_is_not_one(tmp_path: Path) -> None:
    checkpoints = Checkpoints(str(tmp_path), ORIGIN)
    checkpoints.open()

    def write(folder: Path) -> None:
        (folder / "half").write_bytes(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        checkpoints.save(Checkpoint(step=1, path=""), write)
    (checkpoints.folder / ".staging-step-00000002-killed").mkdir()
    again = Checkpoints(str(tmp_path), ORIGIN)
    assert (again.open(), again.steps()) == ((), ())
    assert not any(again.folder.iterdir())


def test_the_best_stays_however_many_follow(tmp_path: Path) -> None:
    checkpoints = Checkpoints(str(tmp_path), ORIGIN)
    checkpoints.open()
    for step, loss in enumerate((3.0, 1.0, 2.0, 1.0, None, 4.0), 1):
        checkpoints.save(
            Checkpoint(step=step, path="", validation_loss=loss),
            lambda folder: (folder / "weights").touch(),
        )
    assert checkpoints.steps() == (2, 5, 6)
    best, newest = checkpoints.chosen(), checkpoints.newest()
    assert best is not None
    assert newest is not None
    assert (best.step, newest.step) == (2, 6)
