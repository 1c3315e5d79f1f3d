"""Reads a Hugging Face model folder into a BaseModel record, without torch."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from engine.catalog.fingerprint import fingerprint
from engine.catalog.json_file import read_json_object
from engine.catalog.licence import read_licence
from engine.catalog.model_files import (
    read_tensors,
    refuse_code,
    tokenizer_files,
    weight_files,
)
from engine.catalog.safetensors_header import NAMES, Tensor
from engine.protocol.problems import Refused
from engine.protocol.records import BaseModel, LinearShape
from engine.store.hashing import sha256_file, sha256_parts

# GPT-2's Conv1D keeps its weight as (inputs, outputs); every other linear layer the other way.
TRANSPOSED = ("gpt2", "openai-gpt")
GENERATORS = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")


def scan_model(
    folder: Path,
    *,
    identity: str,
    name: str,
    source: str,
    licence: str = "",
    progress: Callable[[float], None] = lambda share: None,
) -> BaseModel:
    """The record of the model in `folder`, read from its config and the headers of its weights.

    The fingerprint reads every byte of the weights; `progress` gets the share done, 0 to 1.
    Raises Refused when the folder is incomplete, damaged, needs code or is no text generator.
    """
    config = read_config(folder)
    tokenizer = tokenizer_files(folder)
    tensors = read_tensors(folder)
    text = _text_config(config)
    used = (folder / "config.json", *tokenizer, *weight_files(folder))
    return BaseModel(
        id=identity,
        name=name,
        path=str(folder),
        source=source,
        architecture=str(config.get("model_type", "")),
        parameters=sum(tensor.elements for tensor in tensors),
        dtype=_dtype(tensors),
        size_bytes=sum(path.stat().st_size for path in used),
        context_length=_number(
            text, "max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "seq_length"
        ),
        vocabulary=_number(text, "vocab_size"),
        layers=_number(text, "num_hidden_layers", "n_layer", "num_layers", "n_layers"),
        hidden_size=_number(text, "hidden_size", "n_embd", "d_model"),
        licence=licence or read_licence(folder),
        template_hash=template_hash(folder),
        tokenizer_hash=sha256_parts(
            part for path in tokenizer for part in (path.name.encode(), _digest(path))
        ),
        fingerprint=fingerprint(
            folder, config, tokenizer=tokenizer, tensors=tensors, progress=progress
        ),
        linears=linear_shapes(tensors, str(config.get("model_type", ""))),
        created_at=time.time(),
    )


def read_config(folder: Path) -> dict[str, Any]:
    """config.json of a folder that may be loaded.

    Raises Refused when it needs code, is quantized, holds an adapter or generates no text.
    """
    if not (folder / "config.json").is_file():
        raise Refused(
            "models.no-config",
            f"{folder.name} has no config.json, so it is no Hugging Face model folder.",
            "Choose the folder that holds config.json together with the safetensors files.",
        )
    refuse_code(folder)
    config = read_json_object(folder / "config.json")
    if (folder / "adapter_config.json").exists():
        raise Refused(
            "models.holds-adapter",
            f"{folder.name} holds a model and an adapter in one folder.",
            "Move adapter_config.json and adapter_model.safetensors into a folder of their own.",
        )
    if config.get("quantization_config"):
        raise Refused(
            "models.quantized",
            f"The weights of {folder.name} are quantized, so that they cannot be trained on here.",
            "Choose the model in its original float16, bfloat16 or float32 weights, or a .gguf.",
        )
    architectures = config.get("architectures") or []
    named = [str(each) for each in architectures] if isinstance(architectures, list) else []
    if config.get("is_encoder_decoder") or (
        named and not any(each.endswith(GENERATORS) for each in named)
    ):
        raise Refused(
            "models.no-generator",
            f"{folder.name} is no text generator ({', '.join(named) or 'encoder and decoder'}).",
            "Choose a decoder model, for example a ...ForCausalLM.",
        )
    return config


def template_hash(folder: Path) -> str:
    """sha256 of the chat template's text; empty when the model has none."""
    template = _template(folder)
    return hashlib.sha256(template.encode()).hexdigest() if template else ""


def _template(folder: Path) -> str:
    path = folder / "chat_template.jinja"
    if path.is_file():
        return path.read_text(encoding="utf-8", errors="replace")
    for name in ("chat_template.json", "tokenizer_config.json"):
        if (folder / name).is_file():
            found = read_json_object(folder / name).get("chat_template")
            if isinstance(found, list):  # named templates: the default one counts
                found = next(
                    (
                        each.get("template")
                        for each in found
                        if isinstance(each, dict) and each.get("name") == "default"
                    ),
                    None,
                )
            if isinstance(found, str) and found:
                return found
    return ""


def linear_shapes(tensors: Sequence[Tensor], architecture: str) -> tuple[LinearShape, ...]:
    """The linear layers inside the repeated blocks, grouped by the last part of their name.

    A linear layer is told by its 2-D weight; the head, embeddings and norms are none.
    """
    counts: Counter[tuple[str, int, int]] = Counter()
    for tensor in tensors:
        parts = tensor.name.split(".")
        if len(tensor.shape) != 2 or parts[-1] != "weight" or len(parts) < 3:
            continue
        name = parts[-2]
        if not any(part.isdigit() for part in parts[:-2]) or "embed" in name or "bias" in name:
            continue
        outputs, inputs = tensor.shape
        if architecture in TRANSPOSED:
            inputs, outputs = outputs, inputs
        counts[name, inputs, outputs] += 1
    return tuple(
        LinearShape(name=name, inputs=inputs, outputs=outputs, count=count)
        for (name, inputs, outputs), count in sorted(counts.items())
    )


def _text_config(config: dict[str, Any]) -> dict[str, Any]:
    """A multimodal config keeps the language model's figures in `text_config`."""
    inner = config.get("text_config")
    return {**config, **inner} if isinstance(inner, dict) else config


def _number(config: dict[str, Any], *keys: str) -> int:
    for key in keys:
        value = config.get(key)
        if type(value) is int and 0 < value < 2**53:
            return value
    return 0


def _dtype(tensors: Sequence[Tensor]) -> str:
    """The type that most bytes have."""
    sizes: Counter[str] = Counter()
    for tensor in tensors:
        sizes[tensor.dtype] += tensor.end - tensor.start
    if not sizes:
        return ""
    dtype = sizes.most_common(1)[0][0]
    return NAMES.get(dtype, dtype.lower())


def _digest(path: Path) -> bytes:
    return bytes.fromhex(sha256_file(path))
