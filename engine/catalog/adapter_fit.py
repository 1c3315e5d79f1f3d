"""Whether an adapter of any method fits a base: shapes compared with the headers of its weights."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.catalog.adapter_scan import PREFIX, ScannedAdapter
from engine.catalog.adapter_shapes import (
    EMBEDDINGS_OF_PROMPT,
    MARKS,
    PROMPTS,
    Layer,
    Parts,
    Shape,
    layer_parts,
    projection_shapes,
    prompt_width,
)
from engine.catalog.json_file import read_json_object
from engine.catalog.model_files import read_tensors
from engine.catalog.scan import TRANSPOSED
from engine.protocol.problems import Refused
from engine.protocol.records import BaseModel

EMBEDDINGS = ("embed_tokens", "wte", "embed_in", "word_embeddings")


def misfit(adapter: ScannedAdapter, base: BaseModel) -> str:
    """Why the adapter's weights do not fit that base: the first tensor that differs; "" if they do.

    Reads no weights.
    """
    try:
        shapes = {each.name: each.shape for each in read_tensors(Path(base.path))}
        config = read_json_object(Path(base.path) / "config.json")
    except (Refused, OSError) as error:
        return f"its files cannot be read ({error})"
    if adapter.method in PROMPTS:
        return _prompt_misfit(adapter, config)
    transposed = base.architecture in TRANSPOSED
    layers: list[Layer] = []
    for module, parts in adapter.modules.items():
        layer = _layer(module, shapes, transposed=transposed)
        if layer is None:
            return f"{module} does not exist there (tensor {_name(module, next(iter(parts)))})"
        layers.append(layer)
        wanted = layer_parts(adapter.method, adapter.config, layer, parts)
        if why := _difference(module, parts, wanted):
            return why
    return _rest_misfit(adapter, layers, shapes)


def _prompt_misfit(adapter: ScannedAdapter, base: Mapping[str, Any]) -> str:
    width, config = prompt_width(adapter.method, base), adapter.config
    for tensor in adapter.tensors:
        if width is not None and tensor.shape[-1] != width:
            fits = (tensor.shape[0], width)
            return _differs(EMBEDDINGS_OF_PROMPT, tensor.shape, fits)
    told = config.get("token_dim")
    if adapter.method == "prefix" and told and config.get("num_layers"):
        told = told * 2 * config["num_layers"]
    if told and width is not None and told != width:
        return f"its config speaks of {told} numbers for a token where {width} would fit"
    return ""


def _difference(module: str, found: Parts, wanted: Parts) -> str:
    """The first tensor, by name, that is there without reason, is missing or has another shape."""
    for part in sorted(found.keys() | wanted.keys()):
        name = _name(module, part)
        if part not in wanted:
            return f"{name} has no place there"
        if part not in found:
            return f"{name} is missing"
        if found[part] != wanted[part]:
            return _differs(name, found[part], wanted[part])
    return ""


def _rest_misfit(adapter: ScannedAdapter, layers: list[Layer], shapes: Mapping[str, Shape]) -> str:
    """Tensors that belong to no single layer's adapter: VeRA's matrices, whole saved modules."""
    shared = projection_shapes(adapter.config, layers) if adapter.method == "vera" else {}
    mark = MARKS[adapter.method]
    for tensor in adapter.tensors:
        if mark in tensor.name:
            continue
        expected = shared.get(tensor.name)
        if expected is None:
            module, _, part = tensor.name.removeprefix(PREFIX).rpartition(".")
            expected = _base_shape(module, shapes)
            if expected is None:
                return f"{module} does not exist there (tensor {tensor.name})"
            if part != "weight":
                continue
        if tensor.shape != expected:
            return _differs(tensor.name, tensor.shape, expected)
    return ""


def _layer(module: str, shapes: Mapping[str, Shape], *, transposed: bool) -> Layer | None:
    shape = _base_shape(module, shapes)
    if shape is None:
        return None
    bias = _found(module, "bias", shapes) is not None
    if len(shape) != 2:
        return Layer(shape, has_bias=bias)
    outputs, inputs = shape
    if transposed:
        inputs, outputs = outputs, inputs
    return Layer(shape, inputs, outputs, bias)


def _base_shape(module: str, shapes: Mapping[str, Shape]) -> Shape | None:
    """The base's weight of that module; some folders leave out the model's own prefix."""
    found = _found(module, "weight", shapes)
    if found is None and module.rsplit(".", 1)[-1] == "lm_head":
        for name, shape in shapes.items():  # tied to the embeddings and stored once
            if name.split(".")[-2:-1] and name.split(".")[-2] in EMBEDDINGS:
                return shape
    return found


def _found(module: str, part: str, shapes: Mapping[str, Shape]) -> Shape | None:
    at = module
    while f"{at}.{part}" not in shapes:
        if "." not in at:
            return None
        at = at.split(".", 1)[1]
    return shapes[f"{at}.{part}"]


def _name(module: str, part: str) -> str:
    return f"{PREFIX}{module}.{part}"


def _differs(name: str, found: Shape, wanted: Shape) -> str:
    return f"{name} has shape {_text(found)} where {_text(wanted)} would fit"


def _text(shape: Shape) -> str:
    return "x".join(str(size) for size in shape) or "scalar"
