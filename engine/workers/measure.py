"""What training costs on this machine, from a few real steps."""

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import psutil
from msgspec import Struct
from msgspec.structs import replace
from transformers import TrainerCallback

from engine.datasets.render import Encoded
from engine.protocol.method_specs import kind_of, size_of, targets_of
from engine.protocol.tasks import Measurement, MeasureTask
from engine.workers.base_weights import load_base, load_tokenizer, use_threads
from engine.workers.methods import add_method
from engine.workers.packing import tokens_at_once
from engine.workers.peak_memory import PeakMemory
from engine.workers.trainer import PackedTrainer, arguments_of
from engine.workers.training import encode_splits


class Step(Struct, frozen=True):
    tokens: int
    seconds: float
    peak_bytes: int


def measure(task: MeasureTask, folder: Path) -> Measurement:
    """Take the Trainer through short, usual and long batches of the dataset's own rows.

    Memory is taken as fixed + tokens at once * a constant, through the shortest and the longest
    batch; a batch of more tokens than fit at once needs no more. `folder` is the job's; nothing
    is left in it. Raises Refused as a training would.
    """
    spec = task.spec
    threads = use_threads(spec.threads)
    tokenizer = load_tokenizer(task.base)
    rows, _ = encode_splits(task.dataset, tokenizer, spec)
    rows.sort(key=lambda row: len(row.input_ids))
    base, packed = load_base(task.base, spec)
    model = add_method(base, spec.method, seed=spec.seed, tokenizer=tokenizer)
    short, usual, long = _batches(rows, spec.batch_size)
    batches = [short, short, usual, usual, long]
    args = arguments_of(
        replace(spec, batch_size=1, accumulation=1),
        total_steps=len(batches),
        folder=str(folder),
        validation_rows=0,
    )
    args.train_sampling_strategy = "sequential"
    stopwatch = Stopwatch()
    trainer = PackedTrainer(
        model=model,
        spec=spec,
        packed=packed,
        args=args,
        train_rows=batches,
        validation_rows=(),
        callbacks=[stopwatch],
        collate=_only,
        on_tokens=stopwatch.count_tokens,
    )
    trainer.train()
    _warm_up, small, *steady, large = stopwatch.steps
    fixed, per_token = _memory(small, large)
    return Measurement(
        base_fingerprint=task.base.fingerprint,
        method=kind_of(spec.method),
        target_modules=targets_of(spec.method),
        rank=size_of(spec.method),
        threads=threads,
        tokens_per_second=sum(s.tokens for s in steady) / sum(s.seconds for s in steady),
        fixed_bytes=fixed,
        bytes_per_token=per_token,
        start_s=stopwatch.first_step_at - psutil.Process().create_time(),
        measured_at=time.time(),
    )


class Stopwatch(TrainerCallback):
    """Time, tokens and peak memory of every step."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.first_step_at = 0.0
        self._tokens = 0
        self._started = 0.0
        self._peak: PeakMemory | None = None

    def count_tokens(self, tokens: int) -> None:
        self._tokens += tokens

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.first_step_at = self.first_step_at or time.time()
        self._tokens = 0
        self._peak = PeakMemory()
        self._started = time.perf_counter()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        seconds = time.perf_counter() - self._started
        assert self._peak is not None
        self.steps.append(Step(self._tokens, seconds, self._peak.stop()))


def _only(batches: Sequence[Sequence[Encoded]]) -> Sequence[Encoded]:
    return batches[0]


def _batches(rows: list[Encoded], size: int) -> tuple[list[Encoded], ...]:
    """The shortest rows, rows from all over, the longest rows; `rows` is sorted by length."""
    stride = max(1, len(rows) // size)
    return (
        _limited(rows[:size]),
        _limited(rows[stride // 2 :: stride][:size]),
        _limited(reversed(rows[-size:])),
    )


def _limited(rows: Iterable[Encoded]) -> list[Encoded]:
    kept: list[Encoded] = []
    tokens = 0
    for row in rows:
        tokens += len(row.input_ids)
        if kept and tokens > tokens_at_once():
            break
        kept.append(row)
    return kept


def _memory(small: Step, large: Step) -> tuple[int, float]:
    """Fixed bytes and bytes per token of a batch, from the line through two peaks."""
    more = large.tokens - small.tokens
    per_token = max(0.0, (large.peak_bytes - small.peak_bytes) / more) if more > 0 else 0.0
    return int(large.peak_bytes - per_token * large.tokens), per_token
