"""Reads a PEFT adapter folder and tells whether it fits a base model, without torch."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from engine.catalog.json_file import read_json_object
from engine.catalog.model_files import PICKLES, pickle_refused, read_tensors
from engine.catalog.safetensors_header import Tensor, read_header
from engine.catalog.scan import TRANSPOSED
from engine.protocol.problems import Refused
from engine.protocol.records import BaseModel
from engine.store.hashing import ADAPTER_CONFIG, ADAPTER_WEIGHTS

PREFIX = "base_model.model."
EMBEDDINGS = ("embed_tokens", "wte", "embed_in", "word_embeddings")


class ScannedAdapter(Struct, frozen=True):
    """What a PEFT folder says about itself."""

    method: str
    rank: int
    alpha: float
    target_modules: tuple[str, ...]  # last parts of the module names, sorted
    parameters: int
    size_bytes: int
    base_name: str  # what it was trained on, by its own word
    tensors: tuple[Tensor, ...]


# PEFT's other methods that are trained here, and how each is called.
OTHER_METHODS = {
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


SIZES = ("r", "oft_block_size", "num_virtual_tokens", "bottleneck_size")


def scan_adapter(folder: Path) -> ScannedAdapter:
    """Read config and header. Raises Refused when it is no LoRA, damaged, or could run code."""
    config = read_json_object(folder / ADAPTER_CONFIG)
    weights = folder / ADAPTER_WEIGHTS
    if not weights.is_file():
        pickles = sorted(each.name for each in folder.iterdir() if each.suffix in PICKLES)
        if pickles:
            raise pickle_refused(pickles[0])
        raise Refused(
            "adapters.no-weights",
            f"{folder.name} has no {ADAPTER_WEIGHTS}.",
            "Copy the missing file into the folder.",
        )
    tensors = read_header(weights)
    _refuse_code(config)
    if str(config.get("peft_type")) in OTHER_METHODS:
        return _scan_other(config, tensors, folder)
    _check_config(config)
    modules = {_module(tensor.name) for tensor in tensors if ".lora_" in tensor.name}
    if not modules:
        raise Refused(
            "adapters.empty",
            f"{ADAPTER_WEIGHTS} of {folder.name} holds no LoRA weights.",
            "Choose a folder that PEFT's save_pretrained wrote for a LoRA adapter.",
        )
    _check_ranks(config, tensors)
    return ScannedAdapter(
        method="lora",
        rank=config["r"],
        alpha=float(config.get("lora_alpha", 8)),
        target_modules=tuple(sorted({module.rsplit(".", 1)[-1] for module in modules})),
        parameters=sum(tensor.elements for tensor in tensors),
        size_bytes=weights.stat().st_size + (folder / ADAPTER_CONFIG).stat().st_size,
        base_name=str(config.get("base_model_name_or_path") or "")[:200],
        tensors=tensors,
    )


def _scan_other(
    config: dict[str, Any], tensors: tuple[Tensor, ...], folder: Path
) -> ScannedAdapter:
    targets = config.get("target_modules") or ()
    size = next((config[name] for name in SIZES if config.get(name)), 0)
    return ScannedAdapter(
        method=OTHER_METHODS[config["peft_type"]],
        rank=size if isinstance(size, int) else 0,
        alpha=float(config.get("lora_alpha") or config.get("alpha") or 0),
        target_modules=tuple(sorted(map(str, targets))) if isinstance(targets, list) else (),
        parameters=sum(tensor.elements for tensor in tensors),
        size_bytes=(folder / ADAPTER_WEIGHTS).stat().st_size
        + (folder / ADAPTER_CONFIG).stat().st_size,
        base_name=str(config.get("base_model_name_or_path") or "")[:200],
        tensors=tensors,
    )


def _check_config(config: dict[str, Any]) -> None:
    method = config.get("peft_type")
    if method != "LORA":
        raise Refused(
            "adapters.method",
            f"The adapter's method is {method!r:.40}; only LORA can be used.",
            "Choose a LoRA adapter.",
        )
    rank, alpha = config.get("r"), config.get("lora_alpha", 8)
    if type(rank) is not int or not 1 <= rank <= 65_536:
        raise _bad_config(f"its rank r is {rank!r:.40}")
    if isinstance(alpha, bool) or not isinstance(alpha, int | float) or not math.isfinite(alpha):
        raise _bad_config(f"its lora_alpha is {alpha!r:.40}")


def _refuse_code(config: dict[str, Any]) -> None:
    mapping = config.get("auto_mapping")
    library = mapping.get("parent_library") if isinstance(mapping, dict) else None
    if library is not None and str(library).split(".")[0] not in ("transformers", "peft"):
        raise Refused(
            "adapters.needs-code",
            f"The adapter asks for code from {library!r:.60}.",
            "Adapter Studio never runs code from an adapter; choose another one.",
        )


def _check_ranks(config: dict[str, Any], tensors: Sequence[Tensor]) -> None:
    """Every A and B must agree; without a rank pattern, with the config's rank as well."""
    ranks: dict[str, int] = {}
    for tensor in tensors:
        rank = _rank_of(tensor)
        if rank is None:
            continue
        module = _module(tensor.name)
        if ranks.setdefault(module, rank) != rank:
            raise _bad_config(f"lora_A and lora_B of {module} have different ranks")
        if not config.get("rank_pattern") and rank != config["r"]:
            raise _bad_config(f"r is {config['r']} but {tensor.name} has rank {rank}")


