"""sha256 of files, streamed."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from engine.protocol.problems import Refused

PIECE = 8 << 20  # bytes
ADAPTER_WEIGHTS = "adapter_model.safetensors"
ADAPTER_CONFIG = "adapter_config.json"


def sha256_file(path: Path) -> str:
    """Hexadecimal sha256 of a file's bytes; memory does not grow with the file.

    In large pieces: other threads wait for the interpreter between two of them.
    """
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def sha256_parts(parts: Iterable[bytes]) -> str:
    """sha256 over byte strings, each preceded by its length so that borders count."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def adapter_hash(folder: Path) -> str:
    """The hash that names an adapter: sha256 over the digests of its weights and its config.

    Raises Refused when one of the two files is missing.
    """
    digests = []
    for name in (ADAPTER_WEIGHTS, ADAPTER_CONFIG):
        path = folder / name
        if not path.is_file():
            raise Refused(
                "adapter.incomplete",
                f"The adapter folder {folder.name} has no {name}.",
                "Import or train the adapter again.",
            )
        digests.append(bytes.fromhex(sha256_file(path)))
    return sha256_parts(digests)


def adapter_hash_of(weights: bytes, config: bytes) -> str:
    """`adapter_hash` of content already in memory, so that what is hashed is what gets used."""
    return sha256_parts(hashlib.sha256(content).digest() for content in (weights, config))
