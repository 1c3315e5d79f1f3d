"""Collects what is wrong with a file while it is read."""

from engine.protocol.records import Finding

KEPT = 200
TEXT_LIMIT = 300


class Findings:
    """Keeps the first findings, errors before the rest, and counts all of them.

    `file` is the one being read, for the findings to come.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.count = 0
        self._errors: list[Finding] = []
        self._others: list[Finding] = []

    def add(
        self,
        severity: str,
        message: str,
        *,
        line: int | None = None,
        row: int | None = None,
        code: str = "",
    ) -> None:
        self.count += 1
        kept = self._errors if severity == "error" else self._others
        if len(kept) < KEPT:
            if len(message) > TEXT_LIMIT:
                message = message[: TEXT_LIMIT - 1] + "…"
            kept.append(Finding(severity, message, file=self.file, line=line, row=row, code=code))

    def error(self, message: str, line: int | None = None) -> None:
        """Something was left out."""
        self.add("error", message, line=line)

    def info(self, message: str) -> None:
        """Nothing is wrong."""
        self.add("information", message)

    def warning(
        self, message: str, line: int | None = None, row: int | None = None, *, code: str = ""
    ) -> None:
        """Something was kept and deserves a look."""
        self.add("warning", message, line=line, row=row, code=code)

    @property
    def full(self) -> bool:
        """Whether further errors are only counted."""
        return len(self._errors) >= KEPT

    @property
    def kept(self) -> tuple[Finding, ...]:
        """At most 200, errors first, each kind in the order of the file."""
        return tuple((self._errors + self._others)[:KEPT])
