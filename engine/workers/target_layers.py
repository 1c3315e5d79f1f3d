"""Which layers of a model a method works on."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from transformers.pytorch_utils import Conv1D

from engine.protocol.problems import Refused
from engine.protocol.target_modules import (
    ATTENTION_ENDS,
    KEY_VALUE,
    names_among,
    query_value_among,
)


def target_modules(model: Any, wanted: str) -> list[str]:
    """Sorted endings of module paths for "all-linear", "attention" or "query-value".

    The output head is never among them. An ending is the last name, with its parent where the
    last name alone would also match modules that are not meant. Raises Refused when nothing fits.
    """
    linears = [*_linears(model)]
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
    return _named(chosen, dict.fromkeys(linears))


def key_value_and_inner(model: Any) -> tuple[list[str], list[str]]:
    """Endings of the keys' and values' layers, and of those that take the inner activations.

    The latter are the linear layers outside attention that make a wide vector narrow again.
    Raises Refused when the model has no keys and values of their own.
    """
    linears = _linears(model)
    attention = [name for name in linears if _in_attention(name)]
    pair = names_among(KEY_VALUE, {_last(name) for name in attention})
    keys = [name for name in attention if _last(name) in pair]
    if not keys:
        raise Refused(
            "training.target-modules",
            "The base keeps keys and values in layers that IA³ does not know.",
            "Choose LoRA.",
        )
    inner = _inner(linears)
    return _named(keys, linears), _named(inner, linears)


def sublayer_ends(model: Any) -> tuple[list[str], list[str]]:
    """Endings of the layers that end attention, and of those that end the feed-forward part.

    Raises Refused when either cannot be told apart.
    """
    linears = _linears(model)
    ends = [name for name in linears if _in_attention(name) and _last(name) in ATTENTION_ENDS]
    inner = _inner(linears)
    if not ends or not inner:
        raise Refused(
            "training.target-modules",
            "Where attention or the feed-forward layers of this base end cannot be told.",
            "Choose LoRA.",
        )
    return _named(ends, linears), _named(inner, linears)


def _inner(linears: Mapping[str, Any]) -> list[str]:
    """Layers outside attention that make a wide vector narrow again."""
    found = []
    for name, module in linears.items():
        inputs, outputs = sizes_of(module)
        if inputs > outputs and not _in_attention(name):
            found.append(name)
    return found


def _named(chosen: Sequence[str], linears: Mapping[str, Any]) -> list[str]:
    return sorted(_endings(chosen, set(linears) - set(chosen)))


def norm_layers(model: Any) -> list[str]:
    """Endings of all normalization layers, whatever the architecture calls them.

    Raises Refused when there is none with weights.
    """
    found = {
        _last(name)
        for name, module in model.named_modules()
        if "norm" in type(module).__name__.lower() and hasattr(module, "weight")
    }
    if not found:
        raise Refused(
            "training.target-modules",
            "The base has no normalization layers with weights.",
            "Choose LoRA.",
        )
    return sorted(found)


def sizes_of(layer: Any) -> tuple[int, int]:
    """Inputs and outputs of a linear layer."""
    if isinstance(layer, Conv1D):
        return int(layer.weight.shape[0]), int(layer.weight.shape[1])
    return int(layer.in_features), int(layer.out_features)


def _linears(model: Any) -> dict[str, Any]:
    head = model.get_output_embeddings()
    return {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear | Conv1D) and module is not head
    }


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
