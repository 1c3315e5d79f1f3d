"""What a path holds as data files: itself, what is packed in it, or the files of a folder."""

import gzip
import os
import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import cast

from engine.datasets.findings import Findings
from engine.datasets.source import CHUNK, Source, find_source
from engine.protocol.data_files import is_data_name, is_document_name, split_of
from engine.protocol.problems import Refused

SIDECAR = re.compile(  # what lies beside data everywhere and is worth no word
    r"(?:^|/)(?:dataset_infos?|dataset_dict|state|metadata|package|manifest)\.json$"
    r"|(?:^|/)(?:readme|licen[cs]e|notice|requirements|croissant)(?:\.[a-z]+)?$"
)
FREE, RATIO_LIMIT = 64 * CHUNK, 250  # unpacked bytes that are never too many; times the packed size
MOST_FILES, DEEPEST = 10_000, 4
BROKEN = (  # what Python's zip and gzip readers raise over damaged bytes
    EOFError, OSError, RuntimeError, ValueError, struct.error, zipfile.BadZipFile, zlib.error,
    IndexError, OverflowError,
)  # fmt: skip


def find_sources(paths: Sequence[Path], scratch: Path, findings: Findings) -> list[Source]:
    """The data files at `paths`, in the order of their names; packed ones lie in `scratch` then.

    Splits are told from names (`train.jsonl`, `data/test-00000.parquet`). Stray files are named in
    `findings` and left out. Raises Refused when nothing can be read, or when an archive would
    unpack to far more than its own size.
    """
    found = []
    for path in paths:
        if path.is_dir():
            files = _chosen(sorted(_walk(path, findings)), findings)
            found += [(path / name, name, split_of(name)) for name in files]
        else:
            found.append((path, path.name, split_of(path.name)))
    sources: list[Source] = []
    for at, (file, name, split) in enumerate(found):
        try:
            sources += _opened(file, name, split, scratch / str(at), findings)
        except Refused as refused:
            if len(found) == 1:
                raise
            findings.error(refused.problem.message)
    if not sources:
        raise Refused(
            "datasets.no-files",
            f"{paths[0].name} holds no data file.",
            "Bring JSON, JSON Lines, CSV, Parquet or Arrow files, or documents.",
        )
    splits = {source.split for source in sources}
    if len(splits) == 1:  # one side alone decides nothing: rows are held out as usual
        return [Source(each.path, each.encoding, each.name) for each in sources]
    return sources


def _walk(folder: Path, findings: Findings) -> Iterator[str]:
    """Regular files below `folder` as relative names; links and hidden entries are left out."""
    seen = 0
    for parent, folders, files in os.walk(folder):
        depth = len(Path(parent).relative_to(folder).parts)
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        if depth >= DEEPEST and folders:
            findings.add(
                "file", f"Folders below {Path(parent).name} were left out: {DEEPEST} deep is far"
            )
            folders.clear()
        for name in files:
            seen += 1
            if seen > MOST_FILES:
                findings.add("file", f"Only the first {MOST_FILES:,} files were looked at")
                return
            path = Path(parent, name)
            if not name.startswith(".") and stat.S_ISREG(path.lstat().st_mode):
                yield path.relative_to(folder).as_posix()


def _chosen(names: list[str], findings: Findings) -> list[str]:
    """Tables, or documents where there is no table; the others are said."""
    names = [name for name in names if not SIDECAR.search(name.lower())]
    data = [name for name in names if is_data_name(name)]
    chosen = [name for name in data if not is_document_name(name)] or data
    for name in names:
        if name not in chosen:
            findings.file = name
            findings.add("file", f"{name} was left out: it holds no rows", severity="information")
    return chosen


def _opened(
    file: Path, name: str, split: str, scratch: Path, findings: Findings
) -> Iterator[Source]:
    with file.open("rb") as beginning:
        magic = beginning.read(4)
    findings.file = name
    if magic[:2] == b"\x1f\x8b":
        scratch.mkdir(parents=True)
        target = scratch / Path(name).name.removesuffix(".gz")
        with gzip.open(file) as packed:
            _unpack(packed, target, file.stat().st_size, findings)
        yield find_source(target, name=name, split=split)
    elif magic == b"PK\x03\x04" and not is_document_name(name):
        scratch.mkdir(parents=True)
        yield from _members(file, name, scratch, findings)
    else:
        yield find_source(file, name=name, split=split)


def _members(file: Path, name: str, scratch: Path, findings: Findings) -> Iterator[Source]:
    try:
        archive = zipfile.ZipFile(file)
    except BROKEN as error:
        raise Refused(
            "datasets.broken-archive",
            f"{name} is no readable zip file: {error}.",
            "Download or pack it again.",
        ) from error
    with archive:
        members = {each.filename: each for each in archive.infolist() if not each.is_dir()}
        safe = [each for each in sorted(members) if _is_safe(members[each], findings)]
        for at, member in enumerate(_chosen(safe[:MOST_FILES], findings)):
            findings.file = f"{name}/{member}"
            target = scratch / f"{at}-{PurePosixPath(member).name}"
            info = members[member]
            try:
                with archive.open(info) as packed:
                    _unpack(cast(zipfile.ZipExtFile, packed), target, info.compress_size, findings)
            except BROKEN as error:
                findings.error(f"The file cannot be unpacked: {error}")
                continue
            if target.stat().st_size:
                try:
                    yield find_source(target, name=f"{name}/{member}", split=split_of(member))
                except Refused as refused:
                    findings.error(refused.problem.message)


def _is_safe(member: zipfile.ZipInfo, findings: Findings) -> bool:
    parts = PurePosixPath(member.filename.replace("\\", "/"))
    findings.file = member.filename[:200]
    if parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[0]:
        findings.error("The name leads out of the archive, so the file was left out")
        return False
    if stat.S_ISLNK(member.external_attr >> 16):
        findings.error("A link was left out")
        return False
    return not any(part.startswith((".", "__MACOSX")) for part in parts.parts)


def _unpack(
    packed: zipfile.ZipExtFile | gzip.GzipFile, target: Path, packed_size: int, findings: Findings
) -> None:
    """Write what is packed to `target`; what comes before a broken place is kept.

    Raises Refused when it grows beyond `RATIO_LIMIT` times its size or fills the disk.
    """
    limit = max(FREE, packed_size * RATIO_LIMIT)
    room = shutil.disk_usage(target.parent).free - FREE
    written = 0
    with target.open("wb") as file:
        while True:
            try:
                chunk = packed.read1(CHUNK)  # what is there, before it finds a break
            except BROKEN as error:
                findings.error(f"The archive is damaged; what comes after is lost: {error}")
                return
            if not chunk:
                return
            written += len(chunk)
            if written > limit or written > room:
                raise _too_large(findings.file, full=written > room)
            file.write(chunk)


def _too_large(name: str, *, full: bool) -> Refused:
    if full:
        return Refused(
            "disk.full", f"The disk has no room to unpack {name}.", "Free some space and try again."
        )
    return Refused(
        "datasets.archive-bomb",
        f"{name} unpacks to more than {RATIO_LIMIT} times its size, so it is not opened.",
        "Unpack it yourself if you trust it, and bring the file.",
    )
