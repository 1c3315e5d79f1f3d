"""What a training tells the engine, and how it listens: the Trainer's callbacks."""

import time
from typing import Any

from msgspec.structs import asdict
from transformers import TrainerCallback

from engine.protocol.records import Checkpoint, MetricPoint
from engine.protocol.worker_messages import (
    CheckpointSaved,
    JobCommand,
    Metrics,
    Progress,
    RunStarted,
)
from engine.workers.channel import Channel
from engine.workers.history import History
from engine.workers.orders import Orders, Wanted
from engine.workers.usage import Usage

PROGRESS_EVERY_S = 0.1
METRICS_EVERY_S = 0.25
SMOOTHING = 0.1


class Pace:
    """How long the rest will take, from the steps and validations of this process so far."""

    def __init__(self, total_steps: int) -> None:
        self.total_steps = total_steps
        self.step_s = 0.0  # smoothed
        self.validation_s = 0.0  # the last one
        self._steps = 0

    def stepped(self, seconds: float) -> None:
        self._steps += 1
        share = max(SMOOTHING, 1 / self._steps)
        self.step_s += share * (seconds - self.step_s)

    def remaining_s(self, step: int, validations_left: int) -> float | None:
        """None until 20 steps or a quarter of the run were seen: before, it would jump."""
        if self._steps < min(20, max(1, self.total_steps // 4)):
            return None
        return self.step_s * (self.total_steps - step) + self.validation_s * validations_left


class Reporter(TrainerCallback):
    """Turns the Trainer's events into messages, at most so many a second.

    `known_step` is the last one whose figures the engine has: what a killed engine did not hear
    of is told again from the run's own history.
    """

    def __init__(
        self,
        channel: Channel[JobCommand],
        *,
        total_steps: int,
        history: History,
        known_step: int,
        skipped: tuple[str, ...],
    ) -> None:
        self.tokens_per_second: float | None = None  # of the last step
        self._channel = channel
        self._history = history
        self._known_step = known_step
        self._skipped = skipped
        self._pace = Pace(total_steps)
        self._usage = Usage()
        self._points: list[MetricPoint] = []
        self._tokens = 0
        self._started = self._ended = self._sent_progress = self._sent_metrics = 0.0

    def count_tokens(self, tokens: int) -> None:
        self._tokens += tokens

    def saved(self, checkpoint: Checkpoint, kept: tuple[int, ...]) -> None:
        self.flush()
        self._channel.send(CheckpointSaved(checkpoint, kept))

    def gap(self, step: int) -> None:
        """A step that was not learned from has no loss, and a mean over it neither."""
        self._add(MetricPoint(step=step, at=time.time()))

    def flush(self) -> None:
        if self._points:
            self._channel.send(Metrics(tuple(self._points)))
            self._points.clear()
        self._sent_metrics = time.monotonic()

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._channel.send(RunStarted(state.max_steps, state.global_step, self._skipped))
        known = self._history.resume(state.global_step)
        self._points += [point for point in known if point.step > self._known_step]
        self._usage.start()
        self._progress(args, state, force=True)

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._started = time.perf_counter()
        self._tokens = 0

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._ended = time.perf_counter()
        seconds = self._ended - self._started
        self._pace.stepped(seconds)
        self.tokens_per_second = self._tokens / seconds
        self._progress(args, state, force=state.global_step >= state.max_steps)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        if "loss" in logs:
            point = MetricPoint(
                step=state.global_step,
                epoch=state.epoch or 0.0,
                train_loss=logs["loss"],
                learning_rate=logs["learning_rate"],
                gradient_norm=logs.get("grad_norm"),
                tokens_per_second=self.tokens_per_second,
                at=time.time(),
                **asdict(self._usage.read()),
            )
            self._add(point)

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: Any, **_: Any) -> None:
        self._pace.validation_s = time.perf_counter() - self._ended
        point = MetricPoint(
            step=state.global_step,
            epoch=state.epoch or 0.0,
            validation_loss=metrics["eval_loss"],
            at=time.time(),
        )
        self._add(point)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.flush()

    def _add(self, point: MetricPoint) -> None:
        self._history.add(point)
        self._points.append(point)
        if time.monotonic() - self._sent_metrics >= METRICS_EVERY_S:
            self.flush()

    def _progress(self, args: Any, state: Any, *, force: bool) -> None:
        now = time.monotonic()
        if not force and now - self._sent_progress < PROGRESS_EVERY_S:
            return
        self._sent_progress = now
        left = state.max_steps - state.global_step
        validations = -(-left // args.eval_steps) if args.eval_strategy == "steps" else 0
        self._channel.send(
            Progress(
                progress=state.global_step / state.max_steps,
                detail=f"step {state.global_step} of {state.max_steps}",
                remaining_s=self._pace.remaining_s(state.global_step, validations),
            )
        )


class Steering(TrainerCallback):
    """Saves what is better than all before, and ends early when told to or when nothing gains."""

    def __init__(self, orders: Orders, *, patience: int) -> None:
        self._orders = orders
        self._patience = patience

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self._orders.wanted is not Wanted.GO_ON:
            control.should_training_stop = True
            control.should_save = True
        if self._orders.wanted is Wanted.FINISH and args.eval_strategy == "steps":
            control.should_evaluate = True

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: Any, **_: Any) -> None:
        losses = [entry["eval_loss"] for entry in state.log_history]
        best = losses.index(min(losses))
        if best == len(losses) - 1:
            control.should_save = True
        elif self._patience and len(losses) - 1 - best >= self._patience:
            control.should_training_stop = True
