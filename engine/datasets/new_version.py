"""Publishes rows as the next version of a dataset, whatever they are read from."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from engine.datasets import split
from engine.datasets.batch import Batch
from engine.datasets.edits import Edit, Edits, write_edits
from engine.datasets.findings import Findings
from engine.datasets.plain_rows import PlainReader
from engine.datasets.reading import Reading, Wanted
from engine.datasets.row_file import RowReading
from engine.datasets.row_writer import RowWriter, recorded_hash
from engine.datasets.split import Threshold, write_thresholds
from engine.datasets.templates import bound, try_rows
from engine.protocol.dataset_specs import SplitSpec
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset
from engine.store.publish import publish_folder


class NewVersion(NamedTuple):
    """How rows become a version; `given` says in words what gave their sides, if anything did."""

    reading: RowReading
    split: SplitSpec
    edits: Edits  # to make over the rows that are read
    findings: Findings
    given: str = ""
    columns: tuple[str, ...] = ()  # that are known, in their order
    plain: PlainReader | None = None  # reads rows that are not unusual, much faster

    def publish(
        self,
        target: Path,
        batches: Iterable[Batch],
        *,
        known: Mapping[str, Threshold],
        edits: Iterable[Edit],
    ) -> tuple[Path, Dataset]:
        """Write the version to `target`; the record has what is known from the rows alone.

        `edits` are all that led from what was once read to these rows. Raises Refused when no
        row can be used.
        """
        counted: list[Reading] = []

        def write(staging: Path) -> dict[str, str]:
            with RowWriter(staging) as writer:
                reading = Reading(writer, self._wanted(), self.findings)
                name = self.findings.file
                for batch in batches:
                    reading.take(batch)
                reading.add(self.edits.added())
                self.findings.file = name
                self._refuse_nothing(reading)
                thresholds = reading.sides.settle(known)
                reading.conclude()
                columns = tuple(reading.columns)
                template = bound(self.reading.template, self.reading.mapping, columns)
                rows = RowReading(self.reading.mapping, template)
                known_hashes = writer.finish(rows, bytes(reading.sides.codes), self.findings.rows)
            try_rows(template, staging)
            write_thresholds(staging, thresholds)
            write_edits(staging, edits)
            counted.append(reading)
            return known_hashes

        folder = publish_folder(target, write)
        return folder, self._facts(folder, counted[0])

    def _wanted(self) -> Wanted:
        return Wanted(self.reading, self.split, self.edits, self.columns, self.plain)

    def _facts(self, folder: Path, reading: Reading) -> Dataset:
        counts = reading.sides.counts
        given = "" if reading.sides.drawn else self.given
        return Dataset(
            id="",
            name="",
            version=0,
            path=str(folder),
            sha256=recorded_hash(folder),
            source="",
            mapping=self.reading.mapping,
            template=bound(self.reading.template, self.reading.mapping, tuple(reading.columns)),
            columns=tuple(reading.columns),
            rows=counts.total(),
            train_rows=counts["train"],
            validation_rows=counts["validation"],
            test_rows=counts["test"],
            split=split.words(self.split, given=given),
            split_spec=self.split,
            ignored=self.findings.ignored,
            findings=self.findings.kept,
            finding_count=self.findings.count,
            finding_counts=dict(self.findings.counts),
        )

    def _refuse_nothing(self, reading: Reading) -> None:
        """Raises Refused when not one row was usable."""
        if len(reading.sides):
            return
        found = self.findings.kept
        first = f"{found[0].message} (line {found[0].line})" if found else "it has no rows"
        raise Refused(
            "datasets.no-rows",
            f"No row of {self.findings.file} can be used: {first}.",
            "Correct the file, or choose other columns for the question and the answer.",
        )
