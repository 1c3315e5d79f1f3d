"""A training that is killed again and again is the same training, to the last bit (R4)."""

import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from engine.protocol.options import get_value
from engine.protocol.records import MetricPoint
from engine.protocol.tasks import TrainTask
from tests.engine.workers.in_process import elsewhere
from tests.fakes.training_job import tiny_spec, train_task

STEPS, ACCUMULATION = 36, 2  # six steps an epoch: eleven batches, the last one alone
KILLS = 8  # in each of the runs
SEEDS = range(3)
FORGETFUL = ("random numbers", "optimizer", "place in the data")
Losses = dict[tuple[int, bool], float]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")


class Ended:
    """A run that a worker, or the last of many, has trained to its end."""

    def __init__(self, task: TrainTask, folder: Path) -> None:
        self.task = task
        self.folder = folder

    def plan(self, *moments: int, forgotten: str = "") -> dict[str, object]:
        self.folder.mkdir(parents=True)
        (self.folder / "task.json").write_bytes(msgspec.json.encode(self.task))
        return {"folder": str(self.folder), "moments": moments, "forgotten": forgotten}

    @property
    def losses(self) -> Losses:
        """Every loss by its step, those of validations apart."""
        lines = (Path(self.task.run.path) / "metrics.jsonl").read_bytes()
        found: Losses = {}
        for point in msgspec.json.Decoder(MetricPoint).decode_lines(lines):
            loss = point.validation_loss if point.train_loss is None else point.train_loss
            assert loss is not None
            key = (point.step, point.train_loss is None)
            assert key not in found, f"step {point.step} was counted twice"
            found[key] = loss
        return found

    @property
    def sha256(self) -> str:
        names = ("adapter_model.safetensors", "adapter_config.json")
        content = b"".join((Path(self.task.target) / name).read_bytes() for name in names)
        return hashlib.sha256(content).hexdigest()

    @property
    def kills(self) -> list[tuple[int, int]]:
        """Where it was killed: after that many steps, and batches of the next one."""
        lines = (self.folder / "kills").read_text().splitlines()
        return [(int(step), int(batch)) for step, batch in map(str.split, lines)]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ended]:
    """One run that nothing interrupted, and the same one killed by seed or with a bad memory."""
    home = tmp_path_factory.mktemp("runs")
    spec = tiny_spec(
        batch_size=2,
        accumulation=ACCUMULATION,
        max_steps=STEPS,
        checkpoint_every=4,
        eval_every=5,
        early_stopping=0,
        learning_rate=3e-3,
    )
    assert get_value(spec, "method.dropout")
    task = train_task(home, spec)
    names = ("whole", *map(str, SEEDS), *FORGETFUL)
    ended = {name: Ended(elsewhere(task, home / name), home / name / "job") for name in names}
    plans = [ended["whole"].plan()]
    for seed in SEEDS:
        draw = random.Random(seed)
        moments = [draw.randrange(1, 16) for _ in range(KILLS)]
        plans.append(ended[str(seed)].plan(*moments))
    plans += [ended[name].plan(21, forgotten=name) for name in FORGETFUL]
    (home / "plans.json").write_bytes(msgspec.json.encode(plans))
    command = [sys.executable, "-m", "tests.fakes.killed_worker", str(home / "plans.json")]
    with (
        (home / "messages").open("wb") as messages,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=messages) as workers,
    ):
        assert workers.wait(300) == 0  # their stdin stays open: the engine is there
    return ended


def test_the_whole_run_tells_every_loss(runs: dict[str, Ended]) -> None:
    steps = {step for step, validated in runs["whole"].losses if not validated}
    assert steps == set(range(1, STEPS + 1))


@pytest.mark.parametrize("seed", [str(seed) for seed in SEEDS])
def test_a_run_killed_at_random_moments_ends_in_the_same_adapter(
    runs: dict[str, Ended], seed: str
) -> None:
    killed, whole = runs[seed], runs["whole"]
    assert len(killed.kills) == KILLS
    assert any(batch for _, batch in killed.kills), "no kill between two batches of one step"
    assert any(step % 6 for step, _ in killed.kills), "no kill inside an epoch"
    assert killed.losses == whole.losses
    assert killed.sha256 == whole.sha256


@pytest.mark.parametrize("forgotten", FORGETFUL)
def test_a_checkpoint_that_forgets_something_is_noticed(
    runs: dict[str, Ended], forgotten: str
) -> None:
    assert runs[forgotten].losses != runs["whole"].losses
    assert runs[forgotten].sha256 != runs["whole"].sha256
