"""What this process takes of processor, memory and GPU; a reading costs some 20 µs."""

import os
import time
from importlib import import_module

import psutil
import torch
from msgspec import Struct

GPU_EVERY_S = 1.0  # its driver averages over up to a second, and is slow to ask


class Reading(Struct, frozen=True):
    """What cannot be known here is None."""

    processor_share: float | None = None  # of all cores: 0 to 1
    memory_bytes: int | None = None  # resident
    gpu_share: float | None = None  # 0 to 1, by everybody
    gpu_memory_bytes: int | None = None


class Usage:
    """The processor's share is of the time since the reading before, or since `start`."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._cores = os.cpu_count() or 1
        self._has_gpu = torch.cuda.is_available()
        self._gpu_share: float | None = None
        self._gpu_asked = 0.0
        self.start()

    def start(self) -> None:
        self._wall, self._busy = time.perf_counter(), time.process_time()

    def read(self) -> Reading:
        wall, busy = time.perf_counter(), time.process_time()
        passed, worked = wall - self._wall, busy - self._busy
        self._wall, self._busy = wall, busy
        return Reading(
            processor_share=min(1.0, worked / passed / self._cores) if passed > 0 else None,
            memory_bytes=int(self._process.memory_info().rss),
            gpu_share=self._gpu(wall) if self._has_gpu else None,
            gpu_memory_bytes=torch.cuda.memory_reserved() if self._has_gpu else None,
        )

    def _gpu(self, now: float) -> float | None:
        """Not known without the maker's own library, or where the driver does not tell."""
        if now - self._gpu_asked >= GPU_EVERY_S:
            self._gpu_asked = now
            try:
                self._gpu_share = torch.cuda.utilization() / 100
            except _gpu_errors():
                self._gpu_share, self._gpu_asked = None, float("inf")
        return self._gpu_share


def _gpu_errors() -> tuple[type[Exception], ...]:
    """What torch lets through when a GPU cannot be asked; the makers have errors of their own."""
    module, name = ("amdsmi", "AmdSmiException") if torch.version.hip else ("pynvml", "NVMLError")
    try:
        return (ImportError, RuntimeError, OSError, getattr(import_module(module), name))
    except ImportError:
        return (ImportError, RuntimeError, OSError)
