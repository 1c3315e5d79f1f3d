"""A base with a fresh adapter of any method around it."""

import warnings
from typing import Any

import torch
from msgspec import Struct
from peft import (
    AdaLoraConfig,
    IA3Config,
    LNTuningConfig,
    LoHaConfig,
    LoKrConfig,
    LoraConfig,
    OFTConfig,
    PeftConfig,
    PrefixTuningConfig,
    PromptTuningConfig,
    VeraConfig,
    get_peft_model,
)
from transformers import set_seed

from engine.protocol.method_specs import (
    AdaLoraSpec,
    BottleneckSpec,
    Ia3Spec,
    LayerNormSpec,
    LohaSpec,
    LokrSpec,
    LoraSpec,
    MethodSpec,
    OftSpec,
    PrefixSpec,
    PromptSpec,
    QloraSpec,
    VeraSpec,
)
from engine.protocol.problems import Refused
from engine.workers.bottleneck import BottleneckConfig, register_bottleneck
from engine.workers.first_weights import PISSA
from engine.workers.fused_lora import fuse_lora
from engine.workers.target_layers import (
    key_value_and_inner,
    norm_layers,
    sublayer_ends,
    target_modules,
)

CAUSAL_LM = "CAUSAL_LM"
DROPOUTS = ("lora_dropout", "vera_dropout", "rank_dropout", "module_dropout")


def add_method(
    model: Any, spec: MethodSpec, *, seed: int, total_steps: int = 1, tokenizer: Any = None
) -> Any:
    """The model with a fresh adapter whose first weights are drawn from `seed`.

    `total_steps` is what AdaLoRA plans its ranks over; `tokenizer` is needed for the first text
    of prompt tuning. Raises Refused when the model has none of the wanted modules.
    """
    config = config_of(model, spec, total_steps=total_steps)
    set_seed(seed)
    with warnings.catch_warnings():  # a block size is adjusted, as its help says; RMS norms work
        warnings.filterwarnings("ignore", message="Invalid `oft_block_size`")
        warnings.filterwarnings("ignore", message="Unsupported layer type")
        adapted = get_peft_model(model, config)
    if isinstance(spec, PromptSpec):
        _say_first(adapted, spec, tokenizer)
    fuse_lora(adapted)
    return adapted


def config_of(model: Any, spec: MethodSpec, *, total_steps: int) -> PeftConfig:
    """PEFT's config for a spec and this model."""
    match spec:
        case LoraSpec():
            if spec.dora and spec.init == "pissa":
                raise Refused(
                    "training.dora-pissa",
                    "Weight-decomposed LoRA cannot begin with the base's main directions.",
                    "Choose first weights of zero, or plain LoRA.",
                )
            return LoraConfig(
                r=spec.rank, lora_alpha=spec.alpha, lora_dropout=spec.dropout,
                target_modules=target_modules(model, spec.target_modules),
                use_rslora=spec.rslora, use_dora=spec.dora, task_type=CAUSAL_LM,
                init_lora_weights=PISSA if spec.init == "pissa" else True,
            )  # fmt: skip
        case QloraSpec():
            return LoraConfig(
                r=spec.rank, lora_alpha=spec.alpha, lora_dropout=spec.dropout,
                target_modules=target_modules(model, spec.target_modules),
                use_rslora=spec.rslora, task_type=CAUSAL_LM,
            )  # fmt: skip
        case AdaLoraSpec():
            return _adalora(model, spec, total_steps)
        case Ia3Spec():
            keys, inner = key_value_and_inner(model)
            chosen = inner if spec.feed_forward else []
            return IA3Config(
                target_modules=[*keys, *chosen], feedforward_modules=chosen, task_type=CAUSAL_LM
            )
        case VeraSpec():
            return VeraConfig(
                r=spec.rank, vera_dropout=spec.dropout, d_initial=spec.initial_scale,
                target_modules=target_modules(model, spec.target_modules), task_type=CAUSAL_LM,
            )  # fmt: skip
        case LohaSpec() | LokrSpec():
            kind = LoHaConfig if isinstance(spec, LohaSpec) else LoKrConfig
            return kind(
                r=spec.rank, alpha=spec.alpha, module_dropout=spec.dropout,
                target_modules=target_modules(model, spec.target_modules), task_type=CAUSAL_LM,
            )  # fmt: skip
        case OftSpec():
            return OFTConfig(
                r=0, oft_block_size=spec.block_size, module_dropout=spec.dropout,
                target_modules=target_modules(model, spec.target_modules), task_type=CAUSAL_LM,
            )  # fmt: skip
        case PrefixSpec():
            return PrefixTuningConfig(num_virtual_tokens=spec.virtual_tokens, task_type=CAUSAL_LM)
        case PromptSpec():
            return PromptTuningConfig(num_virtual_tokens=spec.virtual_tokens, task_type=CAUSAL_LM)
        case BottleneckSpec():
            register_bottleneck()
            attention, inner = sublayer_ends(model)
            return BottleneckConfig(
                target_modules=inner if spec.places == "pfeiffer" else [*attention, *inner],
                bottleneck_size=spec.size,
                activation=spec.activation,
                task_type=CAUSAL_LM,
            )
        case LayerNormSpec():
            return LNTuningConfig(target_modules=norm_layers(model), task_type=CAUSAL_LM)


