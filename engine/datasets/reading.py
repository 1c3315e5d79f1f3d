"""One pass over everything that was brought: which rows can be used, and what is wrong."""

from array import array
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Cells
from typing import NamedTuple

from engine.datasets.batch import Batch
from engine.datasets.conversation import RowError, example_of, shown
from engine.datasets.digests import digests_of
from engine.datasets.doctor import Doctor
from engine.datasets.edits import Edits
from engine.datasets.findings import Findings
from engine.datasets.plain_rows import PlainReader
from engine.datasets.row_file import RowReading
from engine.datasets.row_writer import RowWriter, encode_rows
from engine.datasets.side_codes import CODES, OPEN
from engine.datasets.sides import Sides
from engine.datasets.source import COLUMN_LIMIT, is_clean
from engine.protocol.data_files import SPLITS
from engine.protocol.dataset_specs import SplitSpec
from engine.protocol.mixable import RANKED


class Wanted(NamedTuple):
    """How rows are read and held out, and the changes over them."""

    reading: RowReading
    split: SplitSpec
    edits: Edits
    columns: tuple[str, ...]  # that are known, in their order
    plain: PlainReader | None  # reads rows that are not unusual, where the mapping allows that


class Kept(NamedTuple):
    """A row that can be used."""

    cells: dict[str, str]
    line: int
    origin: int
    side: int
    asked: int  # the digest of its prompt


class Reading:
    """Takes batches of rows, writes the usable ones and counts along."""

    def __init__(self, writer: RowWriter, wanted: Wanted, findings: Findings) -> None:
        self.writer, self.findings = writer, findings
        self.mapping, self.spec, self.edits = wanted.reading.mapping, wanted.split, wanted.edits
        self.plain = wanted.plain
        self.columns: dict[str, int] = {}  # by their places, as they first appear
        self._know(wanted.columns)
        self.doctor = Doctor(findings, several=self.mapping.convention in RANKED)
        self.sides = Sides(wanted.split)
        self._records = 0

    def take(self, batch: Batch) -> None:
        origins = batch.origins
        if origins is None:
            origins = range(self._records + 1, self._records + 1 + batch.count)
        self._records += batch.count
        given = batch.sides or bytes([self._side_of(batch)]) * batch.count
        if not (batch.plain and self._take_plain(batch, origins, given)):
            self._take_each(batch, origins, given)

    def add(self, rows: Iterable[tuple[int, dict[str, str]]]) -> None:
        """Rows that a person wrote, each with the number that stands for its record."""
        many = [*rows]
        batch = Batch([0] * len(many), [cells for _, cells in many])
        self._take_each(batch, [origin for origin, _ in many], bytes([OPEN]) * len(many))

    def conclude(self) -> None:
        """Call it when every side is settled."""
        self.doctor.conclude(bytes(self.sides.codes), self.writer.lines)
        for origin in sorted(self.edits.unused):
            self.findings.add(
                "edit", f"The row that was record {origin} is not there any more, nor is its edit"
            )

    def _side_of(self, batch: Batch) -> int:
        return CODES[batch.split] if batch.split and self.spec.given else OPEN

    def _take_plain(self, batch: Batch, origins: Sequence[int], given: bytes) -> bool:
        """Whether all rows could be taken at once; not one is, otherwise."""
        if self.plain is None or self.edits.touch(origins):
            return False
        found = batch.rows or self.plain.read(batch.cells)
        if found is None:
            return False
        self._know(found.columns)
        self.doctor.examine_plain(found)
        asked = array("Q")
        asked.frombytes(found.asked)
        self.sides.note(asked, batch.cells, given)
        self.writer.add(found.encoded, batch.lines, origins)
        return True

    def _take_each(self, batch: Batch, origins: Sequence[int], given: bytes) -> None:
        kept: list[Kept] = []
        for at, record in enumerate(batch.cells):
            line = batch.lines[at]
            try:
                row = self._row(record, Kept({}, line, origins[at], given[at], 0), len(kept))
            except RowError as error:
                self.findings.add("unusable", str(error), line=line or None)
                continue
            if row is not None:
                kept.append(row)
        rows = [row.cells for row in kept]
        self.sides.note([row.asked for row in kept], rows, bytes(row.side for row in kept))
        self.writer.add(encode_rows(rows), (row.line for row in kept), (row.origin for row in kept))

    def _row(self, record: Cells[str, object], row: Kept, before: int) -> Kept | None:
        """The row of a record, None if it was removed; `before`: rows of its batch so far.

        Raises RowError when it cannot be used.
        """
        if len(record) > COLUMN_LIMIT:
            raise RowError("The row has more than 10,000 columns")
        self._know(record)
        cells = self._in_order(
            {name: text for name, cell in record.items() if (text := shown(cell))}
        )
        side = row.side
        if edit := self.edits.of(row.origin, cells):
            if edit.remove:
                return None
            if edit.cells is not None:
                self._know(edit.cells)
                cells = self._in_order(edit.cells)
            side = CODES[edit.split] if edit.split else side
        example = example_of(cells, self.mapping)
        if not is_clean("".join((*cells, *cells.values()))):
            raise RowError("The row holds bytes that are not in the file's encoding")
        if side == OPEN and self.mapping.split and self.spec.given:
            side = self._named_side(cells.get(self.mapping.split, "").strip())
        digests = digests_of(example)
        self.doctor.examine(
            example.messages, digests, line=row.line, place=len(self.sides) + before
        )
        return Kept(cells, row.line, row.origin, side, digests.prompt)

    def _know(self, columns: Iterable[str]) -> None:
        for name in columns:
            self.columns.setdefault(name, len(self.columns))

    def _in_order(self, cells: dict[str, str]) -> dict[str, str]:
        """The columns as they first appear, whatever the order in this very record."""
        names = sorted(cells, key=self.columns.__getitem__)
        return {name: cells[name] for name in names}

    def _named_side(self, name: str) -> int:
        if name and name.lower() not in SPLITS:
            raise RowError(f"The split '{name[:40]}' is none of train, validation and test")
        return CODES[SPLITS[name.lower()]] if name else OPEN
