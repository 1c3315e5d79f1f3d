"""What the commands act on: the record of each kind that was selected last."""

from PySide6.QtCore import QObject, Signal

from desktop.core.store import Store
from engine.protocol.jobs import Job
from engine.protocol.records import Adapter, BaseModel, ConversationSummary, Dataset, Run


class Selection(QObject):
    """One id per kind ("model", "adapter", "dataset", "run", "job", "conversation").

    The properties give the record as it is now, or None once it is gone.
    """

    changed = Signal()

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._ids: dict[str, str] = {}

    def set(self, kind: str, id: str) -> None:
        """An empty id selects nothing."""
        if self._ids.get(kind, "") != id:
            self._ids[kind] = id
            self.changed.emit()

    def id(self, kind: str) -> str:
        return self._ids.get(kind, "")

    @property
    def model(self) -> BaseModel | None:
        return self._store.models.get(self.id("model"))

    @property
    def adapter(self) -> Adapter | None:
        return self._store.adapters.get(self.id("adapter"))

    @property
    def dataset(self) -> Dataset | None:
        return self._store.datasets.get(self.id("dataset"))

    @property
    def run(self) -> Run | None:
        return self._store.runs.get(self.id("run"))

    @property
    def job(self) -> Job | None:
        return self._store.jobs.get(self.id("job"))

    @property
    def conversation(self) -> ConversationSummary | None:
        return self._store.conversations.get(self.id("conversation"))
