"""How many steps a run takes and how often it looks at the validation rows.

The forecast and the training both ask here, so that neither promises what the other does not do.
"""

import math

from engine.protocol.specs import TrainSpec


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
