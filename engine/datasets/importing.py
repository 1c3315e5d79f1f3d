"""From what a person brings to a published dataset folder."""

import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.datasets.containers import find_sources
from engine.datasets.detect import check_mapping, columns_of, detect_mapping
from engine.datasets.findings import Findings
from engine.datasets.readers import read_records, sample_records
from engine.datasets.reading import Reading
from engine.datasets.rows import ROWS_FILE, rewrite_splits, write_rows
from engine.datasets.source import COLUMN_LIMIT, Progress, Record, Source
from engine.datasets.split import digests_of, held_out_fraction
from engine.datasets.templates import bound, try_rows
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset, Row
from engine.protocol.specs import AddDataset, Mapping
from engine.store.hashing import sha256_file
from engine.store.publish import STAGING_PREFIX, publish_folder


class ImportPlan(Struct, frozen=True):
    """What to import and what to call it."""

    identity: str
    version: int
    name: str
    path: Path
    wanted: AddDataset
    target: Path

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
    findings = Findings(plan.path.name)
    sources = find_sources(plan.paths, scratch, findings)
    findings.file = plan.path.name
    mapping = _mapping(plan, sources)
    reading = Reading(sources, mapping, plan.wanted, findings)

    def write(staging: Path) -> None:
        write_rows(staging, reading.rows(progress))
        reading.refuse_nothing(plan.path.name)
        try_rows(bound(plan.wanted.template, mapping, tuple(reading.columns)), staging)
        _settle_splits(staging, reading)

    folder = publish_folder(plan.target, write)
    return Dataset(
        id=plan.identity,
        name=plan.name,
        version=plan.version,
        path=str(folder),
        sha256=sha256_file(folder / ROWS_FILE),
        source=str(plan.path),
        parts=plan.wanted.parts,
        source_sha256=_source_hash(plan.paths, sources),
        sample=plan.wanted.sample,
        mapping=mapping,
        columns=tuple(reading.columns),
        rows=reading.counts.total(),
        train_rows=reading.counts["train"],
        validation_rows=reading.counts["validation"],
        test_rows=reading.counts["test"],
        size_bytes=_size(plan.paths),
        encoding=" and ".join(dict.fromkeys(each.shown_encoding for each in sources)),
        split=reading.split_words,
        validation_share=plan.wanted.validation_share,
        seed=plan.wanted.seed,
        findings=reading.findings.kept,
        finding_count=reading.findings.count,
        template=bound(plan.wanted.template, mapping, tuple(reading.columns)),
        read_s=time.monotonic() - started,
        created_at=time.time(),
    )


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


def _mapping(plan: ImportPlan, sources: Sequence[Source]) -> Mapping:
    """The mapping asked for, or what the first file with rows suggests."""
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
    if plan.wanted.mapping is None:
        return detect_mapping(sample, plan.path.name)
    check_mapping(plan.wanted.mapping, columns_of(sample))
    return plan.wanted.mapping


def _usable(sample: list[Record]) -> list[Record]:
    return [record for record in sample if len(record.cells) <= COLUMN_LIMIT]


def _settle_splits(staging: Path, reading: Reading) -> None:
    """See to it that training and validation have a row, wherever two different things are asked.

    Rows given as test rows stay that.
    """
    counts = reading.counts
    digests = reading.doctor.prompts()
    if (counts["train"] and counts["validation"]) or len(digests) < 2:
        return
    seed = reading.wanted.seed
    side: Callable[[bytes], str] = reading.side
    held_out = {digest for digest in digests if side(digest) == "validation"}
    if not 0 < len(held_out) < len(digests):
        held_out = {min(digests, key=lambda digest: held_out_fraction(digest, seed))}
    reading.split_words = f"random, seed {seed}"
    counts.clear()

    def settled(row: Row) -> str:
        split = row.split
        if split != "test":
            split = "validation" if digests_of(row.messages).prompt in held_out else "train"
        counts[split] += 1
        return split

    rewrite_splits(staging, settled)


def dataset_name(wanted: AddDataset, path: Path) -> str:
    """The name asked for, else the file's, of several files their folder's."""
    return wanted.name or (path.parent.name if wanted.parts else "") or path.name
