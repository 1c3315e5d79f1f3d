"""From one version of a dataset and changes over it to the next version."""

import time
from collections.abc import Iterator
from pathlib import Path

from msgspec import UNSET, Struct
from msgspec.structs import replace

from engine.datasets.batch import Batch
from engine.datasets.edits import ADDED, Edit, Edits, digest_of, read_edits
from engine.datasets.findings import Findings
from engine.datasets.fixes import fixed_rows
from engine.datasets.new_version import NewVersion
from engine.datasets.plain_rows import PlainReader
from engine.datasets.row_file import RowFile, RowReading
from engine.datasets.side_codes import OPEN
from engine.datasets.source import Progress
from engine.datasets.split import Threshold, read_thresholds
from engine.protocol.dataset_specs import EditDataset, RowEdit
from engine.protocol.finding_sorts import counted, sort_of
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset

BLOCK = 2_000  # rows
OF_THE_FILE = ("malformed", "unusable", "ragged", "file")  # findings on lines that are in no row


class EditPlan(Struct, frozen=True):
    """The version that is edited, what is wanted of it, and the number of the next one."""

    dataset: Dataset
    version: int
    wanted: EditDataset
    target: Path


def edit_dataset(plan: EditPlan, progress: Progress) -> Dataset:
    """Publish the next version and return its record. The earlier one stays as it is.

    Raises Refused when a row is not there, a fix finds nothing to put right, or no row is left.
    """
    started = time.monotonic()
    dataset, wanted = plan.dataset, plan.wanted
    with RowFile(dataset.path) as rows:
        edits = new_edits(rows, plan)
        all_edits = {edit.origin: edit for edit in read_edits(dataset.path)}
        all_edits |= {edit.origin: edit.after(all_edits.get(edit.origin)) for edit in edits}
        findings = Findings(Path(dataset.source).name, (*dataset.ignored, *_ignored(wanted)))
        carried = {
            code: count for code, count in dataset.finding_counts.items() if code in OF_THE_FILE
        }
        findings.carry(dataset.findings, carried)
        by_files = dataset.split == "given by the files"
        anew = wanted.split is not None and not (wanted.split.given and by_files)
        split = dataset.split_spec if wanted.split is None else wanted.split
        reading = rows.reading
        if wanted.template is not UNSET:
            reading = RowReading(reading.mapping, wanted.template)
        version = NewVersion(
            reading, split, Edits(edits), findings, given=_given(plan, anew),
            columns=dataset.columns, plain=PlainReader.of(reading.mapping, dataset.columns),
        )  # fmt: skip
        known: dict[str, Threshold] = {} if anew else read_thresholds(rows.folder)
        folder, facts = version.publish(
            plan.target, _batches(rows, anew, progress), known=known, edits=all_edits.values()
        )
    return replace(
        dataset,
        version=plan.version,
        path=str(folder),
        **{name: getattr(facts, name) for name in OF_THE_ROWS},
        change=words(plan),
        examined=False,
        read_s=time.monotonic() - started,
        created_at=time.time(),
    )


OF_THE_ROWS = (
    "sha256", "columns", "rows", "train_rows", "validation_rows", "test_rows", "split",
    "split_spec", "template", "ignored", "findings", "finding_count", "finding_counts",
)  # fmt: skip


def new_edits(rows: RowFile, plan: EditPlan) -> list[Edit]:
    """What is wanted, as edits of the records that the rows come from."""
    wanted: dict[int, RowEdit] = {}
    for code in plan.wanted.fixes:
        for change in fixed_rows(code, rows, wanted):
            wanted[change.row] = _both(wanted.get(change.row), change)
    edits = [_edit_of(rows, change) for change in wanted.values()]
    added = max((ADDED, *(edit.origin + 1 for edit in read_edits(rows.folder))))
    for change in plan.wanted.rows:
        if change.row:
            edits.append(_edit_of(rows, change))
        elif change.cells:
            edits.append(Edit(added, cells=_filled(change.cells), split=change.split))
            added += 1
    if not edits and plan.wanted.fixes and not _ignored(plan.wanted):
        raise Refused(
            "datasets.nothing-to-fix",
            f"{plan.dataset.name} has nothing of that sort any more.",
            "Look at its findings again.",
        )
    return edits


def _both(earlier: RowEdit | None, later: RowEdit) -> RowEdit:
    """Two fixes of one row: what is removed stays removed."""
    if earlier is None:
        return later
    return RowEdit(
        later.row,
        cells=earlier.cells if later.cells is None else later.cells,
        remove=earlier.remove or later.remove,
        split=later.split or earlier.split,
    )


def _edit_of(rows: RowFile, change: RowEdit) -> Edit:
    row = rows.row(change.row)
    return Edit(
        origin=rows.origins[change.row - 1],
        digest=digest_of(row.cells),
        cells=None if change.cells is None else _filled(change.cells),
        remove=change.remove,
        split=change.split,
    )


def _filled(cells: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in cells.items() if text}


def _ignored(wanted: EditDataset) -> tuple[str, ...]:
    """Sorts to say no more: asked for, or because that is all their fix does."""
    return (*wanted.ignore, *(code for code in wanted.fixes if sort_of(code).act == "ignore"))


def _given(plan: EditPlan, anew: bool) -> str:
    column = plan.dataset.mapping.split
    spec = plan.wanted.split
    if column and (spec is None or spec.given):
        return f"given by column {column}"
    return "" if anew else plan.dataset.split


def _batches(rows: RowFile, anew: bool, progress: Progress) -> Iterator[Batch]:
    """The rows with their sides, or with open ones."""
    for first in range(0, len(rows), BLOCK):
        last = min(first + BLOCK, len(rows))
        sides = bytes([OPEN]) * (last - first) if anew else rows.sides[first:last]
        yield Batch(
            rows.lines[first:last],
            rows.block(first, last),
            plain=True,
            origins=rows.origins[first:last],
            sides=sides,
        )
        progress(last / len(rows))


def words(plan: EditPlan) -> str:
    """What made the version: "Removed 14 exact duplicates"."""
    wanted, said = plan.wanted, []
    for code in (*wanted.fixes, *wanted.ignore):
        done = "Ignored" if code in wanted.ignore else sort_of(code).done
        said.append(f"{done} {counted(code, plan.dataset.finding_counts.get(code, 0))}")
    if wanted.longer_than:
        many = sum(change.remove for change in wanted.rows)
        said.append(f"Removed {counted('long', many)} of {wanted.longer_than:,} tokens")
    removed = sum(change.remove for change in wanted.rows) if not wanted.longer_than else 0
    added = sum(not change.row for change in wanted.rows)
    changed = sum(change.row > 0 and not change.remove for change in wanted.rows)
    for verb, count in (("Removed", removed), ("Added", added), ("Edited", changed)):
        if count:
            said.append(f"{verb} {count:,} {'row' if count == 1 else 'rows'}")
    if wanted.split is not None:
        said.append("Split anew")
    if wanted.template is not UNSET:
        named = wanted.template.name if wanted.template else "the model's own"
        said.append(f"Template: {named}")
    return ", ".join(said) or "Nothing changed"
