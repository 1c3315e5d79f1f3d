"""From what a person brings to a published dataset folder."""

import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from engine.datasets.batch import Batch
from engine.datasets.containers import find_sources
from engine.datasets.detect import check_mapping, columns_of, detect_mapping
from engine.datasets.edits import Edit, Edits
from engine.datasets.findings import Findings
from engine.datasets.new_version import NewVersion
from engine.datasets.plain_rows import PlainReader
from engine.datasets.readers import read_batches, read_records, sample_records
from engine.datasets.row_file import RowReading
from engine.datasets.source import COLUMN_LIMIT, Progress, Record, Source
from engine.protocol.dataset_specs import AddDataset, Mapping
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset
from engine.store.hashing import sha256_file
from engine.store.publish import STAGING_PREFIX


class ImportPlan(Struct, frozen=True):
    """What to import and what to call it."""

    identity: str
    version: int
    name: str
    path: Path
    wanted: AddDataset
    target: Path
    edits: tuple[Edit, ...] = ()  # of an earlier version, to make again over what is read
    ignored: tuple[str, ...] = ()
    source_sha256: str = ""  # of what they were made over
    change: str = ""  # what to say of the version

    @property
    def paths(self) -> tuple[Path, ...]:
        return (self.path, *map(Path, self.wanted.parts))


def import_dataset(plan: ImportPlan, progress: Progress) -> Dataset:
    """Read the file, archive or folder of a plan into `plan.target` and return its record.

    Rows that cannot be used are left out and named in `findings`; exact duplicates are kept and
    named. Raises Refused when nothing can be read at all, the mapping does not fit, or no row is
    left.
    """
    for path in plan.paths:
        refuse_no_file(path)
    plan.target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=STAGING_PREFIX, dir=plan.target.parent) as scratch:
        return _import(plan, Path(scratch), progress)


def _import(plan: ImportPlan, scratch: Path, progress: Progress) -> Dataset:
    started = time.monotonic()
    findings = Findings(plan.path.name, plan.ignored)
    sources = find_sources(plan.paths, scratch, findings)
    findings.file = plan.path.name
    sample = _sample(plan, sources)
    mapping = _mapping(plan, sample)
    hashing = ThreadPoolExecutor(1, "source-hash")
    source_hash = hashing.submit(_source_hash, plan.paths, sources)
    edits = Edits(plan.edits, changed=bool(plan.edits) and not _is_same(plan, source_hash))
    reading = RowReading(mapping, plan.wanted.template)
    plain = PlainReader.of(mapping, tuple(sample[0].cells))
    version = NewVersion(
        reading, plan.wanted.split, edits, findings, given=_given(mapping, sources), plain=plain
    )
    cells_needed = plan.edits or plan.wanted.split.stratify_by or plan.wanted.split.group_by
    batches = read_all(sources, findings, progress, None if cells_needed else plain)
    folder, facts = version.publish(plan.target, batches, known={}, edits=plan.edits)
    return replace(
        facts,
        id=plan.identity,
        name=plan.name,
        version=plan.version,
        path=str(folder),
        source=str(plan.path),
        parts=plan.wanted.parts,
        source_sha256=source_hash.result(),
        sample=plan.wanted.sample,
        size_bytes=_size(plan.paths),
        encoding=" and ".join(dict.fromkeys(each.shown_encoding for each in sources)),
        change=plan.change or f"Read from {plan.path.name}",
        read_s=time.monotonic() - started,
        created_at=time.time(),
    )


def read_all(
    sources: Sequence[Source], findings: Findings, progress: Progress, plain: PlainReader | None
) -> Iterator[Batch]:
    """The batches of all files, one after the other."""
    sizes = [source.path.stat().st_size for source in sources]
    for at, source in enumerate(sources):
        part = partial(_report, progress, sum(sizes[:at]), sizes[at], max(1, sum(sizes)))
        yield from read_batches(source, findings, part, plain)


def _report(progress: Progress, before: int, size: int, total: int, share: float) -> None:
    """The share of one file as a share of all, by their bytes."""
    progress((before + share * size) / total)


def _given(mapping: Mapping, sources: Sequence[Source]) -> str:
    """What gives the sides, in words."""
    if mapping.split:
        return f"given by column {mapping.split}"
    return "given by the files" if any(source.split for source in sources) else ""


def _is_same(plan: ImportPlan, source_hash: "Future[str]") -> bool:
    return source_hash.result() == plan.source_sha256


def refuse_no_file(path: Path) -> None:
    """Raises Refused unless the path is a folder, or a regular file with something in it."""
    try:
        status = path.stat()
    except OSError as error:
        raise Refused(
            "datasets.no-file",
            f"{path} cannot be opened: {error.strerror}.",
            "Check that the file is still there and may be read.",
        ) from error
    if stat.S_ISDIR(status.st_mode):
        return
    if not stat.S_ISREG(status.st_mode):
        raise Refused(
            "datasets.no-file", f"{path.name} is not a file.", "Choose a data file or a folder."
        )
    if not status.st_size:
        raise Refused("datasets.empty", f"{path.name} is empty.", "Choose a file with rows.")
    if not os.access(path, os.R_OK):
        raise Refused(
            "datasets.no-file", f"{path.name} may not be read.", "Allow reading it and try again."
        )


def _source_hash(paths: Sequence[Path], sources: Sequence[Source]) -> str:
    """Of the file; of several the hash of their names and hashes."""
    if len(paths) == 1 and paths[0].is_file():
        return sha256_file(paths[0])
    listing = [(each.name, sha256_file(each.path)) for each in sources]
    return hashlib.sha256(msgspec.json.encode(listing)).hexdigest()


def _size(paths: Sequence[Path]) -> int:
    """Bytes of the files, and of all that lie in the folders."""
    inside = (each for path in paths for each in ([path] if path.is_file() else path.rglob("*")))
    return sum(each.lstat().st_size for each in inside if each.is_file())


def _mapping(plan: ImportPlan, sample: Sequence[Record]) -> Mapping:
    """The mapping asked for, or what the first rows suggest."""
    if plan.wanted.mapping is None:
        return detect_mapping(sample, plan.path.name)
    check_mapping(plan.wanted.mapping, columns_of(sample))
    return plan.wanted.mapping


def _sample(plan: ImportPlan, sources: Sequence[Source]) -> list[Record]:
    """The first rows of the first file that has some; raises Refused when there is none."""
    samples = (sample_records(source) for source in sources)
    sample = next((found for found in map(_usable, samples) if found), [])
    if not sample:
        findings = Findings(plan.path.name)
        for _ in read_records(sources[0], findings, lambda share: None):
            break
        first = findings.kept[0] if findings.kept else None
        why = (
            f"{first.message} (line {first.line})"
            if first
            else "it has more than 10,000 columns, or none"
        )
        raise Refused(
            "datasets.no-rows",
            f"No row of {plan.path.name} can be read: {why}.",
            "Use JSON, JSON Lines, CSV, Parquet or Arrow with one example per row.",
        )
    return sample


def _usable(sample: list[Record]) -> list[Record]:
    return [record for record in sample if len(record.cells) <= COLUMN_LIMIT]


def dataset_name(wanted: AddDataset, path: Path) -> str:
    """The name asked for, else the file's, of several files their folder's."""
    return wanted.name or (path.parent.name if wanted.parts else "") or path.name
