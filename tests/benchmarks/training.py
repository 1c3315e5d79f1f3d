"""Training against the usual padded Trainer: the same rows, one thread, step by step in turn."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from engine.protocol.tasks import PrepareBaseTask
from tests.benchmarks.table import BenchRow
from tests.benchmarks.training_run import STEP, STEPS, Cost

GROUP = "training"
BASE = Path("build/bench-base")
SPEED_BAR, MEMORY_BAR, LOSS_BAR = 3.0, 0.4, 1e-4


def measure() -> list[BenchRow]:
    padded, packed = _in_turn(("padded", "packed"), _base())
    speed = packed.tokens_per_second / padded.tokens_per_second
    memory = packed.peak_bytes / padded.peak_bytes
    loss = abs(packed.first_loss - padded.first_loss)
    return [
        BenchRow(
            group=GROUP,
            what="training: tokens per second against the padded Trainer",
            figure=f"{speed:.2f}x ({packed.tokens_per_second:.0f} to"
            f" {padded.tokens_per_second:.0f})",
            bar=f"at least {SPEED_BAR:.0f}x",
            holds=speed >= SPEED_BAR,
        ),
        BenchRow(
            group=GROUP,
            what="training: peak memory against the padded Trainer",
            figure=f"{memory:.0%} ({packed.peak_bytes / 1e9:.2f} to"
            f" {padded.peak_bytes / 1e9:.2f} GB)",
            bar=f"at most {MEMORY_BAR:.0%}",
            holds=memory <= MEMORY_BAR,
        ),
        BenchRow(
            group=GROUP,
            what="training: loss of the first step against the padded Trainer",
            figure=f"{loss:.1e} apart ({packed.first_loss:.6f})",
            bar=f"within {LOSS_BAR:.0e}",
            holds=loss <= LOSS_BAR,
        ),
    ]


def _base() -> Path:
    """The built-in model, made once; in a process of its own, whose memory is not ours."""
    if not BASE.exists():
        subprocess.run([sys.executable, "-m", "tests.benchmarks.training", str(BASE)], check=True)
    return BASE


def _in_turn(modes: Sequence[str], base: Path) -> list[Cost]:
    """One process for each, taking a step at a time: a machine's moods meet all of them alike."""
    runs = [_start(mode, base) for mode in modes]
    for _ in range(STEPS):
        for run in runs:
            _step(run)
    return [_result(run) for run in runs]


def _start(mode: str, base: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.training_run", mode, str(base)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )


def _step(run: subprocess.Popen[str]) -> None:
    assert run.stdin is not None
    assert run.stdout is not None
    run.stdin.write("\n")
    for line in run.stdout:  # the Trainer prints its figures there too
        if line.strip() == STEP:
            return
    raise RuntimeError(f"The run ended early, with status {run.wait()}")


def _result(run: subprocess.Popen[str]) -> Cost:
    assert run.stdout is not None
    last = run.stdout.read().splitlines()[-1]
    run.wait()
    return msgspec.json.decode(last, type=Cost)


if __name__ == "__main__":
    from engine.workers.built_in import prepare_built_in

    prepare_built_in(PrepareBaseTask("b" * 32, sys.argv[1]), lambda *_: None)
