"""The header of a safetensors file, read strictly: nothing in it is believed before it is checked.

The format: 8 bytes little-endian header size, the header as JSON, then the tensors without gaps
(https://huggingface.co/docs/safetensors, "Format").
"""

import json
import math
import os
import stat
from pathlib import Path
from typing import Any

from msgspec import Struct

from engine.protocol.problems import Refused

HEADER_LIMIT = 25_000_000  # bytes; the header of a model of 100,000 tensors takes about 12 MB
BITS = {
    "F64": 64, "F32": 32, "F16": 16, "BF16": 16, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8,
    "F4": 4, "I64": 64, "I32": 32, "I16": 16, "I8": 8, "U64": 64, "U32": 32, "U16": 16, "U8": 8,
    "BOOL": 8, "C64": 64,
}  # fmt: skip
NAMES = {
    "F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2",
}  # fmt: skip


class Tensor(Struct, frozen=True):
    """One tensor: where its bytes lie in which file."""

    name: str
    dtype: str  # "F32", as the format writes it
    shape: tuple[int, ...]
    file: str
    start: int  # from the beginning of the file
    end: int

    @property
    def elements(self) -> int:
        return math.prod(self.shape)


def read_header(path: Path) -> tuple[Tensor, ...]:
    """All tensors of a file, in the order of their bytes.

    Raises Refused when the header is not exactly what the format allows: a size beyond the file,
    duplicate names, shapes that do not match their bytes, gaps, overlaps, a cut or longer file.
    """
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise _broken(path, "it is not a regular file")
        size = status.st_size
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > size - 8:
            raise _broken(path, f"its header claims {length} bytes but the file has {size}")
        if not 2 <= length <= HEADER_LIMIT:
            raise _broken(path, f"its header of {length} bytes is outside 2 to {HEADER_LIMIT}")
        header = _parse(path, file.read(length))
    tensors = sorted(_tensors(path, header, 8 + length), key=lambda each: (each.start, each.end))
    at = 8 + length
    for tensor in tensors:
        if tensor.start != at:
            raise _broken(path, f"tensor {tensor.name} leaves a gap or overlaps another")
        at = tensor.end
    if at != size:
        raise _broken(path, f"its tensors end at byte {at} but the file has {size}")
    return tuple(tensors)


def _parse(path: Path, content: bytes) -> dict[str, Any]:
    try:
        header = json.loads(content.decode(), object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise _broken(path, f"its header is not valid JSON ({error})") from error
    if not isinstance(header, dict):
        raise _broken(path, "its header is not a JSON object")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise _broken(path, "its metadata is not a map of texts")
    return header


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a name occurs twice")
    return result


def _tensors(path: Path, header: dict[str, Any], base: int) -> list[Tensor]:
    tensors = []
    for name, entry in header.items():
        if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
            raise _broken(path, f"tensor {name} is not described by dtype, shape and offsets")
        dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
        if not isinstance(dtype, str) or dtype not in BITS:
            raise _broken(path, f"tensor {name} has the unknown type {dtype!r:.40}")
        if not _sizes(shape) or not _sizes(offsets) or len(offsets) != 2 or len(shape) > 16:
            raise _broken(path, f"tensor {name} has a shape or offsets that are no sizes")
        bits = math.prod(shape) * BITS[dtype]
        if offsets[1] - offsets[0] != bits // 8 or bits % 8:
            raise _broken(path, f"the shape of tensor {name} does not match its bytes")
        tensors.append(
            Tensor(name, dtype, tuple(shape), path.name, base + offsets[0], base + offsets[1])
        )
    return tensors


def _sizes(value: Any) -> bool:
    return isinstance(value, list) and all(
        type(entry) is int and 0 <= entry < 2**63 for entry in value
    )


def _broken(path: Path, what: str) -> Refused:
    return Refused(
        "models.broken-weights",
        f"{path.name} is not a valid safetensors file: {what}.",
        "Copy or download the file again.",
    )
