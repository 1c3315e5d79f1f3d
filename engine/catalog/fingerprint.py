"""What makes a base model the same base model."""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from engine.catalog.safetensors_header import Tensor
from engine.store.hashing import sha256_file, sha256_parts

CHUNK = 4 * 1024 * 1024
THREADS = 2
VOLATILE_KEYS = ("_name_or_path", "transformers_version")


def fingerprint(
    folder: Path,
    config: dict[str, Any],
    *,
    tokenizer: Sequence[Path],
    tensors: Sequence[Tensor],
    progress: Callable[[float], None],
) -> str:
    """sha256 over config, tokenizer files and every tensor's name, type, shape and bytes.

    The sharding of the weights and the version that wrote the config do not change it. Reads all
    weights once, in two threads; `progress` gets the share done, 0 to 1.
    """
    parts = [canonical_config(config)]
    for path in tokenizer:
        parts += [path.name.encode(), sha256_file(path).encode()]
    total = sum(tensor.end - tensor.start for tensor in tensors) or 1
    done = 0
    with ThreadPoolExecutor(THREADS) as pool:
        ordered = sorted(tensors, key=lambda tensor: tensor.name)
        for tensor, digest in zip(
            ordered, pool.map(lambda each: _digest(folder, each), ordered), strict=True
        ):
            parts += [tensor.name.encode(), tensor.dtype.encode(), repr(tensor.shape).encode()]
            parts.append(digest)
            done += tensor.end - tensor.start
            progress(done / total)
    return sha256_parts(parts)


def canonical_config(config: dict[str, Any]) -> bytes:
    kept = {key: value for key, value in config.items() if key not in VOLATILE_KEYS}
    return json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()


def _digest(folder: Path, tensor: Tensor) -> bytes:
    digest = hashlib.sha256()
    with (folder / tensor.file).open("rb", buffering=0) as file:
        file.seek(tensor.start)
        left = tensor.end - tensor.start
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), tensor.start, left, os.POSIX_FADV_SEQUENTIAL)
        while left > 0:
            chunk = file.read(min(CHUNK, left))
            if not chunk:
                break
            digest.update(chunk)
            left -= len(chunk)
    return digest.digest()
