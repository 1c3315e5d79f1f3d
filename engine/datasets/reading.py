"""One pass over everything that was brought: which rows can be used, and on which side they are."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

from engine.datasets.conversation import RowError, example_of, shown
from engine.datasets.doctor import Doctor
from engine.datasets.findings import Findings
from engine.datasets.readers import read_records
from engine.datasets.source import COLUMN_LIMIT, Progress, Record, Source, is_clean
from engine.datasets.split import digests_of, held_out_fraction
from engine.protocol.data_files import SPLITS
from engine.protocol.problems import Refused
from engine.protocol.records import Row
from engine.protocol.specs import AddDataset, Mapping


class Reading:
    """One pass over all sources: yields the usable rows and counts along."""

    def __init__(
        self, sources: Sequence[Source], mapping: Mapping, wanted: AddDataset, findings: Findings
    ) -> None:
        self.sources, self.mapping, self.wanted = sources, mapping, wanted
        self.findings = findings
        self.name = findings.file  # of the whole thing that was brought
        self.columns: dict[str, None] = {}
        self.counts: Counter[str] = Counter()
        self.split_words = f"random, seed {wanted.seed}"
        if mapping.split:
            self.split_words = f"given by column {mapping.split}"
        elif any(source.split for source in sources):
            self.split_words = "given by the files"
        self.doctor = Doctor(findings)

    def rows(self, progress: Progress) -> Iterator[Row]:
        sizes = [source.path.stat().st_size for source in self.sources]
        for at, source in enumerate(self.sources):
            part = partial(_report, progress, sum(sizes[:at]), sizes[at], max(1, sum(sizes)))
            yield from self._rows_of(source, part)
        self.findings.file = self.name
        self.doctor.conclude()

    def _rows_of(self, source: Source, progress: Progress) -> Iterator[Row]:
        for record in read_records(source, self.findings, progress):
            if len(record.cells) > COLUMN_LIMIT:
                self.findings.error("The row has more than 10,000 columns", record.line)
                continue
            self.columns.update(dict.fromkeys(record.cells))
            try:
                row = self._row(record, source.split)
            except RowError as error:
                self.findings.error(str(error), record.line)
                continue
            self.counts[row.split] += 1
            yield row

    def _row(self, record: Record, named: str) -> Row:
        example = example_of(record.cells, self.mapping)
        turns = example.messages
        texts = ((name, shown(cell)) for name, cell in record.cells.items())
        cells = {name: text for name, text in texts if text}  # missing and empty are the same
        if not is_clean(
            "".join((*cells, *cells.values(), *(text for _, text in (*turns, *example.rejected))))
        ):
            raise RowError("The row holds bytes that are not in the file's encoding")
        digests = digests_of(turns)
        split = self._given_split(record) or named or self.side(digests.prompt)
        number = self.counts.total() + 1
        self.doctor.examine(turns, digests, line=record.line, number=number, split=split)
        return Row(
            number=number,
            line=record.line,
            split=split,
            messages=turns,
            cells=cells,
            rejected=example.rejected,
            desirable=example.desirable,
        )

    def side(self, digest: bytes) -> str:
        held_out = held_out_fraction(digest, self.wanted.seed) < self.wanted.validation_share
        return "validation" if held_out else "train"

    def _given_split(self, record: Record) -> str:
        if not self.mapping.split:
            return ""
        value = shown(record.cells.get(self.mapping.split)).strip()
        if value and value.lower() not in SPLITS:
            raise RowError(f"The split '{value[:40]}' is none of train, validation and test")
        return SPLITS.get(value.lower(), "")

    def refuse_nothing(self, name: str) -> None:
        """Raises Refused when not one row was usable."""
        if self.counts.total():
            return
        errors = self.findings.kept
        why = f"{errors[0].message} (line {errors[0].line})" if errors else "it has no rows"
        raise Refused(
            "datasets.no-rows",
            f"No row of {name} can be used: {why}.",
            "Correct the file, or choose other columns for the question and the answer.",
        )


def _report(progress: Progress, before: int, size: int, total: int, share: float) -> None:
    """The share of one file as a share of all, by their bytes."""
    progress((before + share * size) / total)
