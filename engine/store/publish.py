"""How every artifact reaches the disk: a reader sees it whole or not at all."""

import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import msgspec
from msgspec import Struct

from engine.protocol.problems import Refused
from engine.protocol.records import AdapterFile
from engine.store.disk import unwritable
from engine.store.hashing import sha256_file

MANIFEST = "manifest.json"
STAGING_PREFIX = ".staging-"


class Manifest(Struct, frozen=True):
    """`manifest.json`: every other file of the folder."""

    files: tuple[AdapterFile, ...]


def publish_folder(target: Path, write: Callable[[Path], dict[str, str] | None]) -> Path:
    """Let `write` fill a staging folder beside `target`, then make it `target` in one rename.

    `write` may return the sha256 of files whose bytes it hashed while it wrote them.
    The order is: files, fsync each, manifest with their sha256, fsync the folders, rename, fsync
    the parent (as in ext4's and SQLite's rules for durable renames). When `write` raises, or the
    process is killed, nothing is visible at `target`. Raises Refused when `target` exists, the
    disk is full or the system does not let it write.
    """
    refuse_existing(target)
    staging = target.parent / f"{STAGING_PREFIX}{target.name}-{secrets.token_hex(8)}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        staging.mkdir(mode=0o700)
        _seal(staging, write(staging) or {})
        refuse_existing(target)
        staging.rename(target)
    except OSError as error:
        shutil.rmtree(staging, ignore_errors=True)
        raise unwritable(target, error) from error
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    sync_folder(target.parent)
    return target


def verify_folder(path: Path) -> None:
    """Check every file against the manifest; reads all bytes.

    Raises Refused naming the first file that is missing, differs or does not belong.
    """
    files = read_manifest(path)
    for file in files:
        found = path / file.name
        if not found.is_file():
            raise _damaged(path, f"{file.name} is missing")
        if found.stat().st_size != file.size_bytes or sha256_file(found) != file.sha256:
            raise _damaged(path, f"{file.name} has changed since it was published")
    known = {file.name for file in files}
    for name in _file_names(path):
        if name not in known:
            raise _damaged(path, f"{name} was added after it was published")


def read_manifest(path: Path) -> tuple[AdapterFile, ...]:
    """The files of a published folder; their names are relative, with forward slashes.

    Raises Refused when the manifest is missing, unreadable or names a file outside the folder.
    """
    try:
        manifest = msgspec.json.decode((path / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise _damaged(path, "its manifest is missing") from None
    except (OSError, msgspec.MsgspecError) as error:
        raise _damaged(path, "its manifest cannot be read") from error
    for file in manifest.files:
        parts = PurePosixPath(file.name).parts
        if not parts or file.name.startswith("/") or ".." in parts or "\\" in file.name:
            raise _damaged(path, "its manifest names a file outside the folder")
    return manifest.files


def collect_staging(parent: Path) -> int:
    """Remove what a killed publication left in `parent`; returns how many folders.

    Only for the start-up of the one engine on a data folder: a staging folder in use has the
    same look.
    """
    if not parent.is_dir():
        return 0
    left = [entry for entry in parent.iterdir() if entry.name.startswith(STAGING_PREFIX)]
    for entry in left:
        shutil.rmtree(entry, ignore_errors=True)
    return len(left)


def file_of(folder: Path, name: str, known: str | None = None) -> AdapterFile:
    """That file's size and sha256; reads all its bytes unless the hash is known."""
    path = folder / name
    return AdapterFile(name, path.stat().st_size, known or sha256_file(path))


def write_synced(path: Path, content: bytes) -> None:
    """Write a new file and wait until it is on the disk."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_synced(path: Path, content: bytes) -> None:
    """Put a file in place of one that may be there; a reader sees the old bytes or the new ones."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        write_synced(draft, content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Wait until the folder's entries are on the disk; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def refuse_existing(target: Path) -> None:
    """Raises Refused when something is at `target`: published folders are never overwritten."""
    if os.path.lexists(target):
        raise Refused(
            "files.exists",
            f"{target.name} exists already in {target.parent}.",
            "Published files are never overwritten; remove it first.",
        )


def _seal(staging: Path, known: dict[str, str]) -> None:
    """Fsync every file, then write the manifest and fsync the folders from the inside out."""
    files = []
    for name in _file_names(staging):
        path = staging / name
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        files.append(file_of(staging, name, known.get(name)))
    content = msgspec.json.format(msgspec.json.encode(Manifest(tuple(files))), indent=1)
    write_synced(staging / MANIFEST, content)
    folders = [Path(folder) for folder, _, _ in os.walk(staging)]
    for folder in reversed(folders):
        sync_folder(folder)


def _file_names(folder: Path) -> list[str]:
    """All files below `folder` but the manifest, sorted, with forward slashes."""
    names = []
    for parent, _, files in os.walk(folder):
        for name in files:
            names.append((Path(parent) / name).relative_to(folder).as_posix())
    return sorted(name for name in names if name != MANIFEST)


def _damaged(path: Path, what: str) -> Refused:
    return Refused(
        "files.damaged",
        f"{path.name} is damaged: {what}.",
        "Restore it from a copy, or remove it and make it again.",
    )
