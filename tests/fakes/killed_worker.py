"""Real training workers one after the other, each ended by SIGKILL at a given moment.

    python -m tests.fakes.killed_worker PLANS.json

torch is imported once and every worker is a fork of that. A moment is a number of micro-batches
that the worker takes in; before the next one it is killed. The last worker trains to the end.
Where each was killed stands in `kills` in the job's folder: optimizer step and micro-batch of it.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import msgspec
import transformers.trainer
from msgspec import Struct

from engine.protocol.worker_messages import JobCommand
from engine.workers.channel import run_worker
from engine.workers.train import main
from engine.workers.trainer import PackedTrainer
from engine.workers.training import train

IMPORTED = train  # so that no fork has to

FORGOTTEN: dict[str, tuple[Any, str, Any]] = {
    "random numbers": (PackedTrainer, "_save_rng_state", lambda *_: None),
    "optimizer": (PackedTrainer, "_save_optimizer_and_scheduler", lambda *_: None),
    "place in the data": (transformers.trainer, "skip_first_batches", lambda rows, _: rows),
}


class Plan(Struct, frozen=True):
    """`forgotten` is a part of the state that its checkpoints lack: what careless writers do."""

    folder: str
    moments: tuple[int, ...] = ()
    forgotten: str = ""


def kill_after(moment: int, kills: Path) -> None:
    real: Any = PackedTrainer.training_step
    taken = 0

    def step(self: PackedTrainer, *arguments: Any) -> Any:
        nonlocal taken
        if taken == moment:
            at = self.state.global_step, taken % self.args.gradient_accumulation_steps
            with kills.open("a") as file:
                file.write(f"{at[0]} {at[1]}\n")
            os.kill(os.getpid(), signal.SIGKILL)
        taken += 1
        return real(self, *arguments)

    PackedTrainer.training_step = step  # type: ignore[method-assign, assignment]


def run(plan: Plan, moment: int | None) -> int:
    """The status of a worker that was forked, negative for a signal."""
    child = os.fork()
    if child == 0:
        if plan.forgotten:
            setattr(*FORGOTTEN[plan.forgotten])
        if moment is not None:
            kill_after(moment, Path(plan.folder) / "kills")
        os._exit(run_worker(["train", plan.folder], JobCommand, main))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    for plan in msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=list[Plan]):
        for moment in plan.moments:
            assert run(plan, moment) in (-signal.SIGKILL, 0)
        assert run(plan, None) == 0, plan.folder
