"""What an adapter's config may say: every value is checked before anything believes it."""

import math
import re
from typing import Any

from engine.protocol.problems import Refused

# PEFT's methods that are known here, and how each is called.
METHODS = {
    "LORA": "lora",
    "ADALORA": "adalora",
    "IA3": "ia3",
    "VERA": "vera",
    "LOHA": "loha",
    "LOKR": "lokr",
    "OFT": "oft",
    "PREFIX_TUNING": "prefix",
    "PROMPT_TUNING": "prompt",
    "LN_TUNING": "layernorm",
    "BOTTLENECK": "bottleneck",
}
LARGEST = 65_536
RANK = (1, LARGEST)
VIRTUAL = {
    "num_virtual_tokens": RANK,
    "token_dim": RANK,
    "num_layers": RANK,
    "num_attention_heads": RANK,
    "num_transformer_submodules": (1, 1),
}
# Whole numbers by method: the least and the most. The first one is needed.
WHOLE: dict[str, dict[str, tuple[int, int]]] = {
    "lora": {"r": RANK},
    "adalora": {"init_r": RANK, "target_r": RANK, "r": RANK, "total_step": (1, 2**53),
                "tinit": (0, 2**53), "tfinal": (0, 2**53), "deltaT": (1, 2**53)},
    "vera": {"r": RANK, "projection_prng_key": (0, 2**63 - 1)},
    "loha": {"r": RANK},
    "lokr": {"r": RANK, "decompose_factor": (-1, LARGEST)},
    "oft": {"oft_block_size": (0, LARGEST), "r": (0, LARGEST), "num_cayley_neumann_terms": (1, 64)},
    "prefix": {**VIRTUAL, "encoder_hidden_size": RANK},
    "prompt": VIRTUAL,
    "bottleneck": {"bottleneck_size": RANK},
}  # fmt: skip
REAL = {"lora_alpha", "alpha", "d_initial", "eps", "orth_reg_weight", "beta1", "beta2",
        "lora_dropout", "vera_dropout", "module_dropout", "rank_dropout"}  # fmt: skip
FLAGS = {"fan_in_fan_out", "use_rslora", "use_dora", "lora_bias", "save_projection",
         "decompose_both", "use_effective_conv2d", "rank_dropout_scale", "coft", "block_share",
         "use_cayley_neumann", "prefix_projection", "inference_mode"}  # fmt: skip
ACTIVATIONS = ("relu", "gelu", "silu", "tanh")
PATTERNS = ("target_modules", "exclude_modules", "feedforward_modules", "layers_pattern")
NAMED_NUMBERS = ("rank_pattern", "alpha_pattern")
LONGEST_NAME, MOST_NAMES, MOST_REPEATS = 300, 20_000, 4


def check_config(config: dict[str, Any]) -> str:
    """The method of a PEFT config, as it is called here.

    Raises Refused when it asks for code, is of no known method, or holds a value that PEFT would
    not write: another type, no number, out of any sensible bounds, a pattern that takes for ever.
    """
    _refuse_code(config)
    kind = config.get("peft_type")
    method = METHODS.get(kind) if isinstance(kind, str) else None
    if method is None:
        raise Refused(
            "adapters.method",
            f"The adapter's method is {kind!r:.40}, which is not known here.",
            f"Choose an adapter of one of these methods: {', '.join(sorted(METHODS))}.",
        )
    _check_whole(config, WHOLE.get(method, {}))
    for name in sorted(REAL & config.keys()):
        _check_real(name, config[name])
    for name in sorted(FLAGS & config.keys()):
        if not isinstance(config[name], bool | None):
            raise damaged(f"its {name} is {config[name]!r:.40}")
    for name in PATTERNS:
        _check_names(name, config.get(name))
    for name in NAMED_NUMBERS:
        _check_named_numbers(name, config.get(name), method)
    if config.get("activation", "relu") not in ACTIVATIONS:
        raise damaged(f"its activation is {config['activation']!r:.40}")
    if method == "oft" and bool(config.get("r")) == bool(config["oft_block_size"]):
        raise damaged("it needs either r or oft_block_size")
    if method == "vera" and config.get("save_projection") is False:
        raise Refused(
            "adapters.projection",
            "The adapter came without its random matrices, which differ between machines.",
            "Save it again with save_projection=True.",
        )
    return method