def _rank_of(tensor: Tensor) -> int | None:
    if len(tensor.shape) != 2:
        return None
    if ".lora_A." in tensor.name or tensor.name.endswith(".lora_embedding_A"):
        return tensor.shape[0]
    if ".lora_B." in tensor.name or tensor.name.endswith(".lora_embedding_B"):
        return tensor.shape[1]
    return None


def misfit(tensors: Sequence[Tensor], base: BaseModel) -> str:
    """Why the adapter's weights do not fit that base: the first tensor that differs; "" if they do.

    Compares shapes with the headers of the base's weights; reads no weights.
    """
    try:
        shapes = {each.name: each.shape for each in read_tensors(Path(base.path))}
    except (Refused, OSError) as error:
        return f"its files cannot be read ({error})"
    transposed = base.architecture in TRANSPOSED
    for tensor in tensors:
        module = _module(tensor.name)
        found = _base_shape(module, shapes)
        if found is None:
            return f"{module} does not exist there (tensor {tensor.name})"
        expected = _expected(tensor, found, transposed=transposed)
        if expected and expected != tensor.shape:
            return (
                f"{tensor.name} has shape {_text(tensor.shape)} where {_text(expected)} would fit"
            )
    return ""


def _expected(tensor: Tensor, base: tuple[int, ...], *, transposed: bool) -> tuple[int, ...] | None:
    """The shape a tensor must have beside a base weight; None when that cannot be told."""
    if ".lora_" not in tensor.name:
        return base if tensor.name.endswith(".weight") else None
    if len(base) != 2:
        return None
    if len(tensor.shape) != 2:
        rows = base[1] if transposed else base[0]
        return (rows,) if "lora_magnitude_vector" in tensor.name else (0, 0)
    outputs, inputs = base
    if transposed:
        inputs, outputs = outputs, inputs
    if tensor.name.endswith(".lora_embedding_A"):
        return (tensor.shape[0], base[0])
    if tensor.name.endswith(".lora_embedding_B"):
        return (base[1], tensor.shape[1])
    if ".lora_A." in tensor.name:
        return (tensor.shape[0], inputs)
    if ".lora_B." in tensor.name:
        return (outputs, tensor.shape[1])
    return None


def _base_shape(module: str, shapes: dict[str, tuple[int, ...]]) -> tuple[int, ...] | None:
    """The base's weight of that module; some folders leave out the model's own prefix."""
    at = module
    while True:
        if f"{at}.weight" in shapes:
            return shapes[f"{at}.weight"]
        if "." not in at:
            break
        at = at.split(".", 1)[1]
    if at == "lm_head":  # tied to the embeddings and stored once
        for name, shape in shapes.items():
            if name.split(".")[-2:-1] and name.split(".")[-2] in EMBEDDINGS:
                return shape
    return None


def _module(name: str) -> str:
    """The module path of an adapter's tensor: between PEFT's prefix and its `.lora_...` part."""
    name = name.removeprefix(PREFIX)
    if ".lora_" in name:
        return name.split(".lora_")[0]
    return name.rsplit(".", 1)[0]


def _text(shape: tuple[int, ...]) -> str:
    return "x".join(str(size) for size in shape) or "scalar"


def _bad_config(why: str) -> Refused:
    return Refused(
        "adapters.damaged",
        f"The adapter contradicts itself: {why}.",
        "Copy or download the adapter again.",
    )
