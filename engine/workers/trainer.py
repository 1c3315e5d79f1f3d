"""transformers' Trainer with packed batches, loss on answers only, and checkpoints that hold."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from peft import set_peft_model_state_dict
from peft.optimizers import create_loraplus_optimizer
from safetensors.torch import load_file
from torch import Tensor
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments
from transformers.trainer import TRAINER_STATE_NAME

from engine.datasets.render import MASKED, Encoded
from engine.protocol.method_specs import AdaLoraSpec
from engine.protocol.problems import Refused
from engine.protocol.records import Checkpoint
from engine.protocol.run_length import interval_of
from engine.protocol.specs import TrainSpec
from engine.protocol.trainer_names import OPTIMIZERS, SCHEDULES, schedule_options
from engine.store.hashing import ADAPTER_WEIGHTS
from engine.workers.adalora import AdaLoraRanks
from engine.workers.adapter_files import write_adapter
from engine.workers.checkpoints import Checkpoints
from engine.workers.first_weights import FirstWeights
from engine.workers.methods import draws_anew
from engine.workers.neftune import EmbeddingNoise
from engine.workers.packing import loss_sum, pack, pack_in_parts, split_rows, tokens_at_once
from engine.workers.saving import Saving
from engine.workers.spikes import Spikes


def arguments_of(
    spec: TrainSpec, *, total_steps: int, folder: str, validation_rows: int
) -> TrainingArguments:
    """The Trainer's arguments for a spec; without validation rows nothing is validated."""
    eval_every = interval_of(spec, total_steps=total_steps, validation_rows=validation_rows)
    cpu = not torch.cuda.is_available()
    return TrainingArguments(
        output_dir=folder,
        max_steps=total_steps,
        per_device_train_batch_size=spec.batch_size,
        gradient_accumulation_steps=spec.accumulation,
        learning_rate=spec.learning_rate,
        lr_scheduler_type=SCHEDULES[spec.schedule],
        lr_scheduler_kwargs=schedule_options(spec.schedule, total_steps),
        optim=OPTIMIZERS[spec.optimizer],
        warmup_steps=spec.warmup_ratio,
        weight_decay=spec.weight_decay,
        max_grad_norm=spec.max_grad_norm,
        eval_strategy="steps" if validation_rows else "no",
        eval_steps=eval_every,
        save_strategy="steps",
        save_steps=spec.checkpoint_every or eval_every,
        metric_for_best_model="loss",
        greater_is_better=False,
        logging_steps=1,
        logging_nan_inf_filter=False,
        seed=spec.seed,
        data_seed=spec.seed,
        activation_checkpointing=spec.gradient_checkpointing,
        activation_checkpointing_kwargs={"use_reentrant": False},
        fp16=spec.precision == "float16" and not cpu,
        dataloader_num_workers=spec.workers,
        use_cpu=cpu,
        dataloader_pin_memory=not cpu,
        remove_unused_columns=False,
        report_to="none",
        disable_tqdm=True,
        include_num_input_tokens_seen="no",
    )


def as_they_are(rows: Sequence[Any]) -> Sequence[Encoded]:
    return rows


