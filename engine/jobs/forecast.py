"""What a spec will cost, reckoned from a measurement on this machine."""

from engine.jobs.memory import FLOAT32, memory_bytes
from engine.jobs.trainable import trainable_parameters
from engine.protocol.records import BaseModel, Dataset, Forecast, TokenStats
from engine.protocol.run_length import interval_of, steps_of
from engine.protocol.specs import TrainSpec
from engine.protocol.tasks import TOKENS_PER_THREAD, Measurement

VALIDATION_COST = 1 / 3  # a forward pass against forward and backward


def forecast(
    spec: TrainSpec,
    *,
    base: BaseModel,
    dataset: Dataset,
    stats: TokenStats | None,
    measurement: Measurement | None,
    free_memory_bytes: int,
    other: Measurement | None = None,
    half_precision: bool = False,
) -> Forecast:
    """Time and memory where they were measured, None where not; never a guess.

    `other` is of the same base with another method: without a `measurement` the memory is
    reckoned from it and marked as an estimate.
    """
    trainable = trainable_parameters(spec.method, base)
    steps = steps_of(spec, dataset.train_rows)
    tokens = None if stats is None else _tokens_per_epoch(spec, stats, dataset)
    seconds = memory = None
    if measurement is not None and tokens is not None and stats is not None:
        epochs = steps * spec.batch_size * spec.accumulation / max(1, dataset.train_rows)
        evaluations = steps / interval_of(
            spec, total_steps=steps, validation_rows=dataset.validation_rows
        )
        checked = stats.validation_tokens * evaluations * VALIDATION_COST
        seconds = measurement.start_s + (tokens * epochs + checked) / measurement.tokens_per_second
    measured = measurement or other
    if measured is not None and stats is not None:
        memory = memory_bytes(
            spec,
            base=base,
            measurement=measured,
            batch_tokens=_batch_tokens(spec, stats, measured.threads),
            half_precision=half_precision,
        )
    return Forecast(
        seconds=seconds,
        tokens_per_second=None if measurement is None else measurement.tokens_per_second,
        memory_bytes=memory,
        free_memory_bytes=free_memory_bytes,
        trainable=trainable,
        total=base.parameters,
        adapter_bytes=trainable * FLOAT32,
        tokens_per_epoch=tokens,
        steps=steps,
        warnings=tuple(_warnings(spec, stats, dataset)),
        memory_estimated=memory is not None and measurement is None,
    )


def _batch_tokens(spec: TrainSpec, stats: TokenStats, threads: int) -> int:
    """Of the largest batch, as far as its tokens are reckoned at once."""
    longest = min(stats.longest, spec.max_length)
    at_once = max(longest, TOKENS_PER_THREAD * threads)
    return min(longest * spec.batch_size, at_once)


def _tokens_per_epoch(spec: TrainSpec, stats: TokenStats, dataset: Dataset) -> int:
    """Training tokens after the cut; rows in a bin over the limit count as the limit."""
    if stats.longest <= spec.max_length:
        return stats.train_tokens
    kept = total = 0.0
    for low, high, count in zip(
        stats.bin_edges, stats.bin_edges[1:], stats.bin_counts, strict=False
    ):
        middle = (low + high) / 2
        total += middle * count
        kept += min(middle, spec.max_length) * count
    return round(stats.train_tokens * kept / total) if total else 0


def _warnings(spec: TrainSpec, stats: TokenStats | None, dataset: Dataset) -> list[str]:
    found = []
    if stats is not None and stats.longest > spec.max_length:
        found.append(
            f"Rows over {spec.max_length} tokens are cut; the longest has {stats.longest}."
        )
    if dataset.validation_rows == 0:
        found.append("There are no validation rows, so the last checkpoint is kept, not the best.")
    return found
