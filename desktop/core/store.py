"""The window's copy of the engine's records: replaced whole, told on 30 times a second."""

from collections import deque
from typing import Any

import msgspec
from msgspec import Struct
from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance

from desktop.core.engine_client import EngineClient, Stream
from desktop.core.engine_process import EngineProcess, EngineState
from desktop.core.run_metrics import RunMetrics
from desktop.core.sse import SseEvent
from engine.protocol import events
from engine.protocol.engine_file import EngineFile
from engine.protocol.jobs import Job, JobState
from engine.protocol.problems import Problem
from engine.protocol.records import (
    Adapter,
    BaseModel,
    ConversationSummary,
    Dataset,
    EngineInfo,
    Run,
)
from engine.protocol.specs import Preset

FLUSH_MS = 33
RETRY_MS = 250
LOG_LINES = 5000

# Which dict an event's record goes to, and the field that carries it.
RECORDS: dict[type[Struct], tuple[str, str]] = {
    events.ModelChanged: ("model", "model"),
    events.AdapterChanged: ("adapter", "adapter"),
    events.DatasetChanged: ("dataset", "dataset"),
    events.RunChanged: ("run", "run"),
    events.JobChanged: ("job", "job"),
    events.ConversationChanged: ("conversation", "conversation"),
}


