"""An adapter's folder read and checked as a whole, before anything of it reaches the model."""

import json
from pathlib import Path
from typing import Any

import msgspec
import torch
from peft import PEFT_TYPE_TO_CONFIG_MAPPING, PeftConfig, PeftType
from safetensors import SafetensorError
from safetensors.torch import load

from engine.catalog.adapter_config import check_config
from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, BaseModel
from engine.store.hashing import ADAPTER_CONFIG, ADAPTER_WEIGHTS, adapter_hash_of
from engine.workers.bottleneck import register_bottleneck

# What changes the base itself, or needs more than the low-rank layers themselves.
UNSERVED = (
    "modules_to_save",
    "layer_replication",
    "trainable_token_indices",
    "target_parameters",
    "alora_invocation_tokens",
    "use_qalora",
    "velora_config",
    "monteclora_config",
    "use_bdlora",
    "arrow_config",
    "kasa_config",
    "megatron_config",
)
# How training began: what was learned is in the tensors.
STARTS = {
    "init_lora_weights",
    "init_weights",
    "init_ia3_weights",
    "prompt_tuning_init",
    "prompt_tuning_init_text",
    "tokenizer_name_or_path",
    "tokenizer_kwargs",
    "loftq_config",
    "eva_config",
    "corda_config",
}
PLAIN_STARTS = ("true", "false", "gaussian", "eva", "orthogonal", "mica")


class AdapterContent(msgspec.Struct, frozen=True):
    """Verified bytes: `hash` is of exactly what `tensors` and `config` were read from."""

    hash: str
    config: PeftConfig
    tensors: dict[str, torch.Tensor]
    size_bytes: int


def read_adapter(adapter: Adapter, base: BaseModel) -> AdapterContent:
    """Read, verify and parse the adapter's two files.

    Raises Refused when it was made for another base, a file is gone or is not what the catalog
    recorded, or when it needs more than this chat can serve.
    """
    if adapter.base_fingerprint != base.fingerprint:
        raise Refused(
            "adapter.other-base",
            f"{adapter.name} was made for {adapter.base_name or 'another base model'},"
            f" not for {base.name}.",
            "Choose an adapter of this base model.",
        )
    config, weights = (_bytes_of(adapter, name) for name in (ADAPTER_CONFIG, ADAPTER_WEIGHTS))
    found = adapter_hash_of(weights, config)
    if found != adapter.hash:
        raise Refused(
            "adapter.changed",
            f"The files of {adapter.name} are no longer those that were published:"
            f" their hash is {found[:12]}…, it should be {adapter.hash[:12]}….",
            "Restore the adapter's folder from a backup, or import it again as a new adapter.",
        )
    tensors = _tensors(adapter, weights)
    return AdapterContent(
        hash=found,
        config=_config(adapter, config),
        tensors=tensors,
        size_bytes=sum(tensor.nbytes for tensor in tensors.values()),
    )


def _bytes_of(adapter: Adapter, name: str) -> bytes:
    try:
        return (Path(adapter.path) / name).read_bytes()
    except OSError as error:
        raise Refused(
            "adapter.missing",
            f"{name} of {adapter.name} cannot be read: {error.strerror or error}.",
            "Restore the adapter's folder or import the adapter again.",
        ) from error


def _config(adapter: Adapter, content: bytes) -> PeftConfig:
    try:
        fields: dict[str, Any] = json.loads(content)
        if check_config(fields) == "bottleneck":
            register_bottleneck()
        for name in UNSERVED:
            if fields.get(name):
                raise _unserved(adapter, f"it uses {name}")
        if (fields.get("bias") or "none") != "none":
            raise _unserved(adapter, "it replaces the base model's own biases")
        start = str(fields.get("init_lora_weights", True))
        if start.lower() not in PLAIN_STARTS:
            raise _unserved(adapter, f"its start ({start}) changes the base model's own weights")
        kind = PEFT_TYPE_TO_CONFIG_MAPPING[PeftType(fields["peft_type"])]
        known = kind.__dataclass_fields__.keys() - STARTS
        told = {name: value for name, value in fields.items() if name in known}
        return kind(**{**told, "inference_mode": True})
    except (ValueError, TypeError, AttributeError) as error:
        raise Refused(
            "adapter.config",
            f"{ADAPTER_CONFIG} of {adapter.name} cannot be understood: {error}.",
            "Import the adapter again.",
        ) from error


def _unserved(adapter: Adapter, why: str) -> Refused:
    return Refused(
        "adapter.unserved",
        f"{adapter.name} cannot be swapped in a chat: {why}.",
        "Convert it to a plain LoRA adapter with PEFT and import that.",
    )


def _tensors(adapter: Adapter, content: bytes) -> dict[str, torch.Tensor]:
    """Tensors as they will be resident: half precision becomes float32, as PEFT does it."""
    try:
        tensors = load(content)
    except SafetensorError as error:
        raise Refused(
            "adapter.weights",
            f"{ADAPTER_WEIGHTS} of {adapter.name} is damaged: {error}.",
            "Restore the adapter's folder or import the adapter again.",
        ) from error
    for name, tensor in tensors.items():
        if tensor.is_floating_point():
            tensors[name] = tensor = tensor.float()
        if not bool(tensor.isfinite().all()):
            raise Refused(
                "adapter.not-a-number",
                f"{adapter.name} holds numbers that are none, first in {name}.",
                "Use an earlier checkpoint of its run.",
            )
    return tensors
