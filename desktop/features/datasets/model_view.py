"""Asks how one base model sees a dataset: a row's tokens, the lengths of all rows."""

from PySide6.QtCore import QObject, QTimer

from desktop.core.engine_client import Answer, EngineClient, Request
from desktop.features.datasets.inspector import Inspector
from desktop.features.datasets.limits import USUAL
from engine.protocol.problems import Problem
from engine.protocol.records import RowPage, TokenStats, TokenView

SLOW_MS = 2000  # then it is said what is being waited for


class ModelView(QObject):
    """Fills the inspector; an empty `base` means that none is ready."""

    def __init__(self, client: EngineClient, inspector: Inspector, dataset: str) -> None:
        super().__init__(inspector)
        self._client, self._inspector, self._dataset = client, inspector, dataset
        self.limit = USUAL
        self._request: Request | None = None
        self._base = ""
        self._slow = QTimer(self, singleShot=True, interval=SLOW_MS)
        self._slow.timeout.connect(self._on_slow)

    def show_row(self, number: int | None, base: str, version: int = 0) -> None:
        """Only the row asked for last is shown, of that version or the newest."""
        self._inspector.show_row(number)
        self._slow.stop()
        if self._request is not None:
            self._request.abort()
            self._request = None
        if number is None:
            return
        if not base:
            self._inspector.show_note("Tokens appear when the base model is ready.")
            return
        self._slow.start()
        self._request = self._client.get(
            f"/api/datasets/{self._dataset}/rows/{number}/tokens?base={base}"
            f"&max_length={self.limit}" + (f"&version={version}" if version else ""),
            TokenView,
            self._take_row,
            failed=self._no_row,
            owner=self,
        )

    def _on_slow(self) -> None:
        self._inspector.show_note("Cutting the row into tokens…")

    def _take_row(self, view: TokenView) -> None:
        self._request = None
        self._slow.stop()
        self._inspector.show_view(view, self.limit)

    def _no_row(self, problem: Problem) -> None:
        self._request = None
        self._slow.stop()
        self._inspector.show_note(f"{problem.message} {problem.hint}".strip())

    def show_lengths(self, base: str) -> None:
        """The engine counts them when they are asked for the first time, and tells when done."""
        self._base = base
        if not base:
            note = "Lengths appear when the base model is ready."
            self._inspector.show_stats(None, self.limit, note)
            return
        self._client.get(f"/api/datasets/{self._dataset}/tokens?base={base}", Answer,
                         self._take_lengths, failed=self._no_lengths, owner=self)  # fmt: skip

    def _take_lengths(self, answer: Answer) -> None:
        if answer.status == 202:
            self._inspector.show_stats(None, self.limit, "Counting tokens…")
        else:
            stats = answer.read(TokenStats)
            self._inspector.show_stats(stats, self.limit)
            self._count_long(stats)

    def _count_long(self, stats: TokenStats) -> None:
        """How many rows are cut is asked only where one is."""
        self._inspector.show_long(0, self.limit)
        if stats.longest > self.limit:
            query = f"limit=1&shortest={self.limit + 1}&base={self._base}"
            path = f"/api/datasets/{self._dataset}/rows?{query}"
            self._client.get(path, RowPage, self._take_long, owner=self)

    def _take_long(self, page: RowPage) -> None:
        self._inspector.show_long(page.total if page.tokens else 0, self.limit)

    def _no_lengths(self, problem: Problem) -> None:
        self._inspector.show_stats(None, self.limit, f"{problem.message} {problem.hint}".strip())
