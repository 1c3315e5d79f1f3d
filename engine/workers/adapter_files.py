"""An adapter as files: PEFT's own two, a model card, and the passport that travels with them."""

import json
import shutil
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from peft import get_peft_model_state_dict
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.catalog.adapter_scan import scan_adapter
from engine.protocol.method_specs import QloraSpec, kind_of, method_of
from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, Checkpoint
from engine.protocol.tasks import TrainTask
from engine.store.hashing import ADAPTER_CONFIG, ADAPTER_WEIGHTS, adapter_hash
from engine.store.publish import file_of, publish_folder
from engine.workers.first_weights import FirstWeights

PASSPORT = "passport.json"
README = "README.md"


def write_adapter(
    folder: Path, model: Any, *, base_name: str, first: FirstWeights | None = None
) -> None:
    """Weights and config such that the same adapter gives the same bytes.

    PEFT keeps target modules in a set, whose order changes from process to process, and writes
    down where the base lay on this disk; both are set right here. With `first` weights it is the
    difference from them.
    """
    with warnings.catch_warnings():  # AdaLoRA may leave a layer nothing, and PEFT reads that
        warnings.filterwarnings("ignore", message=".*have invalid shape")
        weights = get_peft_model_state_dict(model, save_embedding_layers=False)
    config = model.peft_config["default"].to_dict()
    if first is not None:
        weights, config = first.difference(weights), first.saved_config(config)
    tensors = {name: weights[name].detach().cpu().contiguous() for name in sorted(weights)}
    _refuse_without_numbers(tensors)
    save_file(tensors, folder / ADAPTER_WEIGHTS, metadata={"format": "pt"})
    config["base_model_name_or_path"] = base_name
    config["inference_mode"] = True
    plain = {
        key: sorted(value) if isinstance(value, set) else value for key, value in config.items()
    }
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
    run, dataset = task.run, task.dataset
    return Adapter(
        id=task.adapter_id,
        name=run.name,
        version=task.adapter_version,
        path=task.target,
        hash=adapter_hash(folder),
        method=scanned.method,
        rank=scanned.rank,
        alpha=scanned.alpha,
        base_bits=4 if isinstance(run.spec.method, QloraSpec) else 0,
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
    method = method_of(kind_of(task.run.spec.method))
    dataset, own = task.dataset, task.dataset.template
    loss = checkpoint.validation_loss
    lines = [
        "---",
        f"base_model: {json.dumps(task.base.name)}",
        "library_name: peft",
        f"tags: [{method.kind}, adapter-studio]",
        "---",
        "",
        f"# {task.run.name}",
        "",
        f"Trained by Adapter Studio with {method.title} for {task.base.name},",
        f"on {dataset.train_rows} rows of {dataset.name} v{dataset.version}. It is step",
        f"{checkpoint.step}" + (f", validation loss {loss:.4f}." if loss is not None else "."),
        "",
        "`passport.json` says what it was made from.",
        *([f"It also holds the template {own.name}, which writes the prompts."] if own else []),
        "",
    ]
    return "\n".join(lines)
