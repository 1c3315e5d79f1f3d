"""A run's figures in its own folder, so that a resumed run has them all."""

import errno
import os
from pathlib import Path

import msgspec

from engine.protocol.problems import Refused
from engine.protocol.records import MetricPoint
from engine.store.disk import NO_ROOM, disk_full, unwritable
from engine.store.publish import replace_synced
from engine.workers.event_file import EventFile

FILE = "metrics.jsonl"
EVENTS = "tensorboard"
ENCODER = msgspec.json.Encoder()
DECODER = msgspec.json.Decoder(MetricPoint)


class History:
    """`metrics.jsonl` in a run's folder: one point a line, written as it comes.

    A line outlives this process, however it ends; only a power cut may take the newest. The same
    points go into TensorBoard's files.
    """

    def __init__(self, run_folder: Path) -> None:
        run_folder.mkdir(parents=True, exist_ok=True)
        self._path = run_folder / FILE
        self._events = EventFile(run_folder / EVENTS)

    def resume(self, step: int) -> list[MetricPoint]:
        """The points up to that step; what came after belongs to steps that are done again."""
        kept = [point for point in self._read() if point.step <= step]
        try:
            replace_synced(self._path, ENCODER.encode_lines(kept))
        except OSError as error:
            raise self._refusal(error) from error
        self._events.begin(step)
        return kept

    def losses(self, step: int) -> list[float]:
        """The training losses up to that step."""
        return [
            point.train_loss
            for point in self._read()
            if point.step <= step and point.train_loss is not None
        ]

    def add(self, point: MetricPoint) -> None:
        """Raises Refused when the line does not fit; the step is done again from a checkpoint."""
        line = ENCODER.encode(point) + b"\n"
        try:
            with self._path.open("ab", buffering=0) as file:
                if file.write(line) != len(line):  # the disk took only some of it
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise self._refusal(error) from error
        self._events.add(point)

    def _refusal(self, error: OSError) -> Refused:
        if error.errno in NO_ROOM:
            return disk_full(self._path, "this run", 1)
        return unwritable(self._path, error)

    def _read(self) -> list[MetricPoint]:
        """Every whole line; the last one may have been cut short by a kill."""
        if not self._path.exists():
            return []
        points = []
        for line in self._path.read_bytes().splitlines():
            try:
                points.append(DECODER.decode(line))
            except msgspec.MsgspecError:
                break
        return points
