"""Which files of a Hugging Face folder are used, and which make it unacceptable."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.catalog.json_file import read_json_object
from engine.catalog.safetensors_header import Tensor, read_header
from engine.protocol.problems import Refused

PICKLES = (".bin", ".pt", ".pth", ".ckpt")
INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"
CODE = ("modeling_", "configuration_", "tokenization_", "processing_")
TOKENIZER_FILES = (
    "added_tokens.json", "chat_template.jinja", "chat_template.json", "merges.txt",
    "special_tokens_map.json", "spiece.model", "tokenizer.json", "tokenizer.model",
    "tokenizer_config.json", "vocab.json", "vocab.txt",
)  # fmt: skip
VOCABULARIES = ("tokenizer.json", "tokenizer.model", "spiece.model", "vocab.txt")
# Keys that make transformers fetch or run code although trust_remote_code is off
# (CVE-2026-4372 for the first).
FORBIDDEN_KEYS = ("_attn_implementation_internal", "_experts_implementation_internal")
CODE_KEYS = ("auto_map", "custom_pipelines", "trust_remote_code")
KERNEL_KEYS = ("_attn_implementation", "attn_implementation", "experts_implementation")
KERNELS = (None, "eager", "sdpa", "flash_attention_2", "flash_attention_3", "flex_attention")


def weight_files(folder: Path) -> tuple[Path, ...]:
    """The safetensors files of the model, in order.

    Raises Refused when there are only pickles, none at all, a shard is missing or the index names
    anything but plain files of this folder.
    """
    if (folder / INDEX).is_file():
        return _shards(folder)
    if (folder / SINGLE).is_file():
        return (folder / SINGLE,)
    pickles = sorted(each.name for each in folder.iterdir() if each.suffix in PICKLES)
    if pickles:
        raise pickle_refused(pickles[0])
    raise Refused(
        "models.no-weights",
        f"{folder.name} has no {SINGLE} and no {INDEX}.",
        "Choose the folder that holds config.json together with the safetensors files.",
    )


def pickle_refused(name: str) -> Refused:
    """The refusal of weights that could run code when they are loaded."""
    return Refused(
        "models.pickle-weights",
        f"{name} holds pickled weights, which can run code when they are loaded.",
        "Convert to safetensors: load the model where you trust it and call "
        "save_pretrained(folder, safe_serialization=True), then add that folder.",
    )


def _shards(folder: Path) -> tuple[Path, ...]:
    weight_map = read_json_object(folder / INDEX).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise _index_refused("it has no weight_map")
    names = set()
    for name in weight_map.values():
        if (
            not isinstance(name, str)
            or not is_plain_name(name)
            or not name.endswith(".safetensors")
        ):
            raise _index_refused(f"it names {name!r:.80}, which is no safetensors file beside it")
        names.add(name)
    for name in sorted(names):
        if not (folder / name).is_file():
            raise Refused(
                "models.shard-missing",
                f"{name} is missing from {folder.name}.",
                "Copy or download the missing file into the folder.",
            )
    return tuple(folder / name for name in sorted(names))


def is_plain_name(name: str) -> bool:
    """Whether a name stays inside its folder on every platform."""
    return name not in ("", ".", "..") and not any(mark in name for mark in "/\\:\0")


def _index_refused(why: str) -> Refused:
    return Refused(
        "models.bad-index", f"{INDEX} is refused: {why}.", "Copy or download the model again."
    )


def read_tensors(folder: Path) -> tuple[Tensor, ...]:
    """All tensors of the model from the headers of its files, checked against the index."""
    tensors: dict[str, Tensor] = {}
    for path in weight_files(folder):
        for tensor in read_header(path):
            if tensor.name in tensors:
                raise _index_refused(f"tensor {tensor.name} lies in two files")
            tensors[tensor.name] = tensor
    if (folder / INDEX).is_file():
        for name, file in read_json_object(folder / INDEX)["weight_map"].items():
            if name not in tensors or tensors[name].file != file:
                raise _index_refused(f"tensor {name} is not in {file}")
    return tuple(tensors.values())


def tokenizer_files(folder: Path) -> tuple[Path, ...]:
    """The tokenizer's files. Raises Refused when no vocabulary is among them."""
    found = tuple(folder / name for name in TOKENIZER_FILES if (folder / name).is_file())
    names = {path.name for path in found}
    if names.isdisjoint(VOCABULARIES) and not {"vocab.json", "merges.txt"} <= names:
        raise Refused(
            "models.no-tokenizer",
            f"{folder.name} has no tokenizer.",
            "Copy tokenizer.json and tokenizer_config.json of the model into the folder.",
        )
    return found


def refuse_code(folder: Path) -> None:
    """Raises Refused when the folder needs or smuggles code of its own."""
    for path in sorted(folder.iterdir()):
        if path.suffix == ".py" and path.name.startswith(CODE):
            raise _code_refused(f"it brings {path.name}")
    for name in ("config.json", "tokenizer_config.json", "generation_config.json"):
        if (folder / name).is_file():
            for key, value in _entries(read_json_object(folder / name)):
                _refuse_entry(name, key, value)


def _refuse_entry(file: str, key: str, value: Any) -> None:
    if key in CODE_KEYS and value:
        raise _code_refused(f"{file} sets {key}")
    if key in FORBIDDEN_KEYS or (
        key in KERNEL_KEYS and not (value is None or (isinstance(value, str) and value in KERNELS))
    ):
        raise Refused(
            "models.unsafe-config",
            f"{file} sets {key}, which could load code from elsewhere.",
            f"Remove that entry from {file} if you trust the model.",
        )


def _entries(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key with its value, at any depth."""
    waiting = [value]
    while waiting:
        at = waiting.pop()
        if isinstance(at, dict):
            yield from at.items()
            waiting.extend(at.values())
        elif isinstance(at, list):
            waiting.extend(at)


def _code_refused(why: str) -> Refused:
    return Refused(
        "models.needs-code",
        f"This model needs code of its own: {why}.",
        "Adapter Studio never runs code from a model; choose one that transformers supports.",
    )
