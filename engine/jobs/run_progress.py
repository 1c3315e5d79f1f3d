"""A run's record as its worker's messages change it."""

from msgspec.structs import replace

from engine.protocol.records import MetricPoint, Run
from engine.protocol.worker_messages import CheckpointSaved, Metrics, RunStarted

EVALUATIONS_FOR_ADVICE = 3


def started(run: Run, message: RunStarted) -> Run:
    """The run as its worker takes it up; checkpoints that were skipped are said and forgotten."""
    notices = run.notices
    if message.skipped:
        reasons = " ".join(message.skipped)
        step = message.resumed_step
        notices = (
            *notices,
            f"A damaged checkpoint was skipped: it went on from step {step}. {reasons}",
        )
    return replace(
        run,
        total_steps=message.total_steps,
        step=message.resumed_step,
        notices=notices,
        checkpoints=tuple(each for each in run.checkpoints if each.step <= message.resumed_step),
    )


def measured(run: Run, message: Metrics, *, elapsed_s: float) -> Run:
    """The run with its newest figures; what a point does not measure stays as it was."""
    for point in message.points:
        run = _with_point(run, point)
    return replace(run, elapsed_s=elapsed_s)


def _with_point(run: Run, point: MetricPoint) -> Run:
    best = run.best_loss is None
    loss = point.validation_loss
    if loss is not None and (best or loss < run.best_loss):  # type: ignore[operator]
        run = replace(run, best_loss=loss, best_step=point.step)

    def newest(name: str) -> float | int | None:
        value = getattr(point, name)
        kept: float | int | None = getattr(run, name) if value is None else value
        return kept

    return replace(
        run,
        step=max(run.step, point.step),
        epoch=max(run.epoch, point.epoch),
        train_loss=newest("train_loss"),
        validation_loss=newest("validation_loss"),
        learning_rate=newest("learning_rate"),
        tokens_per_second=newest("tokens_per_second"),
        memory_bytes=newest("memory_bytes"),
    )


def saved(run: Run, message: CheckpointSaved) -> Run:
    """The run with the checkpoints that are on disk now, oldest first."""
    others = (
        point
        for point in run.checkpoints
        if point.step in message.kept and point.step != message.checkpoint.step
    )
    kept = sorted((*others, message.checkpoint), key=lambda checkpoint: checkpoint.step)
    return replace(run, checkpoints=tuple(kept))


def advice(run: Run, points: tuple[MetricPoint, ...]) -> str:
    """One sentence when the validation loss has not fallen for some evaluations, else nothing."""
    if run.best_step is None:
        return ""
    since_best = sum(
        point.validation_loss is not None and point.step > run.best_step for point in points
    )
    if since_best < EVALUATIONS_FOR_ADVICE:
        return ""
    text = f"Validation loss has not fallen for {since_best} evaluations."
    left = run.spec.early_stopping - since_best
    if left > 0:
        text += f" Early stopping will act in {left}."
    return f"{text} Step {run.best_step} is kept as the best checkpoint, so nothing is lost."
