"""Deleted folders, kept for a while so that a deletion can be undone."""

import base64
import errno
import os
import re
import shutil
import time
import uuid
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.protocol.problems import not_found
from engine.store.publish import refuse_existing, sync_folder, write_synced

KEEP_S = 30 * 24 * 3600.0
NOTE = "trashed.json"
CONTENT = "content"
ID = re.compile(r"[0-9a-f]{32}")


class Trashed(Struct, frozen=True):
    """`trashed.json`: where the folder came from and what the catalog needs to know it again."""

    origin: str  # absolute path, empty: nothing on disk belonged to it
    payload: str  # base64 of the caller's bytes
    deleted_at: float

    @property
    def content(self) -> bytes:
        return base64.b64decode(self.payload)


def move_to_trash(path: Path | None, trash: Path, payload: bytes = b"") -> str:
    """Move a file or folder into `trash` and return the id that restores it.

    `payload` comes back from `restore`; None as `path` trashes the payload alone. The note is on
    the disk before the move, so a kill between the two loses nothing.
    """
    identity = uuid.uuid4().hex
    folder = trash / identity
    folder.mkdir(parents=True, mode=0o700)
    exists = path is not None and os.path.lexists(path)
    origin = str(path.absolute()) if path is not None and exists else ""
    note = Trashed(origin, base64.b64encode(payload).decode(), time.time())
    write_synced(folder / NOTE, msgspec.json.encode(note))
    sync_folder(folder)
    sync_folder(trash)
    if path is not None and exists:
        _move(path, folder / CONTENT)
        sync_folder(path.parent)
        sync_folder(folder)
    return identity


def restore(trash: Path, identity: str) -> Trashed:
    """Put a deletion back where it was and return its note with the payload.

    Raises Refused when the id is unknown (404) or its place is taken.
    """
    folder = trash / identity
    if not ID.fullmatch(identity) or not (folder / NOTE).is_file():
        raise not_found("deletion", identity)
    note = msgspec.json.decode((folder / NOTE).read_bytes(), type=Trashed)
    if note.origin and os.path.lexists(folder / CONTENT):
        origin = Path(note.origin)
        refuse_existing(origin)
        origin.parent.mkdir(parents=True, exist_ok=True)
        _move(folder / CONTENT, origin)
        sync_folder(origin.parent)
    shutil.rmtree(folder)
    return note


def empty_trash(trash: Path, *, older_than_s: float = KEEP_S, now: float | None = None) -> int:
    """Remove for good what was deleted longer ago than that; returns how many deletions."""
    if not trash.is_dir():
        return 0
    limit = (time.time() if now is None else now) - older_than_s
    removed = 0
    for folder in trash.iterdir():
        if ID.fullmatch(folder.name) and _deleted_at(folder) < limit:
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


def _deleted_at(folder: Path) -> float:
    try:
        return msgspec.json.decode((folder / NOTE).read_bytes(), type=Trashed).deleted_at
    except (OSError, msgspec.MsgspecError):
        return folder.stat().st_mtime


def _move(source: Path, target: Path) -> None:
    """Rename; across file systems, copy first and delete after."""
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.move(source, target)
