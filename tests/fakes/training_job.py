"""A training job as the engine would set it up, on the tiny model, and its real worker."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import msgspec
from msgspec import Struct

from engine.datasets.row_file import read_rows
from engine.datasets.row_writer import content_hash
from engine.protocol.method_specs import LoraSpec
from engine.protocol.records import BaseModel, Dataset, Row, Run
from engine.protocol.specs import TrainSpec
from engine.protocol.tasks import MeasureTask, TrainTask
from engine.protocol.worker_messages import WorkerMessage
from tests.fakes.published_rows import write_rows
from tests.fakes.tiny_model import write_tiny_model

ANIMALS = ("cat", "dog", "owl", "fox", "hen", "eel", "ant", "bat")
Message = TypeVar("Message", bound=Struct)


def tiny_base(folder: Path) -> BaseModel:
    write_tiny_model(folder)
    return BaseModel(
        id="b" * 32, name="Tiny", path=str(folder), source="folder", fingerprint="f" * 64
    )


def write_dataset(folder: Path, *, train: int = 22, validation: int = 6) -> Dataset:
    """Short rows of different lengths: count an animal's letters, one answer empty of meaning."""
    folder.mkdir(parents=True)
    rows = []
    for number in range(1, train + validation + 1):
        animal = ANIMALS[number % len(ANIMALS)] * (1 + number % 3)
        rows.append(
            Row(
                number=number,
                line=number,
                split="train" if number <= train else "validation",
                messages=(("user", f"{number}: {animal}?"), ("assistant", f"{animal} {number}")),
            )
        )
    write_rows(folder, rows)
    return _known_dataset(folder)


def tiny_spec(**options: object) -> TrainSpec:
    """Two threads would only get in the way of two layers."""
    plain = {
        "base": "Tiny",
        "dataset": "animals",
        "name": "animals r4",
        "method": {"kind": "lora", "rank": 4, "alpha": 8.0, "dropout": 0.1},
        "learning_rate": 1e-2,
        "batch_size": 4,
        "epochs": 3.0,
        "threads": 1,
    }
    return msgspec.convert(plain | options, TrainSpec)


def train_task(home: Path, spec: TrainSpec | None = None, **dataset: int) -> TrainTask:
    """A run in `home`; the base and the dataset are written there too, once."""
    spec = spec or tiny_spec()
    base, data = home / "models" / "tiny", home / "datasets" / "animals"
    (home / "runs" / "one").mkdir(parents=True, exist_ok=True)
    return TrainTask(
        run=Run(
            id="a" * 32,
            number=1,
            name=spec.name,
            job="j" * 32,
            spec=spec,
            base_name="Tiny",
            dataset_name="animals",
            dataset_version=1,
            path=str(home / "runs" / "one"),
        ),
        base=tiny_base(base),
        dataset=write_dataset(data, **dataset) if not data.exists() else _known_dataset(data),
        adapter_id="c" * 32,
        adapter_version=1,
        target=str(home / "adapters" / "one"),
    )


def _known_dataset(folder: Path) -> Dataset:
    splits = [row.split for row in read_rows(folder)]
    return Dataset(
        id="d" * 32,
        name="animals",
        version=1,
        path=str(folder),
        sha256=content_hash(folder),
        source="animals.jsonl",
        rows=len(splits),
        train_rows=splits.count("train"),
        validation_rows=splits.count("validation"),
    )


class TrainingWorker:
    """The real worker process on a job folder; `with` makes sure that it ends."""

    def __init__(self, folder: Path, task: TrainTask | MeasureTask, **environment: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "task.json").write_bytes(msgspec.json.encode(task))
        self.log = folder / "job.log"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "engine.workers.train", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | environment,
        )

    def __enter__(self) -> "TrainingWorker":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def send(self, command: Struct) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(msgspec.json.encode(command) + b"\n")
        self.process.stdin.flush()

    def messages(self) -> Iterator[WorkerMessage]:
        """What it says, as it says it, until it ends."""
        decoder = msgspec.json.Decoder(WorkerMessage)
        assert self.process.stdout is not None
        for line in self.process.stdout:
            yield decoder.decode(line)

    def until(self, kind: type[Message]) -> Message:
        """The next message of that kind; its log is in the error if none comes."""
        for message in self.messages():
            if isinstance(message, kind):
                return message
        raise AssertionError(f"no {kind.__name__}:\n{self.log.read_text()}")


__all__ = [
    "LoraSpec",
    "TrainingWorker",
    "tiny_base",
    "tiny_spec",
    "train_task",
    "write_dataset",
]
