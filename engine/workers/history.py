"""A run's figures in its own folder, so that a resumed run has them all."""

from pathlib import Path

import msgspec

from engine.protocol.records import MetricPoint
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
        self._path.write_bytes(ENCODER.encode_lines(kept))
        self._events.begin(step)
        return kept

    def add(self, point: MetricPoint) -> None:
        with self._path.open("ab", buffering=0) as file:
            file.write(ENCODER.encode(point) + b"\n")
        self._events.add(point)

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
