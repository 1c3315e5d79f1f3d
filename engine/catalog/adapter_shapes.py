"""Which tensors every method keeps for a layer, and of what shape (as PEFT 0.21 writes them)."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from engine.catalog.divisors import factors, nearest_divisor

Shape = tuple[int, ...]
Parts = dict[str, Shape]  # what follows the module's name, and its shape
# Where a module's name ends and the method's own part of a tensor's name begins.
MARKS = {
    "lora": ".lora_",
    "adalora": ".lora_",
    "ia3": ".ia3_",
    "vera": ".vera_lambda_",
    "loha": ".hada_",
    "lokr": ".lokr_",
    "oft": ".oft_",
    "layernorm": ".ln_tuning_layers.",
    "bottleneck": ".bottleneck_",
}
PROMPTS = ("prefix", "prompt")
EMBEDDINGS_OF_PROMPT = "prompt_embeddings"
PROJECTIONS = ("base_model.vera_A", "base_model.vera_B")


class Layer(Struct, frozen=True):
    """A module of the base: `shape` is its weight's, the rest that of a linear layer."""

    shape: Shape
    inputs: int = 0
    outputs: int = 0
    has_bias: bool = False


def layer_parts(method: str, config: Mapping[str, Any], layer: Layer, found: Parts) -> Parts:
    """What the module must have; `found` is what it has, which decides where there is a choice.

    Empty when the method cannot be put on such a layer.
    """
    if method == "layernorm":
        bias = {"ln_tuning_layers.bias": layer.shape} if layer.has_bias else {}
        return {"ln_tuning_layers.weight": layer.shape, **bias}
    if len(layer.shape) != 2:
        return {}
    inputs, outputs = layer.inputs, layer.outputs
    match method:
        case "lora":
            return _lora(config, layer, found)
        case "adalora":
            rank = _first(found.get("lora_E"))
            return {"lora_A": (rank, inputs), "lora_B": (outputs, rank), "lora_E": (rank, 1)}
        case "ia3":
            inner = (1, inputs)
            return {"ia3_l": inner if found.get("ia3_l") == inner else (outputs, 1)}
        case "vera":
            return {"vera_lambda_b": (outputs,), "vera_lambda_d": (config["r"],)}
        case "loha":
            rank = _rank(config, found.get("hada_w1_b"))
            return {f"hada_w{n}_{side}": (outputs, rank) if side == "a" else (rank, inputs)
                    for n in (1, 2) for side in "ab"}  # fmt: skip
        case "lokr":
            return _lokr(config, layer, found)
        case "bottleneck":
            return _bottleneck(config, outputs)
        case _:
            return _oft(config, layer)


def _lora(config: Mapping[str, Any], layer: Layer, found: Parts) -> Parts:
    if "lora_embedding_A" in found:
        rank = _rank(config, found["lora_embedding_A"])
        words, size = layer.shape
        return {"lora_embedding_A": (rank, words), "lora_embedding_B": (size, rank)}
    rank = _rank(config, found.get("lora_A.weight"))
    parts: Parts = {"lora_A.weight": (rank, layer.inputs), "lora_B.weight": (layer.outputs, rank)}
    if config.get("lora_bias"):
        parts["lora_B.bias"] = (layer.outputs,)
    if config.get("use_dora"):
        name = "lora_magnitude_vector"  # with ".weight" before PEFT 0.10
        parts[name if name in found else f"{name}.weight"] = (layer.outputs,)
    return parts


def _lokr(config: Mapping[str, Any], layer: Layer, found: Parts) -> Parts:
    first = config.get("decompose_factor")
    first = -1 if first is None else first
    out_small, out_large = factors(layer.outputs, first)
    in_small, in_large = factors(layer.inputs, first)
    rank = _rank(config, next((found[n] for n in ("lokr_w2_b", "lokr_w1_b") if n in found), None))
    parts: Parts = {}
    if config.get("decompose_both") and rank < max(out_small, in_small) / 2:
        parts |= {"lokr_w1_a": (out_small, rank), "lokr_w1_b": (rank, in_small)}
    else:
        parts["lokr_w1"] = (out_small, in_small)
    if rank < max(out_large, in_large) / 2:
        parts |= {"lokr_w2_a": (out_large, rank), "lokr_w2_b": (rank, in_large)}
    else:
        parts["lokr_w2"] = (out_large, in_large)
    return parts


def _oft(config: Mapping[str, Any], layer: Layer) -> Parts:
    wanted = config["oft_block_size"]
    if wanted:
        size = nearest_divisor(layer.inputs, wanted)
    else:
        size = layer.inputs // nearest_divisor(layer.inputs, config["r"])
    blocks = 1 if config.get("block_share") else layer.inputs // size
    return {"oft_R.weight": (blocks, size * (size - 1) // 2)}


def _bottleneck(config: Mapping[str, Any], outputs: int) -> Parts:
    size = config["bottleneck_size"]
    return {
        "bottleneck_down.weight": (size, outputs),
        "bottleneck_down.bias": (size,),
        "bottleneck_up.weight": (outputs, size),
        "bottleneck_up.bias": (outputs,),
    }


def _rank(config: Mapping[str, Any], found: Shape | None) -> int:
    """The config's; with a pattern for single modules what the tensor has."""
    return _first(found) if config.get("rank_pattern") and found else int(config["r"])


def _first(shape: Shape | None) -> int:
    return shape[0] if shape else 0


def projection_shapes(config: Mapping[str, Any], layers: list[Layer]) -> Parts:
    """VeRA's shared matrices: as large as the largest of its layers in either direction."""
    rank = config["r"]
    return {
        PROJECTIONS[0]: (rank, max((each.inputs for each in layers), default=0)),
        PROJECTIONS[1]: (max((each.outputs for each in layers), default=0), rank),
    }


def prompt_width(method: str, base: Mapping[str, Any]) -> int | None:
    """Numbers that one learned token has, by the base's config; None where that is not told.

    A prompt is embeddings; a prefix is a key and a value for every layer.
    """
    text = base.get("text_config")
    base = text if isinstance(text, dict) else base
    hidden = _number(base, "hidden_size", "n_embd", "d_model")
    if method == "prompt" or hidden is None:
        return hidden
    if base.get("global_head_dim") is not None or base.get("per_layer_config") is not None:
        return None
    layers = _number(base, "num_hidden_layers", "num_layers", "n_layer")
    heads = _number(base, "num_attention_heads", "n_head", "num_heads")
    if layers is None or heads is None:
        return None
    shared = _number(base, "num_key_value_heads")
    size = hidden if shared is None else shared * (_number(base, "head_dim") or hidden // heads)
    return 2 * layers * size


def _number(base: Mapping[str, Any], *names: str) -> int | None:
    return next((base[each] for each in names if type(base.get(each)) is int and base[each]), None)
