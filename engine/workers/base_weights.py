"""The base model in memory, and its tokenizer."""

import logging
import os
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
from transformers.utils import logging as transformers_logging

from engine.protocol.method_specs import QloraSpec
from engine.protocol.records import BaseModel
from engine.protocol.specs import TrainSpec
from engine.workers.methods import is_prompt_learning
from engine.workers.packing import use_segmented_attention

log = logging.getLogger(__name__)
PRECISIONS = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}


def use_threads(threads: int) -> int:
    """Set torch's threads, 0 for every core; returns how many."""
    count = threads or os.cpu_count() or 1
    torch.set_num_threads(count)
    return count


def load_tokenizer(base: BaseModel) -> Any:
    return AutoTokenizer.from_pretrained(base.path, local_files_only=True, trust_remote_code=False)


def load_base(base: BaseModel, spec: TrainSpec) -> tuple[Any, bool]:
    """The base as the spec's method and precision want it; and whether it takes packed rows."""
    transformers_logging.disable_progress_bar()
    dtype = precision_of(spec)
    options: dict[str, Any] = {}
    if isinstance(spec.method, QloraSpec):
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=spec.method.double_quantization,
            bnb_4bit_compute_dtype=dtype,
        )
    model = AutoModelForCausalLM.from_pretrained(
        base.path,
        dtype=dtype,
        local_files_only=True,
        use_safetensors=True,
        trust_remote_code=False,
        **options,
    )
    packed = not is_prompt_learning(spec.method) and use_segmented_attention(model)
    if not packed:
        log.info("%s takes one example at a time", base.architecture or type(model).__name__)
    return model, packed


def precision_of(spec: TrainSpec) -> torch.dtype:
    """Of the base's weights; "auto" is bfloat16 on a GPU that has it, else float32."""
    if spec.precision == "auto":
        half = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
        return torch.bfloat16 if half else torch.float32
    return PRECISIONS[spec.precision]
