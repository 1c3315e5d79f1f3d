"""Reads a PEFT adapter folder and tells whether it fits a base model, without torch."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from engine.catalog.adapter_config import check_config, damaged, size_of_config
from engine.catalog.adapter_shapes import (
    EMBEDDINGS_OF_PROMPT,
    MARKS,
    PROJECTIONS,
    PROMPTS,
    Parts,
)
from engine.catalog.json_file import read_json_object
from engine.catalog.model_files import PICKLES, pickle_refused
from engine.catalog.safetensors_header import Tensor, read_header
from engine.protocol.problems import Refused
from engine.store.hashing import ADAPTER_CONFIG, ADAPTER_WEIGHTS

PREFIX = "base_model.model."


class ScannedAdapter(Struct, frozen=True):
    """What a PEFT folder says about itself."""

    method: str
    rank: int  # or the block size, or the number of virtual tokens
    alpha: float
    target_modules: tuple[str, ...]  # last parts of the module names, sorted
    parameters: int
    size_bytes: int
    base_name: str  # what it was trained on, by its own word
    tensors: tuple[Tensor, ...]
    config: dict[str, Any]  # checked

    @property
    def modules(self) -> dict[str, Parts]:
        """What each of the base's modules gets."""
        return modules_of(self.method, self.tensors)


def scan_adapter(folder: Path) -> ScannedAdapter:
    """Read config and header. Raises Refused when it is unknown, damaged, or could run code."""
    config = read_json_object(folder / ADAPTER_CONFIG)
    weights = folder / ADAPTER_WEIGHTS
    if not weights.is_file():
        raise _no_weights(folder)
    tensors = read_header(weights)
    method = check_config(config)
    modules = modules_of(method, tensors)
    _refuse_nothing(method, modules, tensors, folder)
    if method in PROMPTS:
        _check_prompt(config, tensors)
    if method in ("lora", "adalora"):
        _check_ranks(config, modules, method)
    return ScannedAdapter(
        method=method,
        rank=size_of_config(config, method),
        alpha=_alpha(config, method),
        target_modules=tuple(sorted({module.rsplit(".", 1)[-1] for module in modules})),
        parameters=sum(tensor.elements for tensor in tensors),
        size_bytes=weights.stat().st_size + (folder / ADAPTER_CONFIG).stat().st_size,
        base_name=str(config.get("base_model_name_or_path") or "")[:200],
        tensors=tensors,
        config=config,
    )


def modules_of(method: str, tensors: tuple[Tensor, ...]) -> dict[str, Parts]:
    """The tensors of the method itself by module of the base: the part's name and its shape."""
    mark = MARKS.get(method)
    found: dict[str, Parts] = {}
    for tensor in tensors:
        if mark is not None and mark in tensor.name:
            module, _, part = tensor.name.removeprefix(PREFIX).partition(mark)
            found.setdefault(module, {})[mark[1:] + part] = tensor.shape
    return found


def _alpha(config: Mapping[str, Any], method: str) -> float:
    name = {"lora": "lora_alpha", "adalora": "lora_alpha", "loha": "alpha", "lokr": "alpha"}
    return float(config.get(name[method], 8)) if method in name else 0.0


def _no_weights(folder: Path) -> Refused:
    pickles = sorted(each.name for each in folder.iterdir() if each.suffix in PICKLES)
    if pickles:
        return pickle_refused(pickles[0])
    return Refused(
        "adapters.no-weights",
        f"{folder.name} has no {ADAPTER_WEIGHTS}.",
        "Copy the missing file into the folder.",
    )


def _refuse_nothing(
    method: str, modules: dict[str, Parts], tensors: tuple[Tensor, ...], folder: Path
) -> None:
    names = {tensor.name for tensor in tensors}
    there = EMBEDDINGS_OF_PROMPT in names if method in PROMPTS else bool(modules)
    if not there:
        raise Refused(
            "adapters.empty",
            f"{ADAPTER_WEIGHTS} of {folder.name} holds no weights of its method, {method}.",
            "Choose a folder that PEFT's save_pretrained wrote.",
        )
    for name in PROJECTIONS if method == "vera" else ():
        if name not in names:
            raise damaged(f"{name} is missing")


def _check_prompt(config: dict[str, Any], tensors: tuple[Tensor, ...]) -> None:
    """One tensor, a row for every virtual token."""
    for tensor in tensors:
        if tensor.name != EMBEDDINGS_OF_PROMPT:
            raise damaged(f"{tensor.name} has no place in it")
        if len(tensor.shape) != 2 or tensor.shape[0] != config["num_virtual_tokens"]:
            raise damaged(
                f"it has {config['num_virtual_tokens']} virtual tokens but {tensor.name} has"
                f" shape {'x'.join(map(str, tensor.shape))}"
            )


def _check_ranks(config: dict[str, Any], modules: dict[str, Parts], method: str) -> None:
    """Every A and B must agree; without a rank pattern, with the config's rank as well."""
    told = config["r"] if method == "lora" else None
    for module, parts in modules.items():
        ranks = {part: _rank_of(part, shape) for part, shape in parts.items()}
        ranks = {part: rank for part, rank in ranks.items() if rank is not None}
        if len(set(ranks.values())) > 1:
            raise damaged(f"lora_A and lora_B of {module} have different ranks")
        for part, rank in ranks.items():
            if told is not None and not config.get("rank_pattern") and rank != told:
                raise damaged(f"r is {told} but {module}.{part} has rank {rank}")


def _rank_of(part: str, shape: tuple[int, ...]) -> int | None:
    if len(shape) != 2:
        return None
    if part in ("lora_A", "lora_A.weight", "lora_embedding_A", "lora_E"):
        return shape[0]
    return shape[1] if part in ("lora_B", "lora_B.weight", "lora_embedding_B") else None
