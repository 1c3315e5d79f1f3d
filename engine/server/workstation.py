"""What machine this is, for the status bar and the forecast."""

import os
import shutil
from pathlib import Path

import psutil

from engine.protocol.records import EngineInfo

CPU = "CPU"
NVIDIA = Path("/proc/driver/nvidia/gpus")


def device_name() -> str:
    """The first NVIDIA GPU's model as its driver names it, else "CPU"; asks no CUDA library."""
    for card in sorted(NVIDIA.glob("*/information")):
        for line in card.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "Model":
                return value.strip()
    return CPU


def threads() -> int:
    """Processor threads this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def describe(
    *, version: str, started_at: float, home: Path, loaded_bases: tuple[str, ...]
) -> EngineInfo:
    memory = psutil.virtual_memory()
    return EngineInfo(
        version=version,
        pid=os.getpid(),
        started_at=started_at,
        home=str(home),
        device=device_name(),
        threads=threads(),
        memory_total_bytes=memory.total,
        memory_used_bytes=memory.total - memory.available,
        disk_free_bytes=shutil.disk_usage(home).free,
        loaded_bases=loaded_bases,
    )
