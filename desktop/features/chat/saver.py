"""Keeps a conversation with the engine: one request at a time, the newest state last."""

import time
from collections.abc import Callable

from msgspec.structs import replace
from PySide6.QtCore import QObject

from desktop.core.engine_client import EngineClient
from engine.protocol.problems import Problem
from engine.protocol.records import Conversation


class Saver(QObject):
    """`current` gives the conversation as it is when the request leaves."""

    def __init__(
        self, client: EngineClient, current: Callable[[], Conversation], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._client, self._current = client, current
        self._under_way = self._again = False
        self._waiting: list[Callable[[], object]] = []

    def save(self) -> None:
        if self._under_way:
            self._again = True
            return
        conversation = self._current()
        self._under_way, self._again = True, False
        self._client.put(
            f"/api/conversations/{conversation.id}",
            replace(conversation, updated_at=time.time()),
            then=self._saved,
            failed=self._failed,
            owner=self,
        )

    def when_idle(self, run: Callable[[], object]) -> None:
        """Once nothing is on its way: a late request would bring back what was deleted."""
        self._waiting.append(run)
        self._look()

    def _look(self) -> None:
        while self._waiting and not self._under_way:
            self._waiting.pop(0)()

    def _saved(self, _: object) -> None:
        self._under_way = False
        if self._again:
            self.save()
        self._look()

    def _failed(self, problem: Problem) -> None:
        """Said once; the next turn tries again with all there is."""
        self._under_way = False
        self._client.problem.emit(problem)
        self._look()
