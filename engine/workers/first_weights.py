"""First weights that are not zero, and adapters that mean the same over the untouched base.

PiSSA takes the main directions out of the base and LoftQ makes up for its rounding, so what is
learned counts from there. Saved is the difference from these first weights, as an adapter of
twice the rank: [A; A₀] and [B, -B₀] (Meng et al., 2024, arXiv:2404.02948, appendix C).
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from msgspec import Struct
from peft.tuners.lora import LoraLayer
from safetensors import safe_open
from torch import Tensor

from engine.catalog.model_files import read_tensors
from engine.protocol.method_specs import LoraSpec, MethodSpec, QloraSpec
from engine.protocol.problems import Refused

ADAPTER = "default"
PREFIX = "base_model.model."
PISSA = "pissa_niter_16"  # of the randomized decomposition: 100 times as fast as the whole one


class First(Struct, frozen=True):
    """Of one layer: A is (rank, inputs), B is (outputs, rank)."""

    a: Tensor
    b: Tensor


def has_first_weights(spec: MethodSpec) -> bool:
    return isinstance(spec, LoraSpec | QloraSpec) and spec.init != "zero"


def first_weights_of(model: Any, spec: MethodSpec, base_path: str) -> "FirstWeights | None":
    """Those of a model that `add_method` made; LoftQ's are set now. None where they are zero."""
    if not has_first_weights(spec):
        return None
    if isinstance(spec, QloraSpec):
        _make_up_for_rounding(model, Path(base_path))
    return FirstWeights(model, changed_base=isinstance(spec, LoraSpec))


class FirstWeights:
    """`changed_base`: they were taken out of the base's own weights."""

    def __init__(self, model: Any, *, changed_base: bool) -> None:
        self._layers = dict(_lora_layers(model))
        self._changed_base = changed_base
        self._first = {
            name: First(_a(layer).detach().clone(), _b(layer).detach().clone())
            for name, layer in self._layers.items()
        }

    def difference(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        """The adapter's tensors as they are to be saved."""
        saved = dict(weights)
        for name, first in self._first.items():
            a, b = f"{PREFIX}{name}.lora_A.weight", f"{PREFIX}{name}.lora_B.weight"
            saved[a] = torch.cat([weights[a], first.a.to(weights[a])], 0)
            saved[b] = torch.cat([weights[b], -first.b.to(weights[b])], 1)
        return saved

    def saved_config(self, config: dict[str, Any]) -> dict[str, Any]:
        """With twice the rank at the same scale."""
        grown = math.sqrt(2) if config["use_rslora"] else 2
        return config | {
            "r": config["r"] * 2,
            "lora_alpha": config["lora_alpha"] * grown,
            "init_lora_weights": True,
        }

    def take(self, saved: dict[str, Tensor]) -> dict[str, Tensor]:
        """What `difference` was made from; from now on counts from the first weights in there."""
        weights = dict(saved)
        for name, first in self._first.items():
            a, b = f"{PREFIX}{name}.lora_A.weight", f"{PREFIX}{name}.lora_B.weight"
            rank = first.a.shape[0]
            weights[a], weights[b] = saved[a][:rank].clone(), saved[b][:, :rank].clone()
            then = First(saved[a][rank:].clone(), -saved[b][:, rank:])
            if self._changed_base and not torch.equal(then.a, first.a.cpu()):
                self._move_base(self._layers[name], first, then)
            self._first[name] = then
        return weights

    def _move_base(self, layer: Any, now: First, then: First) -> None:
        """The decomposition was another one there; the base gives up what it gave up then."""
        weight = layer.get_base_layer().weight
        now_out, then_out = now.b @ now.a, (then.b @ then.a).to(now.a)
        with torch.no_grad():
            change = (now_out - then_out) * layer.scaling[ADAPTER]
            weight.add_((change.T if layer.fan_in_fan_out else change).to(weight))


def _make_up_for_rounding(model: Any, base: Path) -> None:
    """B·A as near as its rank allows to what the rounding took (Li et al., 2023, arXiv:2310.08659).

    One round of its algorithm: the base stays as it was rounded.
    """
    from bitsandbytes.functional import dequantize_4bit

    files = {tensor.name: tensor.file for tensor in read_tensors(base)}
    for name, layer in _lora_layers(model):
        quantized = layer.get_base_layer().weight
        rounded = dequantize_4bit(quantized.data, quantized.quant_state).float()
        lost = _stored(base, files, name).to(rounded) - rounded
        left, sizes, right = torch.svd_lowrank(lost, layer.r[ADAPTER], niter=16)
        roots = (sizes / layer.scaling[ADAPTER]).sqrt()
        with torch.no_grad():
            _a(layer).copy_((right * roots).T)
            _b(layer).copy_(left * roots)


def _stored(base: Path, files: dict[str, str], name: str) -> Tensor:
    """The base's own weight of a layer; some folders leave out the model's own prefix."""
    key = f"{name}.weight"
    while key not in files:
        _, dot, key = key.partition(".")
        if not dot:
            raise Refused(
                "training.loftq",
                f"The base has no weights of {name} to make up for the rounding with.",
                "Choose first weights of zero.",
            )
    with safe_open(base / files[key], "pt") as opened:
        tensor: Tensor = opened.get_tensor(key)
    return tensor


def _lora_layers(model: Any) -> Iterator[tuple[str, Any]]:
    return (
        (name.removeprefix(PREFIX), module)
        for name, module in model.named_modules()
        if isinstance(module, LoraLayer)
    )


def _a(layer: Any) -> Tensor:
    weight: Tensor = layer.lora_A[ADAPTER].weight
    return weight


def _b(layer: Any) -> Tensor:
    weight: Tensor = layer.lora_B[ADAPTER].weight
    return weight
