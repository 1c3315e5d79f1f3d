"""How many steps a run takes and how often it looks at the validation rows.

The forecast and the training both ask here, so that neither promises what the other does not do.
"""

import math
from collections.abc import Iterable

from engine.protocol.records import Checkpoint
from engine.protocol.specs import TrainSpec

CHECKPOINT_REST = 60_000  # bytes of a checkpoint that do not grow with the adapter


def steps_of(spec: TrainSpec, train_rows: int) -> int:
    """Optimizer steps of the whole run; a last, smaller batch counts."""
    batches = math.ceil(train_rows / spec.batch_size)
    steps_per_epoch = max(1, math.ceil(batches / spec.accumulation))
    return spec.max_steps or math.ceil(spec.epochs * steps_per_epoch)


def interval_of(spec: TrainSpec, *, total_steps: int, validation_rows: int) -> int:
    """Steps between validations: the spec's, or the choice where it leaves that open.

    Ten in a run, or as many as cost about a seventh of it; but at least three. A validation
    row costs a third of a training row: nothing goes backward.
    """
    if spec.eval_every:
        return spec.eval_every
    cost_in_steps = validation_rows / (3 * spec.batch_size * spec.accumulation)
    wanted = max(total_steps / 10, cost_in_steps * 7)
    return max(1, round(min(wanted, total_steps / 3)))


def checkpoint_bytes(trainable: int) -> int:
    """The size of a checkpoint: the adapter's weights and AdamW's two moments, in float32."""
    return 3 * 4 * trainable + CHECKPOINT_REST


def best_checkpoint(checkpoints: Iterable[Checkpoint]) -> Checkpoint | None:
    """What a run keeps: the lowest validation loss, the earlier of equals, else the newest."""
    listed = [*checkpoints]
    judged = [found for found in listed if found.validation_loss is not None]
    best = min(judged, key=lambda found: (found.validation_loss, found.step), default=None)
    return best or max(listed, key=lambda found: found.step, default=None)


MOST_HALVINGS = 3  # of the micro-batch of one run, before want of memory ends it


def micro_batch(spec: TrainSpec, halvings: int) -> int:
    """Rows at once, at most, after so many halvings; at least one."""
    return max(1, spec.batch_size >> halvings)


def may_halve(spec: TrainSpec, halvings: int) -> bool:
    """Whether there is less than this to take at once. A single row is never divided."""
    return halvings < MOST_HALVINGS and micro_batch(spec, halvings) > 1
