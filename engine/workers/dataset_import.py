"""Reads a data file into a dataset, with a ceiling on memory."""

import importlib.resources
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.datasets.edits import read_edits
from engine.datasets.importing import ImportPlan, dataset_name, import_dataset
from engine.protocol.dataset_specs import AddDataset
from engine.protocol.records import Dataset
from engine.protocol.tasks import ImportDatasetTask
from engine.workers.memory_limit import limit_memory

log = logging.getLogger(__name__)
SAMPLE = "tickets.jsonl"
SAMPLE_NAME = "sample-tickets.jsonl"


def run_import(task: ImportDatasetTask, progress: Callable[[float, str], None]) -> Dataset:
    """Import the file that is wanted, or the built-in sample."""
    limit_memory()
    wanted, target = task.wanted, Path(task.target)
    again: dict[str, Any] = {}
    if task.earlier is not None:
        again = {
            "edits": tuple(read_edits(task.earlier.path)),
            "ignored": task.earlier.ignored,
            "source_sha256": task.earlier.source_sha256,
            "change": _change(task.earlier, wanted),
        }
    if wanted.sample:
        sample = importlib.resources.files("resources") / "samples" / SAMPLE
        with importlib.resources.as_file(sample) as path:
            name = wanted.name or SAMPLE_NAME
            plan = ImportPlan(
                task.id, task.version, name=name, path=path, wanted=wanted, target=target, **again
            )
            return import_dataset(plan, lambda share: progress(share, "Reading the sample"))
    path = Path(wanted.path)
    plan = ImportPlan(
        task.id,
        task.version,
        name=dataset_name(wanted, path),
        path=path,
        wanted=wanted,
        target=target,
        **again,
    )
    return import_dataset(plan, lambda share: progress(share, f"Reading {path.name}"))


def _change(earlier: Dataset, wanted: AddDataset) -> str:
    """What the next version is made for."""
    if wanted.mapping not in (None, earlier.mapping):
        return "Read with other columns"
    return "Split anew" if wanted.split != earlier.split_spec else "Read again"
