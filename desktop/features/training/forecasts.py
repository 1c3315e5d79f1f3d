"""Asks what specs will cost: soon after a change, and only the newest answer counts."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.engine_client import Answer, EngineClient, Request
from desktop.core.store import Store
from engine.protocol.problems import Problem
from engine.protocol.records import Forecast, TokenStats
from engine.protocol.specs import TrainSpec

WAIT_MS = 50  # with the engine's answer it stays under 100


class Forecasts(QObject):
    """`latest` belongs to the specs asked last, in their order; empty until it is there."""

    changed = Signal()

    def __init__(self, client: EngineClient, store: Store, parent: QObject) -> None:
        super().__init__(parent)
        self._client = client
        self._specs: list[TrainSpec] = []
        self._request: Request | None = None
        self._stats_request: Request | None = None
        self._stats_of = ("", "")
        self.latest: list[Forecast] = []
        self.stats: TokenStats | None = None
        self.problem: Problem | None = None
        self._timer = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._timer.timeout.connect(self._send)
        store.measurement_added.connect(self.refresh)
        store.tokens_counted.connect(self._on_tokens)
        store.state_changed.connect(self.refresh)

    def ask(self, specs: Sequence[TrainSpec]) -> None:
        """Nothing is asked without a base and a dataset."""
        self._specs = [spec for spec in specs if spec.base and spec.dataset]
        self._timer.start()

    def refresh(self) -> None:
        """The same again: something was measured meanwhile."""
        if self._specs:
            self._timer.start()

    def _send(self) -> None:
        if self._request is not None:
            self._request.abort()
            self._request = None
        if not self._specs:
            self.latest, self.problem = [], None
            self.changed.emit()
            return
        if not self._client.attached:
            return
        self._request = self._client.post(
            "/api/forecasts", self._specs, answer=list[Forecast],
            then=self._on_answer, failed=self._on_problem, owner=self,
        )  # fmt: skip
        self._ask_lengths(self._specs[0].dataset, self._specs[0].base)

    def _ask_lengths(self, dataset: str, base: str) -> None:
        """The token lengths, for what a limit cuts; once for each pair."""
        if self._stats_of == (dataset, base):
            return
        self._stats_of = (dataset, base)
        self.stats = None
        if self._stats_request is not None:
            self._stats_request.abort()
        self._stats_request = self._client.get(
            f"/api/datasets/{dataset}/tokens?base={base}", Answer, self._on_lengths,
            failed=lambda problem: None, owner=self,
        )  # fmt: skip

    def _on_lengths(self, answer: Answer) -> None:
        self._stats_request = None
        if answer.status == 200:
            self.stats = answer.read(TokenStats)
            self.changed.emit()

    def _on_tokens(self, dataset: str, base: str) -> None:
        if self._stats_of == (dataset, base):
            self._stats_of = ("", "")
        self.refresh()

    def _on_answer(self, forecasts: list[Forecast]) -> None:
        self._request = None
        self.latest, self.problem = forecasts, None
        self.changed.emit()

    def _on_problem(self, problem: Problem) -> None:
        self._request = None
        self.latest, self.problem = [], problem
        self.changed.emit()
