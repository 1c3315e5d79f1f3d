"""How many weights a method trains on a base, without loading it."""

from collections.abc import Callable, Sequence

from engine.catalog.divisors import factors, nearest_divisor
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
    TargetModules,
    VeraSpec,
)
from engine.protocol.records import BaseModel, LinearShape
from engine.protocol.target_modules import ATTENTION, KEY_VALUE, names_among, targets_among


def trainable_parameters(method: MethodSpec, base: BaseModel) -> int:
    """Weights that get a gradient; of layer norms those of the usual pre-norm layout."""
    match method:
        case LoraSpec() | QloraSpec():
            rank, dora = method.rank, isinstance(method, LoraSpec) and method.dora
            return _sum(base, method.target_modules, lambda each: (
                rank * (each.inputs + each.outputs) + (each.outputs if dora else 0)
            ))  # fmt: skip
        case AdaLoraSpec():
            rank = method.initial_rank
            return _sum(base, method.target_modules,
                        lambda each: rank * (each.inputs + each.outputs + 1))  # fmt: skip
        case LohaSpec():
            return _sum(base, method.target_modules,
                        lambda each: 2 * method.rank * (each.inputs + each.outputs))  # fmt: skip
        case LokrSpec():
            return _sum(base, method.target_modules, lambda each: _lokr(each, method.rank))
        case VeraSpec():
            return _sum(base, method.target_modules, lambda each: each.outputs + method.rank)
        case OftSpec():
            return _sum(base, method.target_modules, lambda each: _oft(each, method.block_size))
        case Ia3Spec():
            return _ia3(base, feed_forward=method.feed_forward)
        case PrefixSpec():
            return method.virtual_tokens * 2 * base.layers * _key_size(base)
        case PromptSpec():
            return method.virtual_tokens * base.hidden_size
        case BottleneckSpec():
            places = 1 if method.places == "pfeiffer" else 2
            each = 2 * base.hidden_size * method.size + method.size + base.hidden_size
            return places * base.layers * each
        case LayerNormSpec():
            return (2 * base.layers + 1) * base.hidden_size


def _sum(base: BaseModel, wanted: TargetModules, cost: Callable[[LinearShape], int]) -> int:
    targets = targets_among({each.name for each in base.linears}, wanted)
    return sum(cost(each) * each.count for each in base.linears if each.name in targets)


def _lokr(layer: LinearShape, rank: int) -> int:
    """One small matrix whole, the other as a product where that is smaller, as PEFT has it."""
    (out_small, out_large), (in_small, in_large) = factors(layer.outputs), factors(layer.inputs)
    whole = rank >= max(out_large, in_large) / 2
    second = out_large * in_large if whole else rank * (out_large + in_large)
    return out_small * in_small + second


def _oft(layer: LinearShape, wanted: int) -> int:
    size = nearest_divisor(layer.inputs, wanted)
    return layer.inputs // size * (size * (size - 1) // 2)


def _ia3(base: BaseModel, *, feed_forward: bool) -> int:
    keys = names_among(KEY_VALUE, {each.name for each in base.linears})
    scales = sum(each.outputs * each.count for each in base.linears if each.name in keys)
    inner = (each for each in _outside_attention(base.linears) if each.inputs > each.outputs)
    return scales + (sum(each.inputs * each.count for each in inner) if feed_forward else 0)


def _outside_attention(linears: Sequence[LinearShape]) -> list[LinearShape]:
    return [each for each in linears if each.name not in ATTENTION]


def _key_size(base: BaseModel) -> int:
    """Of one token's keys in one layer; a fused layer does not tell it apart from the queries."""
    pair = names_among(KEY_VALUE, {each.name for each in base.linears})
    if len(pair) == 2:
        return next(each.outputs for each in base.linears if each.name == pair[0])
    return base.hidden_size
