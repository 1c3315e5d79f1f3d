"""The base model in the status bar."""

from PySide6.QtCore import QObject

from desktop.app import App
from desktop.core.base_at_hand import base_at_hand
from desktop.features.models.wording import job_of
from desktop.workbench.status_bar import StatusText
from engine.protocol.records import ModelStatus


class BaseStatus(QObject):
    """The base at hand; a click opens its page, or offers the others when there are some."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self._app = app
        self._item = app.window.status.add(
            "Base model", side="right", order=0, priority=40, run=self._open
        )
        app.store.models_changed.connect(self.refresh)
        app.store.jobs_changed.connect(self.refresh)
        app.selection.changed.connect(self.refresh)
        self.refresh()

    def refresh(self, ids: object = None) -> None:
        model = base_at_hand(self._app.store, self._app.selection)
        if model is None:
            self._item.show_status(StatusText())
            return
        job = job_of(self._app.store, model.id)
        text = StatusText(text=model.name, icon="package", tip="Show the base model")
        if model.status is ModelStatus.MISSING:
            text = StatusText(text=model.name, icon="warning", tone="warn",
                              tip="Its folder is not where it was.")  # fmt: skip
        elif model.status is ModelStatus.PREPARING and job is not None:
            text = StatusText(text=model.name, icon="package", progress=job.progress,
                              tip=f"Preparing {model.name}")  # fmt: skip
        self._item.show_status(text)

    def _open(self) -> None:
        model = base_at_hand(self._app.store, self._app.selection)
        if model is not None:
            self._app.open("model", model.id)
