"""A run's checkpoints on disk: published whole, verified before use, tied to their origin."""

import hashlib
import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from engine.protocol.dataset_specs import Template
from engine.protocol.options import Value, get_value, kinds_in, options_of
from engine.protocol.problems import Refused
from engine.protocol.records import Checkpoint
from engine.protocol.tasks import TrainTask
from engine.store.publish import (
    STAGING_PREFIX,
    collect_staging,
    publish_folder,
    verify_folder,
)

log = logging.getLogger(__name__)
RECORD = "checkpoint.json"
NEWEST_KEPT = 2
Origin = dict[str, Value]
MAY_CHANGE = frozenset(
    {
        "base", "dataset", "name", "preset", "early_stopping", "eval_every", "checkpoint_every",
        "threads", "workers",
    }
)  # fmt: skip


class CheckpointRecord(Struct, frozen=True):
    """`checkpoint.json` inside a checkpoint."""

    checkpoint: Checkpoint
    origin: Origin


def origin_of(task: TrainTask) -> Origin:
    """Everything that must be the same for a resumed run to be the same run.

    How often it evaluates, when it stops early and how many threads and processes it uses may
    change.
    """
    spec, own = task.run.spec, task.dataset.template
    return {
        "base": task.base.fingerprint,
        "template": _hash_of(own) if own else task.base.template_hash,
        "dataset": task.dataset.sha256,
        **{
            option.path: get_value(spec, option.path)
            for option in options_of(type(spec), kinds=kinds_in(spec))
            if option.path not in MAY_CHANGE
        },
    }


def _hash_of(template: Template) -> str:
    return hashlib.sha256(msgspec.json.encode(template)).hexdigest()


class Checkpoints:
    """The folder `checkpoints` of one run; only the run's one worker writes there."""

    def __init__(self, run_path: str, origin: Origin) -> None:
        self.folder = Path(run_path) / "checkpoints"
        self._origin = origin
        self._found: dict[int, Checkpoint] = {}

    def open(self) -> tuple[str, ...]:
        """Verify every checkpoint by its manifest; returns why any was skipped.

        Raises Refused naming the field when the newest valid one was made from something else.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        collect_staging(self.folder)
        skipped = []
        records = {}
        for path in sorted(path for path in self.folder.iterdir() if path.is_dir()):
            try:
                verify_folder(path)
                record = _read(path)
            except Refused as refusal:
                log.warning("Skipped a checkpoint: %s", refusal.problem.message)
                skipped.append(refusal.problem.message)
            else:
                records[record.checkpoint.step] = record
        if records:
            self._refuse_other_run(records[max(records)].origin)
        self._found = {step: record.checkpoint for step, record in records.items()}
        return tuple(skipped)

    def newest(self) -> Checkpoint | None:
        return self._found[max(self._found)] if self._found else None

    def best(self) -> Checkpoint | None:
        """The one with the lowest validation loss, the earlier of equals; None without any loss."""
        judged = [found for found in self._found.values() if found.validation_loss is not None]
        return min(judged, key=lambda found: (found.validation_loss, found.step), default=None)

    def save(self, checkpoint: Checkpoint, write: Callable[[Path], None]) -> Checkpoint:
        """Publish what `write` puts into a folder, then drop all but the best and the newest."""
        path = self.folder / f"step-{checkpoint.step:08d}"
        checkpoint = replace(checkpoint, path=str(path), saved_at=time.time())
        record = msgspec.json.encode(CheckpointRecord(checkpoint, self._origin))

        def write_all(staging: Path) -> None:
            write(staging)
            (staging / RECORD).write_bytes(record)

        self._remove(path)  # a damaged one of the same step, if this run came back past it
        publish_folder(path, write_all)
        self._found[checkpoint.step] = checkpoint
        self._prune()
        return checkpoint

    def steps(self) -> tuple[int, ...]:
        return tuple(sorted(self._found))

    def _prune(self) -> None:
        kept = set(self.steps()[-NEWEST_KEPT:])
        best = self.best()
        if best is not None:
            kept.add(best.step)
        for step in set(self._found) - kept:
            self._remove(Path(self._found.pop(step).path))

    def _remove(self, path: Path) -> None:
        """Rename first: a checkpoint that is half gone must not look like a damaged one."""
        if path.exists():
            leaving = path.with_name(f"{STAGING_PREFIX}{path.name}-{time.time_ns():x}")
            path.rename(leaving)
            shutil.rmtree(leaving, ignore_errors=True)

    def _refuse_other_run(self, found: Origin) -> None:
        for name in self._origin:
            if found.get(name) != self._origin[name]:
                raise Refused(
                    "training.other-run",
                    f"This run cannot be resumed: its checkpoints were made with another {name} "
                    f"({_short(found.get(name))} instead of {_short(self._origin[name])}).",
                    "Start a new run.",
                )


def _read(path: Path) -> CheckpointRecord:
    """The record of a verified checkpoint, with the path where it is now."""
    try:
        record = msgspec.json.decode((path / RECORD).read_bytes(), type=CheckpointRecord)
    except (OSError, msgspec.MsgspecError) as error:
        raise Refused(
            "files.damaged", f"{path.name} is damaged: its {RECORD} cannot be read."
        ) from error
    return replace(record, checkpoint=replace(record.checkpoint, path=str(path)))


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 20 else f"{text[:12]}…"
