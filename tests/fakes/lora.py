"""Real PEFT adapters with random weights, strong enough to change what a model says."""

import uuid
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from engine.protocol.records import Adapter, BaseModel
from engine.store.hashing import adapter_hash


def write_lora(base: BaseModel, folder: Path, *, seed: int, **config: Any) -> Adapter:
    """Save an adapter for `base` with PEFT's own code and return its record."""
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_pretrained(base.path)
    options = {"r": 4, "lora_alpha": 16, "target_modules": "all-linear", **config}
    peft = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **options))
    with torch.no_grad():
        for name, parameter in peft.named_parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * (0.3 if "lora_B" in name else 0.02))
    peft.save_pretrained(folder)
    return Adapter(
        id=uuid.uuid4().hex,
        name=folder.name,
        version=1,
        path=str(folder),
        hash=adapter_hash(folder),
        base=base.id,
        base_name=base.name,
        base_fingerprint=base.fingerprint,
    )
