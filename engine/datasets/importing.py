"""From a file to a published dataset folder."""

import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from engine.datasets.conversation import SPLITS, RowError, conversation, shown
from engine.datasets.detect import check_mapping, columns_of, detect_mapping
from engine.datasets.findings import Findings
from engine.datasets.readers import read_records, sample_records
from engine.datasets.rows import ROWS_FILE, rewrite_splits, write_rows
from engine.datasets.source import Progress, Record, Source, find_source, is_clean
from engine.datasets.split import held_out_fraction, row_digest
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset, Row
from engine.protocol.specs import AddDataset, Mapping
from engine.store.hashing import sha256_file
from engine.store.publish import publish_folder

COLUMN_LIMIT = 10_000


class ImportPlan(Struct, frozen=True):
    """What to import and what to call it."""

    identity: str
    version: int
    name: str
    path: Path
    wanted: AddDataset
    target: Path


def import_dataset(plan: ImportPlan, progress: Progress) -> Dataset:
    """Read the file of a plan into `plan.target` and return its record.

    Rows that cannot be used are left out and named in `findings`; exact duplicates are kept and
    named. Raises Refused when the file cannot be read at all, the mapping does not fit, or no
    row is left.
    """
    started = time.monotonic()
    refuse_no_file(plan.path)
    source = find_source(plan.path)
    sample = sample_records(source)
    mapping = _mapping(plan, source, sample)
    reading = Reading(source, mapping, plan.wanted)

    def write(staging: Path) -> None:
        write_rows(staging, reading.rows(progress))
        reading.refuse_nothing()
        _settle_splits(staging, reading)

    folder = publish_folder(plan.target, write)
    return Dataset(
        id=plan.identity,
        name=plan.name,
        version=plan.version,
        path=str(folder),
        sha256=sha256_file(folder / ROWS_FILE),
        source=str(plan.path),
        source_sha256=sha256_file(plan.path),
        sample=plan.wanted.sample,
        mapping=mapping,
        columns=tuple(reading.columns),
        rows=reading.train + reading.validation,
        train_rows=reading.train,
        validation_rows=reading.validation,
        size_bytes=plan.path.stat().st_size,
        encoding=source.shown_encoding,
        split=reading.split_words,
        findings=reading.findings.kept,
        finding_count=reading.findings.count,
        read_s=time.monotonic() - started,
        created_at=time.time(),
    )


def refuse_no_file(path: Path) -> None:
    """Raises Refused unless the path is a regular file with something in it."""
    try:
        status = path.stat()
    except OSError as error:
        raise Refused(
            "datasets.no-file",
            f"{path} cannot be opened: {error.strerror}.",
            "Check that the file is still there and may be read.",
        ) from error
    if not stat.S_ISREG(status.st_mode):
        raise Refused(
            "datasets.no-file", f"{path.name} is not a file.", "Choose a JSON or CSV file."
        )
    if not status.st_size:
        raise Refused("datasets.empty", f"{path.name} is empty.", "Choose a file with rows.")
    if not os.access(path, os.R_OK):
        raise Refused(
            "datasets.no-file", f"{path.name} may not be read.", "Allow reading it and try again."
        )


def _mapping(plan: ImportPlan, source: Source, sample: list[Record]) -> Mapping:
    sample = [record for record in sample if len(record.cells) <= COLUMN_LIMIT]
    if not sample:
        findings = Findings(plan.path.name)
        for _ in read_records(source, findings, lambda share: None):
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
            "Use JSON, JSON Lines or CSV with one example per row.",
        )
    if plan.wanted.mapping is None:
        return detect_mapping(sample)
    check_mapping(plan.wanted.mapping, columns_of(sample))
    return plan.wanted.mapping


class Reading:
    """One pass over a source: yields the usable rows and counts along."""

    def __init__(self, source: Source, mapping: Mapping, wanted: AddDataset) -> None:
        self.source, self.mapping, self.wanted = source, mapping, wanted
        self.findings = Findings(source.path.name)
        self.columns: dict[str, None] = {}
        self.train = self.validation = 0
        self.split_words = f"random, seed {wanted.seed}"
        if mapping.split:
            self.split_words = f"given by column {mapping.split}"
        self._seen: dict[bytes, tuple[int, str]] = {}  # digest to number and split

    def rows(self, progress: Progress) -> Iterator[Row]:
        for record in read_records(self.source, self.findings, progress):
            if len(record.cells) > COLUMN_LIMIT:
                self.findings.error("The row has more than 10,000 columns", record.line)
                continue
            self.columns.update(dict.fromkeys(record.cells))
            try:
                row = self._row(record)
            except RowError as error:
                self.findings.error(str(error), record.line)
                continue
            self.count(row.split)
            yield row

    def count(self, split: str) -> None:
        if split == "train":
            self.train += 1
        else:
            self.validation += 1

    def _row(self, record: Record) -> Row:
        turns = conversation(record.cells, self.mapping)
        cells = {name: shown(cell) for name, cell in record.cells.items()}
        if not is_clean("".join((*cells, *cells.values(), *(text for _, text in turns)))):
            raise RowError("The row holds bytes that are not in the file's encoding")
        digest = row_digest(turns)
        split = self._given_split(record) or self.side(digest)
        number = self.train + self.validation + 1
        self._note_duplicate(digest, record.line, number, split)
        return Row(number=number, line=record.line, split=split, messages=turns, cells=cells)

    def side(self, digest: bytes) -> str:
        held_out = held_out_fraction(digest, self.wanted.seed) < self.wanted.validation_share
        return "validation" if held_out else "train"

    def _given_split(self, record: Record) -> str:
        if not self.mapping.split:
            return ""
        value = shown(record.cells.get(self.mapping.split)).strip()
        if value and value.lower() not in SPLITS:
            raise RowError(f"The split '{value[:40]}' is neither train nor validation")
        return SPLITS.get(value.lower(), "")

    def _note_duplicate(self, digest: bytes, line: int, number: int, split: str) -> None:
        first = self._seen.setdefault(digest, (number, split))
        if first[0] != number:
            side = ", which is on the other side of the split" if first[1] != split else ""
            self.findings.warning(f"Repeats row {first[0]}{side}", line, number)

    def refuse_nothing(self) -> None:
        """Raises Refused when not one row was usable."""
        if self.train + self.validation:
            return
        errors = self.findings.kept
        why = f"{errors[0].message} (line {errors[0].line})" if errors else "it has no rows"
        raise Refused(
            "datasets.no-rows",
            f"No row of {self.source.path.name} can be used: {why}.",
            "Correct the file, or choose other columns for the question and the answer.",
        )

    def different(self) -> list[bytes]:
        """The digests of all conversations, each once."""
        return list(self._seen)


def _settle_splits(staging: Path, reading: Reading) -> None:
    """See to it that both sides have a row, wherever there are two different rows."""
    digests = reading.different()
    if (reading.train and reading.validation) or len(digests) < 2:
        return
    seed = reading.wanted.seed
    side: Callable[[bytes], str] = reading.side
    held_out = {digest for digest in digests if side(digest) == "validation"}
    if not 0 < len(held_out) < len(digests):
        held_out = {min(digests, key=lambda digest: held_out_fraction(digest, seed))}
    reading.split_words = f"random, seed {seed}"
    reading.train = reading.validation = 0

    def settled(row: Row) -> str:
        split = "validation" if row_digest(row.messages) in held_out else "train"
        reading.count(split)
        return split

    rewrite_splits(staging, settled)


def dataset_name(wanted: AddDataset, path: Path) -> str:
    """The name asked for, else the file's."""
    return wanted.name or path.name
