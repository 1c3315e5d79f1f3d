"""The highest memory of this process over a stretch of work, on any platform."""

import threading

import psutil
import torch

SAMPLE_EVERY_S = 0.002


class PeakMemory:
    """Watches from its creation to `stop`: resident memory, or the GPU's.

    Resident memory is sampled, because only Linux can reset the kernel's own high-water mark.
    """

    def __init__(self) -> None:
        self._highest = 0
        self._over = threading.Event()
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()
        self._thread = threading.Thread(target=self._sample, name="peak memory", daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """Returns bytes."""
        self._over.set()
        self._thread.join()
        return torch.cuda.max_memory_reserved() if torch.cuda.is_available() else self._highest

    def _sample(self) -> None:
        process = psutil.Process()
        while True:
            self._highest = max(self._highest, process.memory_info().rss)
            if self._over.wait(SAMPLE_EVERY_S):
                return