def size_of_config(config: dict[str, Any], method: str) -> int:
    """The rank, the block size or the number of virtual tokens; 0 where there is none."""
    names = {"adalora": "target_r", "oft": "oft_block_size", "prefix": "num_virtual_tokens",
             "prompt": "num_virtual_tokens", "bottleneck": "bottleneck_size"}  # fmt: skip
    return int(config.get(names.get(method, "r")) or 0)


def damaged(why: str) -> Refused:
    return Refused(
        "adapters.damaged",
        f"The adapter contradicts itself: {why}.",
        "Copy or download the adapter again.",
    )


def _refuse_code(config: dict[str, Any]) -> None:
    mapping = config.get("auto_mapping")
    library = mapping.get("parent_library") if isinstance(mapping, dict) else mapping
    if library is not None and str(library).split(".")[0] not in ("transformers", "peft"):
        raise needs_code(f"{library!r:.60}")
    options = config.get("tokenizer_kwargs")
    if options is not None and (not isinstance(options, dict) or options.get("trust_remote_code")):
        raise needs_code("its tokenizer")


def needs_code(source: str) -> Refused:
    return Refused(
        "adapters.needs-code",
        f"The adapter asks for code from {source}.",
        "Adapter Studio never runs code from an adapter; choose another one.",
    )


def _check_whole(config: dict[str, Any], bounds: dict[str, tuple[int, int]]) -> None:
    for at, (name, (least, most)) in enumerate(bounds.items()):
        value = config.get(name)
        if value is None and at:
            continue
        if type(value) is not int or not least <= value <= most:
            raise damaged(f"its {name} is {value!r:.40}")


def _check_real(name: str, value: object) -> None:
    """Alphas and dropouts; the larger ones would give numbers that are none."""
    if value is None and name not in ("lora_alpha", "alpha"):
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise damaged(f"its {name} is {value!r:.40}")
    if not math.isfinite(value) or abs(value) > 1e9:
        raise damaged(f"its {name} is {value!r:.40}")


def _check_names(name: str, value: object) -> None:
    """None, one pattern, or a list of endings."""
    if isinstance(value, list):
        whole = all(isinstance(each, str) and len(each) <= LONGEST_NAME for each in value)
        good = whole and len(value) <= MOST_NAMES
    else:
        good = value is None or (isinstance(value, str) and _is_quick(value))
    if not good:
        raise damaged(f"its {name} is {value!r:.60}")


def _check_named_numbers(name: str, value: object, method: str) -> None:
    """Ranks and alphas of single modules; AdaLoRA keeps a list of flags for each."""
    if value is None:
        return
    if not isinstance(value, dict) or len(value) > MOST_NAMES:
        raise damaged(f"its {name} is {value!r:.60}")
    for pattern, number in value.items():
        if not _is_quick(pattern):
            raise damaged(f"its {name} has the pattern {pattern!r:.60}")
        if method == "adalora":
            if not (isinstance(number, list) and all(type(each) is bool for each in number)):
                raise damaged(f"its {name} of {pattern:.60} is {number!r:.40}")
        elif name == "rank_pattern":
            _check_whole({name: number}, {name: RANK})
        else:
            _check_real("alpha", number)


def _is_quick(pattern: str) -> bool:
    """Whether a regular expression can be matched in no time: without repeated groups."""
    if len(pattern) > LONGEST_NAME or re.search(r"\)[*+?{]|\(\?(?!:)", pattern):
        return False
    if len(re.findall(r"[*+{]", pattern)) > MOST_REPEATS:
        return False
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
