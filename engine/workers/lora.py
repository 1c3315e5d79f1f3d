"""The base model in memory, and the adapter laid around it."""

import logging
import os
import re
from collections.abc import Iterable
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, set_seed
from transformers.pytorch_utils import Conv1D
from transformers.utils import logging as transformers_logging

from engine.protocol.problems import Refused
from engine.protocol.records import BaseModel
from engine.protocol.specs import LoraSpec
from engine.protocol.target_modules import query_value_among
from engine.workers.fused_lora import fuse_lora
from engine.workers.packing import use_segmented_attention

log = logging.getLogger(__name__)


def use_threads(threads: int) -> int:
    """Set torch's threads, 0 for every core; returns how many."""
    count = threads or os.cpu_count() or 1
    torch.set_num_threads(count)
    return count


def load_tokenizer(base: BaseModel) -> Any:
    return AutoTokenizer.from_pretrained(base.path, local_files_only=True, trust_remote_code=False)


def load_base(base: BaseModel) -> tuple[Any, bool]:
    """The base in float32, in bfloat16 on a GPU that has it; and whether it takes packed rows."""
    transformers_logging.disable_progress_bar()
    half = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    model = AutoModelForCausalLM.from_pretrained(
        base.path,
        dtype=torch.bfloat16 if half else torch.float32,
        local_files_only=True,
        use_safetensors=True,
        trust_remote_code=False,
    )
    packed = use_segmented_attention(model)
    if not packed:
        log.info("%s takes one example at a time", base.architecture or type(model).__name__)
    return model, packed


def add_lora(model: Any, spec: LoraSpec, *, seed: int) -> Any:
    """The model with a fresh adapter: A drawn from `seed`, B zero.

    Raises Refused when the model has none of the wanted modules.
    """
    names = target_modules(model, spec.target_modules)
    set_seed(seed)
    config = LoraConfig(
        r=spec.rank,
        lora_alpha=spec.alpha,
        lora_dropout=spec.dropout,
        target_modules=names,
        task_type="CAUSAL_LM",
    )
    adapted = get_peft_model(model, config)
    fuse_lora(adapted)
    return adapted


def target_modules(model: Any, wanted: str) -> list[str]:
    """Sorted endings of module paths for "all-linear", "attention" or "query-value".

    The output head is never among them. An ending is the last name, with its parent where the
    last name alone would also match modules that are not meant. Raises Refused when nothing fits.
    """
    head = model.get_output_embeddings()
    linears = [
        name
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear | Conv1D) and module is not head
    ]
    chosen = linears
    if wanted == "attention":
        chosen = [name for name in linears if _in_attention(name)]
    elif wanted == "query-value":
        last = {_last(name) for name in linears if _in_attention(name)}
        pair = query_value_among(last)
        chosen = [name for name in linears if _in_attention(name) and _last(name) in pair]
    if not chosen:
        raise Refused(
            "training.target-modules",
            f"The base has no modules that answer to '{wanted}'.",
            "Choose all-linear.",
        )
    return sorted(_endings(chosen, set(linears) - set(chosen)))


def _endings(chosen: Iterable[str], others: Iterable[str]) -> set[str]:
    taken = {_last(name) for name in others}
    return {
        name.rpartition(".")[2] if _last(name) not in taken else ".".join(name.split(".")[-2:])
        for name in chosen
    }


def _in_attention(name: str) -> bool:
    """Whether a parent is an attention block: `self_attn`, `attention`, `attn`, `SelfAttention`."""
    return re.search(r"att(entio)?n", name.rpartition(".")[0].lower()) is not None


def _last(name: str) -> str:
    return name.rpartition(".")[2]
