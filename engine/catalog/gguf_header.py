"""The header of a .gguf file, walked strictly before any library maps the file.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import math
import mmap
import os
import struct
from pathlib import Path

from msgspec import Struct

from engine.protocol.problems import Refused

COUNT_LIMIT = 1_000_000  # tensors or entries
SCALARS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
STRING, ARRAY = 8, 9
# Elements and bytes of one block, by tensor type (ggml-quants).
BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    9: (32, 36), 10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    15: (256, 292), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 30: (1, 2),
}  # fmt: skip


class GgufHeader(Struct, frozen=True):
    architecture: str
    name: str
    licence: str
    tensors: int
    elements: int  # of all tensors together


class Walk:
    """A position in the mapped file that never leaves it."""

    def __init__(self, path: Path, content: mmap.mmap) -> None:
        self.path, self._content, self.at = path, content, 0

    def number(self, form: str) -> int | float:
        size = struct.calcsize(f"<{form}")
        value: int | float = struct.unpack(f"<{form}", self.take(size))[0]
        return value

    def size(self, limit: int) -> int:
        value = int(self.number("Q"))
        if value > limit:
            raise broken(self.path, f"it claims {value} entries or bytes at byte {self.at - 8}")
        return value

    def take(self, count: int) -> bytes:
        if self.at + count > len(self._content):
            raise broken(self.path, "its header is cut off")
        self.at += count
        return self._content[self.at - count : self.at]

    def text(self) -> str:
        return self.take(self.size(len(self._content))).decode(errors="replace")

    def value(self) -> object:
        kind = int(self.number("I"))
        if kind != ARRAY:
            return self._scalar(kind)
        inner = int(self.number("I"))
        count = self.size(len(self._content))
        if inner in SCALARS:
            self.take(count * struct.calcsize(f"<{SCALARS[inner]}"))
        elif inner == STRING:
            for _ in range(count):
                self.take(self.size(len(self._content)))
        else:
            raise broken(self.path, f"an array holds the unknown type {inner}")
        return None

    def _scalar(self, kind: int) -> object:
        if kind == STRING:
            return self.text()
        if kind not in SCALARS:
            raise broken(self.path, f"an entry has the unknown type {kind}")
        return self.number(SCALARS[kind])


def read_gguf_header(path: Path) -> GgufHeader:
    """Check the whole header against the file's size and return what it says.

    Raises Refused when it is no GGUF version 2 or 3, cut off, or points outside the file.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size < 24:
            raise broken(path, "it is too short")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return _walk(Walk(path, content), size)


def _walk(walk: Walk, size: int) -> GgufHeader:
    if walk.take(4) != b"GGUF":
        raise broken(walk.path, "it does not begin with GGUF")
    version = walk.number("I")
    if version not in (2, 3):
        raise broken(walk.path, f"its version {version} is not 2 or 3")
    tensors, entries = walk.size(COUNT_LIMIT), walk.size(COUNT_LIMIT)
    values: dict[str, object] = {}
    for _ in range(entries):
        key = walk.text()
        if key in values:
            raise broken(walk.path, f"the entry {key:.60} occurs twice")
        values[key] = walk.value()
    alignment = values.get("general.alignment", 32)
    if not isinstance(alignment, int) or alignment <= 0 or alignment & (alignment - 1):
        raise broken(walk.path, "its alignment is not a power of two")
    infos = [_tensor(walk) for _ in range(tensors)]
    if len({name for name, _, _, _ in infos}) != tensors:
        raise broken(walk.path, "a tensor occurs twice")
    start = -(-walk.at // alignment) * alignment
    for name, elements, kind, offset in infos:
        if kind not in BLOCKS:
            raise Refused(
                "models.gguf-type",
                f"Tensor {name} of {walk.path.name} has the unsupported type {kind}.",
                "Choose a file in F16, BF16, Q8_0, or one of Q4_K, Q5_K, Q6_K.",
            )
        block, block_bytes = BLOCKS[kind]
        if elements % block or start + offset + elements // block * block_bytes > size:
            raise broken(walk.path, f"tensor {name} lies outside the file")
    return GgufHeader(
        architecture=str(values.get("general.architecture", "")),
        name=str(values.get("general.name", "")),
        licence=str(values.get("general.license", "")),
        tensors=tensors,
        elements=sum(elements for _, elements, _, _ in infos),
    )


def _tensor(walk: Walk) -> tuple[str, int, int, int]:
    """Name, elements, type and offset of one tensor."""
    name = walk.text()
    dimensions = int(walk.number("I"))
    if not 1 <= dimensions <= 8:
        raise broken(walk.path, f"tensor {name:.60} has {dimensions} dimensions")
    elements = math.prod(int(walk.number("Q")) for _ in range(dimensions))
    return name, elements, int(walk.number("I")), int(walk.number("Q"))


def broken(path: Path, why: str) -> Refused:
    return Refused(
        "models.broken-gguf",
        f"{path.name} is not a valid .gguf file: {why}.",
        "Copy or download the file again.",
    )
