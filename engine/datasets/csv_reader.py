"""CSV and TSV as they occur in the wild."""

import csv
from collections.abc import Iterator

from engine.datasets.findings import Findings
from engine.datasets.source import (
    LINE_LIMIT,
    Progress,
    Record,
    Source,
    bounded_lines,
    refuse_columns,
)

DELIMITERS = ",;\t|"
SPAN_LIMIT = 1_000  # lines of a wrong record that are read again
RESTART_LIMIT = 100  # searches to the end of the file for a missing quote


class Lines:
    """Feeds physical lines to csv.reader and can take back all but the first of a record."""

    def __init__(self, lines: Iterator[tuple[int, str]]) -> None:
        self._lines = lines
        self._again: list[tuple[int, str]] = []  # a stack: the next line is the last
        self.record: list[tuple[int, str]] = []
        self.ended = False

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        if self._again:
            entry = self._again.pop()
        else:
            following = next(self._lines, None)
            if following is None:
                self.ended = True
                raise StopIteration
            entry = following
        self.record.append(entry)
        return entry[1]

    def begin(self) -> None:
        self.record.clear()
        self.ended = False

    def take_back(self) -> None:
        self._again.extend(reversed(self.record[1:]))
        self.begin()


def read_csv(source: Source, findings: Findings, progress: Progress) -> Iterator[Record]:
    """One record per row, its cells as text under the names of the header.

    A row with too many cells, or a quote that is never closed, becomes a finding with the line it
    begins on, and reading goes on in the next line. Missing cells at the end are empty.
    """
    csv.field_size_limit(LINE_LIMIT)
    with source.open(newline="") as text:
        lines = Lines(bounded_lines(text, findings, progress))
        delimiter = _delimiter(source, findings)
        header: list[str] | None = None
        restarts = 0
        while True:
            line, cells, closed = _next_row(lines, delimiter)
            if cells is None:
                return
            if not closed:
                findings.error("A quote is opened and never closed", line)
                restarts += lines.ended or len(lines.record) > SPAN_LIMIT
                if restarts > RESTART_LIMIT:
                    findings.error("Too many quotes are not closed; the rest is not read", line)
                    return
                lines.take_back()
                continue
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                refuse_columns(source, len(cells))
                header = _header(cells)
                continue
            while len(cells) > len(header) and not cells[-1].strip():
                cells.pop()
            if len(cells) > len(header):
                findings.error(_ragged(cells, header), line)
                if len(lines.record) <= SPAN_LIMIT:
                    lines.take_back()
                continue
            if len(cells) < len(header):
                findings.add("ragged", _ragged(cells, header), line=line)
                cells += [""] * (len(header) - len(cells))
            yield Record(line, {n: c for n, c in zip(header, cells, strict=True) if n})


def _next_row(lines: Lines, delimiter: str) -> tuple[int, list[str] | None, bool]:
    """The line a row begins on, its cells (None at the end) and whether its quotes are in order.

    Text behind a closing quote is forgiven within one line; over several lines it shows that an
    earlier quote was never closed.
    """
    lines.begin()
    try:
        cells = next(csv.reader(lines, delimiter=delimiter, strict=True))
    except StopIteration:
        return 0, None, True
    except csv.Error:
        line, text = lines.record[0]
        if len(lines.record) > 1 or lines.ended:
            return line, [], False
        try:
            return line, next(csv.reader([text], delimiter=delimiter)), True
        except csv.Error:  # a field beyond the limit
            return line, [], False
    return lines.record[0][0], cells, True


def _delimiter(source: Source, findings: Findings) -> str:
    """Tab for .tsv; else the one that separates the header, quotes left aside."""
    if source.path.suffix.lower() == ".tsv":
        return "\t"
    with source.open(newline="") as text:
        first = next((line for line in text if line.strip()), "")
    outside = "".join(first.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _header(cells: list[str]) -> list[str]:
    """Column names, made different; pandas' nameless index column gets none and is left out."""
    names: list[str] = []
    seen: dict[str, int] = {}
    for at, cell in enumerate(cells):
        name = cell.strip()
        if at == 0 and (not name or name == "Unnamed: 0") and len(cells) > 1:
            names.append("")
            continue
        name = name or f"column {at + 1}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return names


def _ragged(cells: list[str], header: list[str]) -> str:
    return f"The row has {len(cells)} cells, the header {len(header)}"
