"""Asks what the model would see of a row under a template that is not saved."""

from msgspec import Struct
from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.engine_client import EngineClient, Request
from engine.protocol.dataset_specs import Template
from engine.protocol.problems import Problem
from engine.protocol.records import TokenView

PAUSE_MS = 200  # after the last keystroke


class Wanted(Struct, frozen=True):
    """One row under one base; the rest is what the engine is sent."""

    row: int
    base: str
    max_length: int
    template: Template | None


class TemplatePreview(QObject):
    """Only what was asked for last is answered, by `shown` (a TokenView) or `refused`."""

    shown = Signal(object)
    refused = Signal(object)

    def __init__(self, client: EngineClient, dataset: str, parent: QObject) -> None:
        super().__init__(parent)
        self._client, self._dataset = client, dataset
        self._wanted: Wanted | None = None
        self._request: Request | None = None
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._send)

    @property
    def pending(self) -> bool:
        """Whether an answer is still to come."""
        return self._pause.isActive() or self._request is not None

    def ask(self, wanted: Wanted, *, soon: bool = False) -> None:
        """At once; or `soon`, when nothing else is asked for 200 ms."""
        self.stop()
        self._wanted = wanted
        if soon:
            self._pause.start()
        else:
            self._send()

    def stop(self) -> None:
        self._pause.stop()
        if self._request is not None:
            self._request.abort()
            self._request = None

    def _send(self) -> None:
        wanted = self._wanted
        if wanted is None:
            return
        body = {
            "base": wanted.base, "max_length": wanted.max_length, "template": wanted.template,
        }  # fmt: skip
        self._request = self._client.post(
            f"/api/datasets/{self._dataset}/rows/{wanted.row}/tokens", body, answer=TokenView,
            then=self._take, failed=self._fail, owner=self,
        )  # fmt: skip

    def _take(self, view: TokenView) -> None:
        self._request = None
        self.shown.emit(view)

    def _fail(self, problem: Problem) -> None:
        self._request = None
        self.refused.emit(problem)
