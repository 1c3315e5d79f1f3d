"""A run's figures as TensorBoard reads them, in the folder `tensorboard` beside the others."""

import struct
import time
from pathlib import Path
from typing import Any

from engine.protocol.records import MetricPoint

TAGS = {
    "train_loss": "loss/training",
    "validation_loss": "loss/validation",
    "learning_rate": "training/learning_rate",
    "gradient_norm": "training/gradient_norm",
    "epoch": "training/epoch",
    "tokens_per_second": "machine/tokens_per_second",
    "processor_share": "machine/processor_share",
    "memory_bytes": "machine/memory_bytes",
    "gpu_share": "machine/gpu_share",
    "gpu_memory_bytes": "machine/gpu_memory_bytes",
}


class EventFile:
    """One more file in the folder for each start of the run.

    tensorboardX gives the messages and their checksum. Its own writers either keep two minutes
    of points in memory or wait for the disk at each; here a point is the system's at once, so
    that it outlives this process.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder

    def begin(self, step: int) -> None:
        """Go on after that step; what earlier files have beyond it does not count any more."""
        from tensorboardX.proto.event_pb2 import Event, SessionLog

        self._folder.mkdir(exist_ok=True)
        earlier = any(self._folder.iterdir())
        name = f"events.out.tfevents.{time.time():.6f}.adapter-studio"  # read in this order
        self._path = self._folder / name
        self._write(Event(wall_time=time.time(), file_version="brain.Event:2"))
        if earlier:
            start = SessionLog(status=SessionLog.START)
            self._write(Event(wall_time=time.time(), step=step + 1, session_log=start))

    def add(self, point: MetricPoint) -> None:
        from tensorboardX.proto.event_pb2 import Event
        from tensorboardX.proto.summary_pb2 import Summary

        values = [
            Summary.Value(tag=tag, simple_value=value)
            for name, tag in TAGS.items()
            if (value := getattr(point, name)) is not None
        ]
        self._write(Event(wall_time=point.at, step=point.step, summary=Summary(value=values)))

    def _write(self, event: Any) -> None:
        """Framed as a TFRecord: length, data, and a masked CRC-32C of each."""
        from tensorboardX.record_writer import masked_crc32c

        data = event.SerializeToString()
        length = struct.pack("<Q", len(data))
        checks = [struct.pack("<I", masked_crc32c(each)) for each in (length, data)]
        with self._path.open("ab", buffering=0) as file:
            file.write(b"".join((length, checks[0], data, checks[1])))
