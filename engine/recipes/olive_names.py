"""What Olive 0.13 and the Trainer of transformers call things, and their defaults.

Taken from Olive's olive/passes/pytorch/lora.py and train_utils.py.
"""

from msgspec import Struct

from engine.protocol.options import Value
from engine.protocol.trainer_names import OPTIMIZERS, SCHEDULES

# The passes that train, by their lower-case type: (Olive's own spelling, kind of method here).
TRAINING_PASSES = {
    "lora": ("LoRA", "lora"),
    "dora": ("DoRA", "lora"),
    "qlora": ("QLoRA", "qlora"),
    "loftq": ("LoftQ", "qlora"),
    "loha": ("LoHa", "loha"),
    "lokr": ("LoKr", "lokr"),
}
QUANTIZED = frozenset({"qlora", "loftq"})
HADAMARD = frozenset({"loha", "lokr"})


class Pair(Struct, frozen=True):
    """An option and the key that means the same; the first name is the present one."""

    option: str
    names: tuple[str, ...]
    default: Value  # Olive's, when a recipe does not say


RANK = Pair("method.rank", ("r", "lora_r"), 64)
ALPHA = Pair("method.alpha", ("alpha", "lora_alpha"), 16.0)
LORA_PAIRS = (RANK, ALPHA, Pair("method.dropout", ("lora_dropout",), 0.05))
HADAMARD_PAIRS = (RANK, ALPHA, Pair("method.dropout", ("module_dropout",), 0.0))
DOUBLE_QUANTIZATION = Pair("method.double_quantization", ("double_quant",), False)

TRAINING_PAIRS = (
    Pair("learning_rate", ("learning_rate",), 2e-4),
    Pair("batch_size", ("per_device_train_batch_size",), 8),
    Pair("accumulation", ("gradient_accumulation_steps",), 1),
    Pair("epochs", ("num_train_epochs",), 3.0),
    Pair("weight_decay", ("weight_decay",), 0.0),
    Pair("max_grad_norm", ("max_grad_norm",), 1.0),
    Pair("label_smoothing", ("label_smoothing_factor",), 0.0),
    Pair("neftune_alpha", ("neftune_noise_alpha",), 0.0),
    Pair("gradient_checkpointing", ("gradient_checkpointing", "activation_checkpointing"), True),
    Pair("seed", ("seed",), 42),
    Pair("workers", ("dataloader_num_workers",), 0),
)
MAX_LENGTH = Pair("max_length", ("max_seq_len", "source_max_len"), 1024)
WARMUP_DEFAULT = 0.03
SCHEDULE_DEFAULT = "constant"
OPTIMIZER_DEFAULT = "adamw_torch"
PAGED_OPTIMIZER_DEFAULT = "paged_adamw_32bit"  # of the passes over 4 bits
PRECISION_DEFAULT = "bfloat16"
PRECISIONS = ("float32", "bfloat16", "float16")

SAME_OPTIMIZERS = {
    **{name: option for option, name in OPTIMIZERS.items()},
    "adamw_torch_fused": "adamw",
    "adamw_hf": "adamw",
    "adamw_8bit": "adamw-8bit",
    "paged_adamw": "paged-adamw",
    "lion": "lion",
}
NEAR_OPTIMIZERS = {
    "paged_lion_32bit": "lion",
    "paged_lion": "lion",
    "paged_lion_8bit": "lion-8bit",
    "adamw_apex_fused": "adamw",
    "adamw_anyprecision": "adamw",
}
SAME_SCHEDULES = {name: option for option, name in SCHEDULES.items()}
NEAR_SCHEDULES = {
    "cosine_with_min_lr": "cosine",
    "cosine_warmup_with_min_lr": "cosine",
    "reduce_lr_on_plateau": "constant",
}