class PackedTrainer(Trainer):
    """Packs what the Trainer's own sampler chose, and publishes instead of saving.

    `on_tokens` is told the tokens of every training batch, `on_save` every published checkpoint.
    Without `checkpoints` nothing is ever written.
    """

    def __init__(
        self,
        *,
        model: Any,
        spec: TrainSpec,
        packed: bool,
        args: TrainingArguments,
        train_rows: Sequence[Any],
        validation_rows: Sequence[Encoded],
        callbacks: Sequence[TrainerCallback] = (),
        collate: Callable[[Sequence[Any]], Sequence[Encoded]] = as_they_are,
        checkpoints: Checkpoints | None = None,
        first: FirstWeights | None = None,
        base_name: str = "",
        halvings: int = 0,
        spikes: Spikes | None = None,
        saving: Saving | None = None,
        on_tokens: Callable[[int], None] = lambda _: None,
        on_save: Callable[[Checkpoint, tuple[int, ...]], None] = lambda *_: None,
        on_refused_step: Callable[[int], None] = lambda _: None,
    ) -> None:
        saving = saving or Saving(by_time=False)
        shareable = packed and not torch.cuda.is_available()
        anew = draws_anew(model) or spec.neftune_alpha > 0
        super().__init__(
            model=model,
            args=args,
            data_collator=Collator(collate, halvings=halvings, share=shareable and not anew),
            train_dataset=train_rows,
            eval_dataset=validation_rows,
            callbacks=[*callbacks, saving],
        )
        self.remove_callback(PrinterCallback)
        self.spec = spec
        self.ranks = AdaLoraRanks(model) if isinstance(spec.method, AdaLoraSpec) else None
        if self.ranks is not None:
            self.add_callback(self.ranks)
        self.noise = EmbeddingNoise(spec.neftune_alpha) if spec.neftune_alpha else None
        if self.noise is not None:
            self.noise.put_on(model)
        self.packed = packed
        self.shareable = shareable
        self.checkpoints = checkpoints
        self.first = first
        self.base_name = base_name
        self.saving = saving
        self.halvings = halvings
        self.spikes = spikes or Spikes(0)
        self.step_loss = 0.0  # of the batches of the step at hand so far
        self.on_tokens = on_tokens
        self.on_save = on_save
        self.on_refused_step = on_refused_step
        self.train_loss: float | None = None  # of the last step
        self.model_accepts_loss_kwargs = True  # have the targets of the whole step counted
        self.loss_is_scaled_for_ga = True

    def compute_loss(
        self,
        model: Any,
        inputs: Mapping[str, Tensor],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Tensor:
        """The batch's share of the mean over every supervised token of the optimizer step."""
        if self.noise is not None:
            self.noise.lengths = inputs["bounds"].diff()
        loss = loss_sum(model, inputs, packed=self.packed, smoothing=self.spec.label_smoothing)
        count = num_items_in_batch
        if count is None:
            count = inputs["labels"].ne(MASKED).sum()
        elif self.args.average_tokens_across_devices:
            loss = loss * self.accelerator.num_processes  # which the gradients are averaged over
        return loss / count

    def training_step(
        self,
        model: Any,
        inputs: dict[str, Any],
        num_items_in_batch: Tensor | int | None = None,
    ) -> Tensor:
        """The Trainer's own step for each part of a batch; gradients add up.

        A loss that is no number ends the run before it is learned from.
        """
        self.on_tokens(int(inputs["tokens"]))
        *parts, last = inputs["parts"]
        loss = torch.zeros((), device=self.args.device)
        with self.accelerator.no_sync(model):
            for part in parts:
                loss += super().training_step(model, part, num_items_in_batch)
        loss += super().training_step(model, last, num_items_in_batch)
        if self.ranks is not None:
            self.accelerator.backward(
                self.ranks.penalty() / self.current_gradient_accumulation_steps
            )
        self.step_loss += float(loss)
        if not math.isfinite(self.step_loss):
            raise self._refuse(diverged)
        return loss

    def create_optimizer(self, model: Any = None) -> Any:
        """With LoRA+ the matrices B learn faster than A, which begins at their inputs."""
        ratio = getattr(self.spec.method, "learning_rate_ratio", 1.0)
        made: Any = self.optimizer
        if ratio > 1 and made is None:
            kind, options = self.get_optimizer_cls_and_kwargs(self.args, self.model)
            self.optimizer: Any = create_loraplus_optimizer(
                self.model,
                kind,
                loraplus_lr_ratio=ratio,
                loraplus_weight_decay=self.args.weight_decay,
                **options,
            )
        return super().create_optimizer(model)

    def _clip_grad_norm(self, model: Any) -> Any:
        """The last look at a step before it is learned from."""
        norm = super()._clip_grad_norm(model)
        if norm is not None and not math.isfinite(float(norm)):
            raise self._refuse(diverged)
        loss, self.step_loss = self.step_loss, 0.0
        usual = self.spikes.take(loss)
        if usual is not None:
            raise self._refuse(lambda step: spiked(step, loss, usual))
        return norm

    def _refuse(self, why: Callable[[int], Refused]) -> Refused:
        step = self.state.global_step + 1
        self.on_refused_step(step)
        return why(step)

    def evaluate(
        self,
        eval_dataset: Sequence[Encoded] | None = None,
        ignore_keys: list[str] | None = None,
        metric_key_prefix: str = "eval",
    ) -> dict[str, float]:
        """Mean loss (nats) over every supervised validation token.

        Takes the rows in order and draws no random number, so that it changes nothing in training.
        """
        rows = self.eval_dataset if eval_dataset is None else eval_dataset
        self.model.eval()
        total, count = 0.0, 0
        with torch.no_grad(), self.compute_loss_context_manager():
            for part in split_rows(rows, tokens_at_once(), halvings=self.halvings):
                batch = self._prepare_inputs(pack(part, share=self.shareable))
                total += float(loss_sum(self.model, batch, packed=self.packed))
                count += int(batch["labels"].ne(MASKED).sum())
        metrics = {f"{metric_key_prefix}_loss": total / max(1, count)}
        if not math.isfinite(total):
            raise diverged(self.state.global_step)
        self.log(metrics)
        handler: Any = self.callback_handler
        self.control: Any = handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Hand the figures on; only validations stay in the state, which every checkpoint holds."""
        self.train_loss = logs.get("loss", self.train_loss)
        super().log(logs, start_time)
        if "eval_loss" not in logs:
            self.state.log_history.pop()

    def floating_point_ops(self, inputs: Mapping[str, Tensor]) -> int:
        """Not reckoned: the Trainer would walk the whole model for it in every batch."""
        return 0

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        if self.checkpoints is None:
            return
        started = time.monotonic()
        step = self.state.global_step
        history = self.state.log_history
        judged = bool(history) and history[-1]["step"] == step
        checkpoint = Checkpoint(
            step=step,
            path="",
            validation_loss=history[-1]["eval_loss"] if judged else None,
            train_loss=self.train_loss,
        )
        checkpoint = self.checkpoints.save(checkpoint, self._write_checkpoint)
        self.saving.saved(time.monotonic() - started)
        self.on_save(checkpoint, self.checkpoints.steps())

    def _write_checkpoint(self, folder: Path) -> None:
        model = self.accelerator.unwrap_model(self.model)
        write_adapter(folder, model, base_name=self.base_name, first=self.first)
        if self.ranks is not None:
            self.ranks.save(folder)
        self._save_optimizer_and_scheduler(str(folder))
        self._save_scaler(str(folder))
        self._save_rng_state(str(folder))
        self.state.save_to_json(str(folder / TRAINER_STATE_NAME))

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        if self.ranks is not None:
            self.ranks.load(Path(resume_from_checkpoint))
            return
        weights = load_file(Path(resume_from_checkpoint) / ADAPTER_WEIGHTS)
        if self.first is not None:
            weights = self.first.take(weights)
        set_peft_model_state_dict(self.model if model is None else model, weights)


class Collator:
    """Rows to a batch; an object, so that data workers of any platform can have it."""

    def __init__(
        self,
        collate: Callable[[Sequence[Any]], Sequence[Encoded]],
        *,
        halvings: int,
        share: bool,
    ) -> None:
        self._collate, self._halvings, self._share = collate, halvings, share
        self._limit = tokens_at_once()  # data workers have one thread each

    def __call__(self, rows: Sequence[Any]) -> dict[str, Any]:
        return pack_in_parts(
            self._collate(rows), self._limit, halvings=self._halvings, share=self._share
        )


def spiked(step: int, loss: float, usual: float) -> Refused:
    return Refused(
        "training.spike",
        f"The loss rose to {loss:.3f} at step {step}, {loss / max(usual, 1e-12):.3g} times the "
        f"usual {usual:.3f}, so nothing was learned from it.",
        "Run it again with a smaller learning rate or a longer warm-up; its checkpoints are kept.",
    )


def diverged(step: int) -> Refused:
    return Refused(
        "training.diverged",
        f"The loss became infinite or not a number at step {step}, so nothing was learned from it.",
        "Choose a smaller learning rate or a longer warm-up; earlier checkpoints are kept.",
    )
