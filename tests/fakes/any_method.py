"""Adapters of every method with random weights, saved by PEFT's own code."""

import shutil
import uuid
from pathlib import Path

import torch
from msgspec import Struct
from transformers import AutoModelForCausalLM, AutoTokenizer

from engine.catalog.adapter_scan import scan_adapter
from engine.protocol.method_specs import (
    AdaLoraSpec,
    BottleneckSpec,
    Ia3Spec,
    LayerNormSpec,
    LohaSpec,
    LokrSpec,
    LoraSpec,
    OftSpec,
    PrefixSpec,
    PromptSpec,
    QloraSpec,
    VeraSpec,
)
from engine.protocol.records import Adapter, BaseModel
from engine.store.hashing import adapter_hash
from engine.workers.adapter_files import write_adapter
from engine.workers.methods import add_method

SPECS: dict[str, Struct] = {
    "lora": LoraSpec(rank=4, alpha=8.0),
    "rank-stabilised": LoraSpec(rank=4, rslora=True),
    "weight-decomposed": LoraSpec(rank=4, dora=True),
    "qlora": QloraSpec(rank=4),
    "adalora": AdaLoraSpec(rank=2, initial_rank=4),
    "ia3": Ia3Spec(),
    "vera": VeraSpec(rank=8),
    "loha": LohaSpec(rank=4),
    "lokr": LokrSpec(rank=4),
    "oft": OftSpec(block_size=8),
    "prefix": PrefixSpec(virtual_tokens=4),
    "prompt": PromptSpec(virtual_tokens=4, first_text="Animals:"),
    "layernorm": LayerNormSpec(),
    "bottleneck": BottleneckSpec(size=8),
}
STRENGTHS = {"prefix": 1.0, "prompt": 0.3, "adalora": 0.5, "vera": 0.5, "ia3": 0.5}


def write_method(base: BaseModel, folder: Path, name: str, *, seed: int = 0) -> Adapter:
    """Save an adapter of `SPECS[name]` that changes what the base says; returns its record."""
    tokenizer = AutoTokenizer.from_pretrained(base.path)
    model = AutoModelForCausalLM.from_pretrained(base.path)
    spec = SPECS[name]
    adapted = add_method(model, spec, seed=seed, total_steps=10, tokenizer=tokenizer)  # type: ignore[arg-type]
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in adapted.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * STRENGTHS.get(name, 0.2))
    folder.mkdir(parents=True)
    write_adapter(folder, adapted, base_name=base.name)
    return record_of(base, folder)


def record_of(base: BaseModel, folder: Path) -> Adapter:
    """The record of a folder as the catalog would have it."""
    scanned = scan_adapter(folder)
    return Adapter(
        id=uuid.uuid4().hex,
        name=folder.name,
        version=1,
        path=str(folder),
        hash=adapter_hash(folder),
        method=scanned.method,
        rank=scanned.rank,
        alpha=scanned.alpha,
        parameters=scanned.parameters,
        base=base.id,
        base_name=base.name,
        base_fingerprint=base.fingerprint,
    )


def copied(folder: Path, target: Path) -> Path:
    """The same files where they may be harmed."""
    return Path(shutil.copytree(folder, target))
