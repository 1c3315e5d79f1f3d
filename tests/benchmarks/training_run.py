"""One epoch of the same work, packed (ours) or padded (the usual Trainer); one line of JSON.

    python -m tests.benchmarks.training_run packed|padded BASE_FOLDER

48 rows, batch 8, LoRA of rank 16 on all linear layers, float32, loss on the completion only, at
most 512 tokens an example, one thread, rows in order. Each step waits for a line on stdin and is
answered by one on stdout, so that two of these take turns. Seconds are the processor's, of steps
alone: for one thread they are the clock's on an idle machine and hardly change beside others.
"""

import sys
import tempfile
import time
from typing import Any

import msgspec
import psutil
from msgspec import Struct

from engine.protocol.method_specs import LoraSpec
from engine.protocol.offline import go_offline
from engine.protocol.records import BaseModel, Row
from engine.protocol.run_length import steps_of
from engine.protocol.specs import TrainSpec
from tests.benchmarks.docstrings import docstring_rows

ROWS, BATCH, MAX_LENGTH = 48, 8, 512
STEPS = ROWS // BATCH
STEP = "step"


class Cost(Struct, frozen=True):
    tokens: int
    seconds: float
    peak_bytes: int
    first_loss: float
    last_loss: float

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / self.seconds


def packed(folder: str, base: BaseModel, rows: list[Row]) -> Cost:
    """The training worker's own Trainer, arguments, adapter and loss."""
    from engine.workers.torch_environment import prepare_torch_environment

    prepare_torch_environment()
    from engine.datasets.render import encode_row
    from engine.workers.base_weights import load_base, load_tokenizer, use_threads
    from engine.workers.methods import add_method
    from engine.workers.trainer import PackedTrainer, arguments_of

    use_threads(1)
    tokenizer = load_tokenizer(base)
    encoded = [encode_row(row, tokenizer, max_length=MAX_LENGTH) for row in rows]
    spec = TrainSpec(
        "", "", method=LoraSpec(), epochs=1.0, batch_size=BATCH, schedule="constant", warmup_ratio=0
    )
    args = arguments_of(
        spec, total_steps=steps_of(spec, len(rows)), folder=folder, validation_rows=0
    )
    args.train_sampling_strategy = "sequential"
    model, takes_packed = load_base(base, spec)
    recorder = step_recorder()
    trainer = PackedTrainer(
        model=add_method(model, spec.method, seed=0),
        spec=spec,
        packed=takes_packed,
        args=args,
        train_rows=encoded,
        validation_rows=(),
        callbacks=[recorder],
    )
    return _timed(trainer, sum(len(row.input_ids) for row in encoded), recorder)


def padded(folder: str, base: BaseModel, rows: list[Row]) -> Cost:
    """The Trainer as its documentation shows it, padding each batch to its longest example."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments

    torch.set_num_threads(1)
    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(base.path)
    encoded = [_reference_encoding(tokenizer, row) for row in rows]
    lora = LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")
    model = AutoModelForCausalLM.from_pretrained(base.path, dtype=torch.float32)
    recorder = step_recorder()
    trainer = Trainer(
        model=get_peft_model(model, lora),
        args=TrainingArguments(
            output_dir=folder,
            per_device_train_batch_size=BATCH,
            num_train_epochs=1,
            logging_steps=1,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            use_cpu=True,
            learning_rate=2e-4,
            lr_scheduler_type="constant",
            train_sampling_strategy="sequential",
            dataloader_pin_memory=False,
        ),
        train_dataset=encoded,
        data_collator=lambda batch: _padded(batch, tokenizer.pad_token_id),
        callbacks=[recorder],
    )
    return _timed(trainer, sum(len(row["input_ids"]) for row in encoded), recorder)


def _reference_encoding(tokenizer: Any, row: Row) -> dict[str, list[int]]:
    (_, question), (_, answer) = row.messages
    prompt = tokenizer.apply_chat_template(
        [{"role": "user", "content": question}], add_generation_prompt=True, return_dict=False
    )
    completion = tokenizer(answer + tokenizer.eos_token + "\n", add_special_tokens=False)
    ids = completion["input_ids"]
    return {
        "input_ids": (prompt + ids)[:MAX_LENGTH],
        "labels": ([-100] * len(prompt) + ids)[:MAX_LENGTH],
    }


def _padded(batch: list[dict[str, list[int]]], pad: int) -> dict[str, Any]:
    import torch

    width = max(len(row["input_ids"]) for row in batch)

    def fill(key: str, value: int) -> Any:
        return torch.tensor([row[key] + [value] * (width - len(row[key])) for row in batch])

    lengths = [len(row["input_ids"]) for row in batch]
    mask = torch.tensor([[1] * length + [0] * (width - length) for length in lengths])
    return {
        "input_ids": fill("input_ids", pad),
        "labels": fill("labels", -100),
        "attention_mask": mask,
    }


def step_recorder() -> Any:
    from transformers import TrainerCallback

    class StepRecorder(TrainerCallback):
        def __init__(self) -> None:
            self.losses: list[float] = []
            self.seconds = 0.0

        def on_step_begin(self, *_: Any, **__: Any) -> None:
            sys.stdin.readline()
            self._started = time.process_time()

        def on_step_end(self, *_: Any, **__: Any) -> None:
            self.seconds += time.process_time() - self._started
            print(STEP, flush=True)

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            if "loss" in logs:
                self.losses.append(logs["loss"])

    return StepRecorder()


def _timed(trainer: Any, tokens: int, recorder: Any) -> Cost:
    trainer.train()
    losses = recorder.losses
    return Cost(tokens, recorder.seconds, _peak_bytes(), losses[0], losses[-1])


def _peak_bytes() -> int:
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    go_offline()
    mode, path = sys.argv[1:]
    known = BaseModel("b" * 32, "SmolLM2-135M-Instruct", path, "built-in")
    with tempfile.TemporaryDirectory() as scratch:
        run = {"packed": packed, "padded": padded}[mode]
        cost = run(scratch, known, docstring_rows(ROWS))
    print(msgspec.json.encode(cost).decode())
