"""What one click does about a sort of finding: changes of rows, never of the file."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from engine.datasets.digests import digests_of
from engine.datasets.labels import UNBALANCED
from engine.datasets.marks import MARKS
from engine.datasets.row_file import RowFile
from engine.datasets.side_codes import NAMES, TEST, TRAIN
from engine.protocol.dataset_specs import RowEdit
from engine.protocol.finding_sorts import sort_of
from engine.protocol.records import Row


def fixed_rows(code: str, rows: RowFile, earlier: Mapping[int, RowEdit]) -> Iterator[RowEdit]:
    """The changes that put right every row of a sort, over those that are made already."""
    numbers = rows.found().get(code, [])
    match sort_of(code).act:
        case "remove":
            yield from (RowEdit(number, remove=True) for number in numbers)
        case "strip":
            yield from _rewritten(rows, numbers, earlier, stripped)
        case "mask":
            from engine.datasets.personal_data import masked

            yield from _rewritten(rows, numbers, earlier, masked)
        case "train":
            yield from _sided(rows)
        case "balance":
            yield from _balanced(rows)
        case "ignore":
            return


def _rewritten(
    rows: RowFile,
    numbers: list[int],
    earlier: Mapping[int, RowEdit],
    rewrite: Callable[[str], str],
) -> Iterator[RowEdit]:
    """Every cell rewritten, of rows in which that changes something."""
    for number in numbers:
        before = earlier.get(number)
        cells = before.cells if before and before.cells else rows.cells(number - 1)
        after = {name: rewrite(text) for name, text in cells.items()}
        if after != cells:
            yield RowEdit(number, cells=after)


def stripped(text: str) -> str:
    """The text without what belongs to chat templates."""
    for mark in MARKS:
        text = text.replace(mark, "")
    return text


def _sided(rows: RowFile) -> Iterator[RowEdit]:
    """Same prompt, same side: training if one of its rows is there, otherwise the test."""
    best: dict[int, int] = {}
    asked = [digests_of(row).prompt for row in rows]
    rank = {TRAIN: 0, TEST: 1}
    for digest, side in zip(asked, rows.sides, strict=True):
        best[digest] = min(best.get(digest, side), side, key=lambda each: rank.get(each, 2))
    for number, (digest, side) in enumerate(zip(asked, rows.sides, strict=True), 1):
        if best[digest] != side:
            yield RowEdit(number, split=NAMES[best[digest]])  # type: ignore[arg-type]


def _balanced(rows: RowFile) -> Iterator[RowEdit]:
    """No label more than so many times as frequent as the rarest; which rows go is by content."""
    labels: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        labels[row.messages[-1][1].strip()].append(row)
    most = int(UNBALANCED * min(map(len, labels.values()))) - 1
    for same in labels.values():
        ordered = sorted(same, key=lambda row: digests_of(row).row)
        yield from (RowEdit(row.number, remove=True) for row in ordered[most:])
