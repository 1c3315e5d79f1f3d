"""A run's checkpoints on disk: published whole, verified before use, tied to their origin."""

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from engine.protocol.problems import Refused
from engine.protocol.records import Checkpoint
from engine.protocol.run_length import best_checkpoint
from engine.protocol.tasks import TrainTask
from engine.store.disk import DISK_FULL, disk_full, refuse_without_room, unwritable
from engine.store.publish import STAGING_PREFIX, collect_staging, publish_folder, verify_folder
from engine.workers.origin import Origin, defaults_of, origin_of
from engine.workers.write_errors import as_os_errors

log = logging.getLogger(__name__)
RECORD = "checkpoint.json"
NEWEST_KEPT = 2


class CheckpointRecord(Struct, frozen=True):
    """`checkpoint.json` inside a checkpoint."""

    checkpoint: Checkpoint
    origin: Origin


class Checkpoints:
    """The folder `checkpoints` of one run; only the run's one worker writes there."""

    def __init__(
        self,
        run_path: str,
        origin: Origin,
        *,
        defaults: Origin | None = None,
        known: tuple[int, ...] = (),
    ) -> None:
        self.folder = Path(run_path) / "checkpoints"
        self.size_bytes = 0  # of one, as it is known or forecast; 0: not yet
        self._origin = origin
        self._defaults = defaults or {}
        self._known = known
        self._found: dict[int, Checkpoint] = {}

    @classmethod
    def of(cls, task: TrainTask) -> "Checkpoints":
        """Those of a run, which the engine has heard of in `task.run.checkpoints`."""
        return cls(
            task.run.path,
            origin_of(task),
            defaults=defaults_of(task),
            known=tuple(checkpoint.step for checkpoint in task.run.checkpoints),
        )

    def open(self) -> tuple[str, ...]:
        """Verify every checkpoint by its manifest; returns why any was skipped, newest first.

        Raises Refused naming the field when the newest valid one was made from something else,
        and when there were checkpoints and none is left: a run never starts anew by itself.
        """
        with self._writing():
            self.folder.mkdir(parents=True, exist_ok=True)
            collect_staging(self.folder)
        skipped: dict[str, str] = {}
        records = {}
        for path in sorted(path for path in self.folder.iterdir() if path.is_dir()):
            try:
                verify_folder(path)
                record = _read(path)
            except Refused as refusal:
                log.warning("Skipped a checkpoint: %s", refusal.problem.message)
                skipped[path.name] = refusal.problem.message
            else:
                records[record.checkpoint.step] = record
        newest = max(records, default=0)
        for name in (_name_of(step) for step in self._known if step > newest):
            skipped.setdefault(name, f"{name} is missing.")
        if skipped and not records:
            raise _none_left([*skipped.values()])
        if records:
            self._refuse_other_run(records[newest].origin)
            self.size_bytes = _bytes_in(Path(records[newest].checkpoint.path))
        self._found = {step: record.checkpoint for step, record in records.items()}
        return tuple(skipped[name] for name in sorted(skipped, reverse=True))

    def refuse_without_room(self, forecast_bytes: int) -> None:
        """Raises Refused unless all that will ever be kept at once fits on the disk.

        That is the newest ones, the best, the one that is being written, and the adapter.
        `forecast_bytes` is the size of one, for a run that has none yet.
        """
        self.size_bytes = self.size_bytes or forecast_bytes
        missing = max(1, NEWEST_KEPT + 2 - len(self._found))
        refuse_without_room(self.folder, "this run", missing * self.size_bytes)

    def newest(self) -> Checkpoint | None:
        return self._found[max(self._found)] if self._found else None

    def chosen(self) -> Checkpoint | None:
        """What the run would keep if it ended now."""
        return best_checkpoint(self._found.values())

    def save(self, checkpoint: Checkpoint, write: Callable[[Path], None]) -> Checkpoint:
        """Publish what `write` puts into a folder, then drop all but the best and the newest.

        Raises Refused when there is no room or the disk does not take it; then all is as before.
        """
        path = self.folder / _name_of(checkpoint.step)
        checkpoint = replace(checkpoint, path=str(path), saved_at=time.time())
        record = msgspec.json.encode(CheckpointRecord(checkpoint, self._origin))

        def write_all(staging: Path) -> None:
            with as_os_errors(staging):
                write(staging)
            (staging / RECORD).write_bytes(record)

        refuse_without_room(self.folder, "a checkpoint", self.size_bytes)
        with self._writing():
            self._remove(path)  # a damaged one of the same step, if this run came back past it
            publish_folder(path, write_all)
            self._found[checkpoint.step] = checkpoint
            self.size_bytes = _bytes_in(path)
            self._prune()
        return checkpoint

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise unwritable(self.folder, error) from error
        except Refused as refusal:
            if refusal.problem.code == DISK_FULL:
                raise disk_full(self.folder, "a checkpoint", self.size_bytes) from refusal
            raise

    def steps(self) -> tuple[int, ...]:
        return tuple(sorted(self._found))

    def _prune(self) -> None:
        kept = set(self.steps()[-NEWEST_KEPT:])
        chosen = self.chosen()
        if chosen is not None:
            kept.add(chosen.step)
        for step in set(self._found) - kept:
            self._remove(Path(self._found.pop(step).path))

    def _remove(self, path: Path) -> None:
        """Rename first: a checkpoint that is half gone must not look like a damaged one."""
        if path.exists():
            leaving = path.with_name(f"{STAGING_PREFIX}{path.name}-{time.time_ns():x}")
            path.rename(leaving)
            shutil.rmtree(leaving, ignore_errors=True)

    def _refuse_other_run(self, found: Origin) -> None:
        for name, value in self._origin.items():
            if found.get(name, self._defaults.get(name)) != value:
                raise Refused(
                    "training.other-run",
                    f"This run cannot be resumed: its checkpoints were made with another {name} "
                    f"({_short(found.get(name))} instead of {_short(value)}).",
                    "Start a new run.",
                )


def metrics_of(checkpoint: Checkpoint) -> dict[str, float]:
    """Its losses, by name, for a passport."""
    found = {"validation_loss": checkpoint.validation_loss, "train_loss": checkpoint.train_loss}
    return {name: value for name, value in found.items() if value is not None}


def _name_of(step: int) -> str:
    return f"step-{step:08d}"


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def _none_left(reasons: list[str]) -> Refused:
    return Refused(
        "training.no-checkpoint-left",
        f"This run cannot be resumed: no checkpoint of it is whole. {reasons[-1]}",
        "Restore its folder from a copy, or run it again from the beginning.",
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
