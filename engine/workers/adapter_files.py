"""An adapter as files: PEFT's own two, a model card, and the passport that travels with them."""

import json
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from peft import get_peft_model_state_dict
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.catalog.adapter_scan import scan_adapter
from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, Checkpoint
from engine.protocol.tasks import TrainTask
from engine.store.hashing import ADAPTER_CONFIG, ADAPTER_WEIGHTS, adapter_hash
from engine.store.publish import file_of, publish_folder

PASSPORT = "passport.json"
README = "README.md"


def write_adapter(folder: Path, model: Any, *, base_name: str) -> None:
    """Weights and config such that the same adapter gives the same bytes.

    PEFT keeps target modules in a set, whose order changes from process to process, and writes
    down where the base lay on this disk; both are set right here.
    """
    weights = get_peft_model_state_dict(model, save_embedding_layers=False)
    tensors = {name: weights[name].detach().cpu().contiguous() for name in sorted(weights)}
    _refuse_without_numbers(tensors)
    save_file(tensors, folder / ADAPTER_WEIGHTS, metadata={"format": "pt"})
    config = model.peft_config["default"].to_dict()
    config["target_modules"] = sorted(config["target_modules"])
    config["base_model_name_or_path"] = base_name
    config["inference_mode"] = True
    plain = {key: list(value) if isinstance(value, set) else value for key, value in config.items()}
    text = json.dumps(plain, indent=2, sort_keys=True) + "\n"
    (folder / ADAPTER_CONFIG).write_text(text, "utf-8")


def _refuse_without_numbers(tensors: Mapping[str, Tensor]) -> None:
    for name, tensor in tensors.items():
        if not bool(tensor.isfinite().all()):
            raise Refused(
                "training.not-a-number",
                f"The adapter's {name} is infinite or not a number, so it is not kept.",
                "Choose a smaller learning rate; earlier checkpoints are kept.",
            )


def publish_adapter(task: TrainTask, checkpoint: Checkpoint, metrics: dict[str, float]) -> Adapter:
    """Publish a checkpoint's adapter at `task.target`; returns its passport.

    Raises Refused when a weight is infinite or not a number: such an adapter is never published.
    """
    source = Path(checkpoint.path)
    _refuse_without_numbers(load_file(source / ADAPTER_WEIGHTS))

    def write(staging: Path) -> None:
        for name in (ADAPTER_WEIGHTS, ADAPTER_CONFIG):
            shutil.copyfile(source / name, staging / name)
        (staging / README).write_text(_card(task, checkpoint), "utf-8")
        passport = _passport(task, checkpoint, metrics, staging)
        content = msgspec.json.format(msgspec.json.encode(passport), indent=1)
        (staging / PASSPORT).write_bytes(content)

    return read_passport(publish_folder(Path(task.target), write))


def read_passport(folder: Path) -> Adapter:
    return msgspec.json.decode((folder / PASSPORT).read_bytes(), type=Adapter)


def _passport(
    task: TrainTask, checkpoint: Checkpoint, metrics: dict[str, float], folder: Path
) -> Adapter:
    names = (ADAPTER_CONFIG, ADAPTER_WEIGHTS, README)
    files = tuple(file_of(folder, name) for name in names)
    scanned = scan_adapter(folder)
    run, dataset, method = task.run, task.dataset, task.run.spec.method
    return Adapter(
        id=task.adapter_id,
        name=run.name,
        version=task.adapter_version,
        path=task.target,
        hash=adapter_hash(folder),
        rank=method.rank,
        alpha=method.alpha,
        target_modules=scanned.target_modules,
        parameters=scanned.parameters,
        size_bytes=sum(file.size_bytes for file in files),
        base=task.base.id,
        base_name=task.base.name,
        base_fingerprint=task.base.fingerprint,
        template_hash=task.base.template_hash,
        template=dataset.template,
        dataset=dataset.id,
        dataset_name=dataset.name,
        dataset_version=dataset.version,
        dataset_sha256=dataset.sha256,
        train_rows=dataset.train_rows,
        run=run.id,
        run_number=run.number,
        step=checkpoint.step,
        metrics=metrics,
        files=files,
        created_at=time.time(),
    )


def _card(task: TrainTask, checkpoint: Checkpoint) -> str:
    spec, dataset, own = task.run.spec, task.dataset, task.dataset.template
    loss = checkpoint.validation_loss
    lines = [
        "---",
        f"base_model: {json.dumps(task.base.name)}",
        "library_name: peft",
        "tags: [lora, adapter-studio]",
        "---",
        "",
        f"# {task.run.name}",
        "",
        f"A LoRA adapter of rank {spec.method.rank} for {task.base.name}, trained by Adapter",
        f"Studio on {dataset.train_rows} rows of {dataset.name} v{dataset.version}. It is step",
        f"{checkpoint.step}" + (f", validation loss {loss:.4f}." if loss is not None else "."),
        "",
        "`passport.json` says what it was made from.",
        *([f"It also holds the template {own.name}, which writes the prompts."] if own else []),
        "",
    ]
    return "\n".join(lines)
