"""Room on the disk, and what is said when a write fails."""

import errno
import shutil
from pathlib import Path

from engine.protocol.problems import Refused

DISK_FULL = "disk.full"
LEFT_FREE = 16_000_000  # bytes that artifacts leave to the catalog and the logs
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def free_bytes(path: Path) -> int:
    """What this user may still write where `path` is or will be."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return shutil.disk_usage(path).free


def refuse_without_room(path: Path, what: str, size_bytes: int) -> None:
    """Raises Refused, with both numbers, when that much and `LEFT_FREE` do not fit."""
    if free_bytes(path) < size_bytes + LEFT_FREE:
        raise disk_full(path, what, size_bytes)


def disk_full(path: Path, what: str, size_bytes: int = 0) -> Refused:
    """The refusal for want of room, with what is needed, where that is known, and what is there."""
    free = megabytes(free_bytes(path))
    needs = size_bytes + LEFT_FREE if size_bytes else 0
    return Refused(
        DISK_FULL,
        f"Disk full: {what} needs {megabytes(needs)}, {free} are free."
        if needs
        else f"Disk full: {what} could not be written, {free} are free.",
        "Free some space and try again.",
        needs_bytes=needs,
    )


def unwritable(path: Path, error: OSError) -> Refused:
    """The refusal for any write that the system did not allow or could not do."""
    if error.errno in NO_ROOM:
        return disk_full(path, path.name)
    reason = (error.strerror or type(error).__name__).lower()
    return Refused(
        "files.unwritable",
        f"{path.name} could not be written in {path.parent}: {reason}.",
        "See that the folder can be written to and its disk is well, then try again.",
    )


def megabytes(size_bytes: int) -> str:
    """ "12.3 MB"; disks are compared in one unit."""
    return f"{size_bytes / 1e6:,.1f} MB"
