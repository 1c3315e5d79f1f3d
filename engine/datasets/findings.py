"""Collects what is wrong with a file while it is read."""

from array import array
from collections import Counter

from engine.protocol.finding_sorts import sort_of
from engine.protocol.records import Finding

KEPT = 100  # of each sort; all rows are kept by their number
TEXT_LIMIT = 300
SEVERITIES = ("error", "warning", "information")


class Findings:
    """Keeps the first findings of each sort with their words, and the row numbers of all.

    `file` is the one being read, for the findings to come; sorts in `ignored` are not heard.
    """

    def __init__(self, file: str, ignored: tuple[str, ...] = ()) -> None:
        self.file = file
        self.ignored = ignored
        self.counts: Counter[str] = Counter()
        self.rows: dict[str, array[int]] = {}
        self._kept: list[Finding] = []
        self._words: Counter[str] = Counter()  # findings of a sort that are kept

    def add(
        self,
        code: str,
        message: str,
        *,
        line: int | None = None,
        row: int | None = None,
        severity: str = "",
    ) -> None:
        """The severity is the sort's own unless one is given."""
        if code in self.ignored:
            return
        self.counts[code] += 1
        if row is not None:
            self.rows.setdefault(code, array("I")).append(row)
        if self._words[code] < KEPT:
            self._words[code] += 1
            if len(message) > TEXT_LIMIT:
                message = message[: TEXT_LIMIT - 1] + "…"
            severity = severity or sort_of(code).severity
            self._kept.append(Finding(severity, message, self.file, line, row, code))

    def error(self, message: str, line: int | None = None) -> None:
        """Something was left out because it cannot be read."""
        self.add("malformed", message, line=line)

    def carry(self, findings: tuple[Finding, ...], counts: dict[str, int]) -> None:
        """Take over what an earlier reading said about lines that are in no row."""
        for finding in findings:
            if finding.code in counts and finding.code not in self.ignored:
                self._kept.append(finding)
                self._words[finding.code] += 1
                self.counts[finding.code] = counts[finding.code]

    @property
    def count(self) -> int:
        return self.counts.total()

    @property
    def full(self) -> bool:
        """Whether further lines that cannot be read are only counted."""
        return self.counts["malformed"] >= KEPT

    @property
    def kept(self) -> tuple[Finding, ...]:
        """Errors first; those of one severity by their file and line."""
        files = {
            name: at for at, name in enumerate(dict.fromkeys(each.file for each in self._kept))
        }

        def order(finding: Finding) -> tuple[int, int, int]:
            return SEVERITIES.index(finding.severity), files[finding.file], finding.line or 0

        return tuple(sorted(self._kept, key=order))