def _adalora(model: Any, spec: AdaLoraSpec, total_steps: int) -> PeftConfig:
    if spec.initial_rank <= spec.rank:
        raise Refused(
            "training.adalora-rank",
            f"The initial rank {spec.initial_rank} is not above the rank {spec.rank}.",
            "Choose a larger initial rank; half as much again is usual.",
        )
    first, last = int(total_steps * spec.warmup_share), int(total_steps * spec.final_share)
    return AdaLoraConfig(
        init_r=spec.initial_rank, target_r=spec.rank, lora_alpha=spec.alpha,
        lora_dropout=spec.dropout, tinit=first, tfinal=min(last, max(0, total_steps - first - 1)),
        deltaT=max(1, total_steps // 100), total_step=total_steps,
        orth_reg_weight=spec.orthogonality,
        target_modules=target_modules(model, spec.target_modules), task_type=CAUSAL_LM,
    )  # fmt: skip


def _say_first(model: Any, spec: PromptSpec, tokenizer: Any) -> None:
    """Begin with the embeddings of a text, or of words drawn from the vocabulary.

    PEFT's own draw is from a normal distribution far from any word, which learns slowly (Lester
    et al., 2021, section 3.2).
    """
    embeddings = model.get_input_embeddings().weight
    count = spec.virtual_tokens
    if spec.first_text and tokenizer is not None:
        ids = tokenizer(spec.first_text, add_special_tokens=False)["input_ids"]
        ids = (ids * -(-count // max(1, len(ids))))[:count] if ids else [0] * count
        chosen = torch.tensor(ids)
    else:
        chosen = torch.randint(0, min(5000, embeddings.shape[0]), (count,))
    prompt = model.prompt_encoder["default"].embedding.weight
    with torch.no_grad():
        prompt.copy_(embeddings[chosen.to(embeddings.device)].to(prompt.dtype))


def draws_anew(model: Any) -> bool:
    """Whether every pass draws other numbers, so that a shared start would not be the same."""
    config = model.peft_config["default"]
    return any(getattr(config, name, 0) for name in DROPOUTS)


def is_prompt_learning(spec: Struct) -> bool:
    """Whether it puts learned tokens before the row, which packed rows cannot have."""
    return isinstance(spec, PrefixSpec | PromptSpec)


def learns_prompt(model: Any) -> bool:
    """The same of a model that has the adapter; such a model counts positions by itself."""
    return bool(model.peft_config["default"].is_prompt_learning)


def virtual_tokens(model: Any) -> int:
    """How many positions the model's answer has before the row's own."""
    config = model.peft_config["default"]
    return config.num_virtual_tokens if config.peft_type == "PROMPT_TUNING" else 0
