"""One training, from rows to a published adapter."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from engine.datasets.render import Encoded, encode_row, read_rows
from engine.protocol.dataset_specs import Template
from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, Checkpoint, Dataset, Row
from engine.protocol.run_length import checkpoint_bytes, steps_of
from engine.protocol.specs import TrainSpec
from engine.protocol.tasks import TrainTask
from engine.protocol.worker_messages import JobCommand
from engine.workers.adapter_files import publish_adapter
from engine.workers.base_weights import load_base, load_tokenizer, use_threads
from engine.workers.channel import Channel
from engine.workers.checkpoints import Checkpoints, metrics_of
from engine.workers.first_weights import first_weights_of
from engine.workers.history import History
from engine.workers.memory_errors import as_memory_errors, out_of_memory
from engine.workers.methods import add_method
from engine.workers.orders import Orders, Wanted
from engine.workers.progress import Reporter, Steering
from engine.workers.saving import Saving
from engine.workers.spikes import Spikes
from engine.workers.trainer import PackedTrainer, arguments_of

log = logging.getLogger(__name__)


def train(
    task: TrainTask,
    channel: Channel[JobCommand],
    orders: Orders,
    *,
    checkpoints: Checkpoints,
    skipped: tuple[str, ...],
) -> Adapter | int:
    """Train to the end, or until told otherwise; go on from the newest checkpoint if there is one.

    Returns the published adapter, made from the checkpoint with the lowest validation loss; or
    the step of the last checkpoint after a pause. Raises Refused when the data or the base does
    not allow it, when the loss diverges, and when memory or room on the disk runs out.
    """
    spec = task.run.spec
    use_threads(spec.threads)
    tokenizer = load_tokenizer(task.base)
    train_rows, validation_rows = encode_splits(task.dataset, tokenizer, spec)
    total = steps_of(spec, len(train_rows))
    base, packed = load_base(task.base, spec)
    newest = checkpoints.newest()
    history = History(Path(task.run.path))
    losses = history.losses(newest.step if newest else 0)
    reporter = Reporter(
        channel,
        total_steps=total,
        history=history,
        known_step=task.run.step,
        skipped=skipped,
    )
    model = add_method(base, spec.method, seed=spec.seed, total_steps=total, tokenizer=tokenizer)
    trainer = PackedTrainer(
        model=model,
        first=first_weights_of(model, spec.method, task.base.path),
        spec=spec,
        packed=packed,
        args=arguments_of(
            spec, total_steps=total, folder=task.run.path, validation_rows=len(validation_rows)
        ),
        train_rows=train_rows,
        validation_rows=validation_rows,
        callbacks=[reporter, Steering(orders, patience=spec.early_stopping)],
        checkpoints=checkpoints,
        base_name=task.base.name,
        on_tokens=reporter.count_tokens,
        halvings=task.run.halvings,
        spikes=Spikes(spec.stop_on_spike, losses),
        saving=Saving(by_time=not spec.checkpoint_every),
        on_save=reporter.saved,
        on_refused_step=reporter.gap,
    )
    if newest is None or newest.step < total:
        checkpoints.refuse_without_room(checkpoint_bytes(trainable_weights(trainer.model)))
        _train(trainer, reporter, newest)
        newest = checkpoints.newest()
    assert newest is not None
    if orders.wanted is Wanted.PAUSE and newest.step < total:
        return newest.step
    chosen = checkpoints.chosen() or newest
    metrics = metrics_of(chosen)
    if reporter.tokens_per_second is not None:
        metrics["tokens_per_second"] = reporter.tokens_per_second
    return publish_adapter(task, chosen, metrics)


def _train(trainer: PackedTrainer, reporter: Reporter, newest: Checkpoint | None) -> None:
    try:
        with as_memory_errors():
            trainer.train(resume_from_checkpoint=newest.path if newest else None)
    except MemoryError as error:
        log.exception("Out of memory")
        raise out_of_memory(trainer.state.global_step + 1) from error
    finally:
        reporter.flush()


def trainable_weights(model: Any) -> int:
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad)


def encode_splits(
    dataset: Dataset, tokenizer: Any, spec: TrainSpec
) -> tuple[list[Encoded], list[Encoded]]:
    """Training and validation rows as tokens, without those whose answer is not to be learned.

    Raises Refused when no training row has anything to learn from.
    """
    rows = [row for row in read_rows(Path(dataset.path)) if row.desirable is not False]
    if rejected := dataset.rows - len(rows):
        log.info("%d rows left out: their answer is marked as not desirable", rejected)
    train_rows, validation_rows = (
        _encode(
            [row for row in rows if row.split == split],
            tokenizer,
            spec,
            dataset.template,
        )
        for split in ("train", "validation")
    )
    if not train_rows:
        raise Refused(
            "dataset.nothing-to-learn",
            f"No training row of {dataset.name} has an answer to learn within "
            f"{spec.max_length} tokens.",
            "Choose a larger maximum length or look at the dataset's splits.",
        )
    return train_rows, validation_rows


def _encode(
    rows: Sequence[Row], tokenizer: Any, spec: TrainSpec, template: Template | None
) -> list[Encoded]:
    encoded = [
        encode_row(row, tokenizer, max_length=spec.max_length, template=template) for row in rows
    ]
    if spec.loss_on == "everything":
        encoded = [replace(row, labels=row.input_ids) for row in encoded]
    kept = [row for row in encoded if row.supervised]
    cut = sum(row.cut > 0 for row in encoded)
    log.info(
        "%d %s rows: %d cut at %d tokens, %d left out because no answer remained",
        len(encoded),
        rows[0].split if rows else "",
        cut,
        spec.max_length,
        len(encoded) - len(kept),
    )
    return kept