class Store(QObject):
    """Read the dicts, listen to the signals, change nothing.

    Each `*_changed` signal carries the set of ids that were added, replaced or removed.
    """

    models_changed = Signal(object)
    adapters_changed = Signal(object)
    datasets_changed = Signal(object)
    runs_changed = Signal(object)
    jobs_changed = Signal(object)
    conversations_changed = Signal(object)
    metrics_changed = Signal(object)  # ids of runs
    log_added = Signal(object)  # list[LogAdded]
    tokens_counted = Signal(str, str)  # dataset, base
    measurement_added = Signal(str)  # base
    engine_changed = Signal()  # `engine`
    presets_changed = Signal()
    state_changed = Signal()  # `state`

    def __init__(
        self, client: EngineClient, process: EngineProcess, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.models: dict[str, BaseModel] = {}
        self.adapters: dict[str, Adapter] = {}
        self.datasets: dict[str, Dataset] = {}
        self.runs: dict[str, Run] = {}
        self.jobs: dict[str, Job] = {}
        self.conversations: dict[str, ConversationSummary] = {}
        self.presets: tuple[Preset, ...] = ()
        self.engine: EngineInfo | None = None
        self.state = EngineState.STARTING
        self.why_gone = ""
        self.log: deque[events.LogAdded] = deque(maxlen=LOG_LINES)
        self.metrics = RunMetrics(client, self._metrics_arrived)
        self._client = client
        self._process = process
        self._stream: Stream | None = None
        self._decoder = msgspec.json.Decoder(events.Event)
        self._pending: dict[str, set[str]] = {}
        self._new_log: list[events.LogAdded] = []
        self._flush_timer = QTimer(self, singleShot=True, interval=FLUSH_MS)
        self._flush_timer.timeout.connect(self.flush)
        self._retry_timer = QTimer(self, singleShot=True, interval=RETRY_MS)
        self._retry_timer.timeout.connect(self._reconnect)
        process.found.connect(self._on_found)
        process.failed.connect(self._on_failed)

    @property
    def busy(self) -> bool:
        return any(job.state is JobState.RUNNING for job in self.jobs.values())

    def connect_engine(self) -> None:
        """Attach to the engine or start one; also what the Restart button does."""
        self._set_state(EngineState.STARTING)
        self._process.attach_or_start()

    def close(self) -> None:
        """Let go of the engine, which lives on."""
        self._retry_timer.stop()
        if self._stream is not None:
            self._stream.abort()
            self._stream = None
        self._client.close()

    def _on_found(self, engine: EngineFile) -> None:
        if engine.protocol != events.PROTOCOL_VERSION:
            self._on_failed(
                "Another version of Adapter Studio runs its engine here. Close that one first."
            )
            return
        self._client.attach(engine.base_url, engine.token)
        self._client.get("/api/state", events.State, self._on_state, failed=self._on_lost)

    def _on_failed(self, why: str) -> None:
        self.why_gone = why
        self._set_state(EngineState.GONE)

    def _on_state(self, state: events.State) -> None:
        self.replace(state)
        if self._stream is not None:
            self._stream.abort()
        self._stream = self._client.stream(
            "GET",
            f"/api/events?after={state.sequence}",
            on_event=self._on_event,
            ended=self._on_lost,
        )
        self._set_state(EngineState.READY)

    def _on_lost(self, problem: Problem | None) -> None:
        self._stream = None
        self._retry_timer.start()

    def _reconnect(self) -> None:
        """A living engine is asked for its state again; a dead one is only said to be gone."""
        engine = self._process.running()
        if engine is not None:
            self._on_found(engine)
        else:
            self._client.detach()
            self._on_failed(
                "The engine stopped. Runs go on from their last checkpoint after a restart."
            )

    def _on_event(self, event: SseEvent) -> None:
        self.apply(self._decoder.decode(event.data))

    def replace(self, state: events.State) -> None:
        """Take everything from a state; what it lacks is gone."""
        self.engine = state.engine
        self._take_presets(state.presets)
        lists: dict[str, tuple[Any, ...]] = {
            "model": state.models,
            "adapter": state.adapters,
            "dataset": state.datasets,
            "run": state.runs,
            "job": state.jobs,
            "conversation": state.conversations,
        }
        for kind, records in lists.items():
            table = self.table(kind)
            new = {record.id: record for record in records}
            changed = {id for id in table.keys() | new.keys() if table.get(id) != new.get(id)}
            table.clear()
            table.update(new)
            self._mark(kind, *changed)
        self._mark("engine", "")
        self._mark("metrics", *self.metrics.forget())

    def apply(self, event: events.Event) -> None:
        """Take one event."""
        place = RECORDS.get(type(event))
        if place is not None:
            record = getattr(event, place[1])
            self.table(place[0])[record.id] = record
            self._mark(place[0], record.id)
            return
        match event:
            case events.RecordRemoved(kind=kind, id=id):
                self.table(kind).pop(id, None)
                self._mark(kind, id)
            case events.EngineChanged(engine=engine):
                self.engine = engine
                self._mark("engine", "")
            case events.MetricsAdded(run=run, points=points):
                self.metrics.add(run, points)
            case events.LogAdded():
                self.log.append(event)
                self._new_log.append(event)
                self._flush_timer.isActive() or self._flush_timer.start()
            case events.TokensCounted(dataset=dataset, base=base):
                self.tokens_counted.emit(dataset, base)
            case events.MeasurementAdded(base=base):
                self.measurement_added.emit(base)
            case events.PresetsChanged(presets=presets):
                self._take_presets(presets)
            case events.Restarted():
                self._client.get("/api/state", events.State, self._on_state, failed=self._on_lost)

    def table(self, kind: str) -> dict[str, Any]:
        """The dict of a kind, by the name that RecordRemoved uses."""
        tables: dict[str, dict[str, Any]] = {
            "model": self.models,
            "adapter": self.adapters,
            "dataset": self.datasets,
            "run": self.runs,
            "job": self.jobs,
            "conversation": self.conversations,
        }
        return tables[kind]

    def _take_presets(self, presets: tuple[Preset, ...]) -> None:
        if presets != self.presets:
            self.presets = presets
            self._mark("presets", "")

    def _metrics_arrived(self, run: str) -> None:
        self._mark("metrics", run)

    def _mark(self, kind: str, *ids: str) -> None:
        if ids:
            self._pending.setdefault(kind, set()).update(ids)
            if not self._flush_timer.isActive():
                self._flush_timer.start()

    def flush(self) -> None:
        """Tell on what has changed since the last time."""
        pending, self._pending = self._pending, {}
        log, self._new_log = self._new_log, []
        for kind, ids in pending.items():
            if kind == "engine":
                self.engine_changed.emit()
            elif kind == "presets":
                self.presets_changed.emit()
            else:
                name = "metrics_changed" if kind == "metrics" else f"{kind}s_changed"
                signal: SignalInstance = getattr(self, name)
                signal.emit(ids)
        if log:
            self.log_added.emit(log)

    def _set_state(self, state: EngineState) -> None:
        if state is not self.state:
            self.state = state
            self.state_changed.emit()
