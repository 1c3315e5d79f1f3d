"""What the engine tells its clients: whole new records, numbered; never patches."""

from msgspec import Struct

from engine.protocol.jobs import Job
from engine.protocol.problems import Problem
from engine.protocol.records import (
    Adapter,
    BaseModel,
    ConversationSummary,
    Dataset,
    EngineInfo,
    MetricPoint,
    ReplyStamp,
    Run,
)
from engine.protocol.specs import Preset

PROTOCOL_VERSION = 2


class State(Struct, frozen=True):
    """Everything a client needs to begin; events with a number above `sequence` follow it."""

    sequence: int
    engine: EngineInfo
    models: tuple[BaseModel, ...]
    adapters: tuple[Adapter, ...]
    datasets: tuple[Dataset, ...]
    runs: tuple[Run, ...]
    jobs: tuple[Job, ...]
    conversations: tuple[ConversationSummary, ...]
    presets: tuple[Preset, ...]


class EngineChanged(Struct, frozen=True, tag=True):
    engine: EngineInfo


class JobChanged(Struct, frozen=True, tag=True):
    job: Job


class ModelChanged(Struct, frozen=True, tag=True):
    model: BaseModel


class DatasetChanged(Struct, frozen=True, tag=True):
    dataset: Dataset


class AdapterChanged(Struct, frozen=True, tag=True):
    adapter: Adapter


class RunChanged(Struct, frozen=True, tag=True):
    run: Run


class ConversationChanged(Struct, frozen=True, tag=True):
    conversation: ConversationSummary


class RecordRemoved(Struct, frozen=True, tag=True):
    kind: str  # "model", "dataset", "adapter", "run", "job" or "conversation"
    id: str


class MetricsAdded(Struct, frozen=True, tag=True):
    run: str
    points: tuple[MetricPoint, ...]


class TokensCounted(Struct, frozen=True, tag=True):
    """Token lengths of a dataset are there now."""

    dataset: str
    base: str


class MeasurementAdded(Struct, frozen=True, tag=True):
    """Forecasts for this base are better now."""

    base: str


class PresetsChanged(Struct, frozen=True, tag=True):
    """All presets, the application's and the person's."""

    presets: tuple[Preset, ...]


class LogAdded(Struct, frozen=True, tag=True):
    """A line for the Output panel."""

    source: str  # "engine" or a job's id
    text: str
    at: float


class Restarted(Struct, frozen=True, tag=True):
    """The numbers asked for are gone: read the state again."""


Event = (
    EngineChanged
    | JobChanged
    | ModelChanged
    | DatasetChanged
    | AdapterChanged
    | RunChanged
    | ConversationChanged
    | RecordRemoved
    | MetricsAdded
    | TokensCounted
    | MeasurementAdded
    | PresetsChanged
    | LogAdded
    | Restarted
)


class ChatStarted(Struct, frozen=True, tag=True):
    adapter: str | None
    adapter_hash: str | None
    swap_ms: float


class ChatDelta(Struct, frozen=True, tag=True):
    text: str


class ChatDone(Struct, frozen=True, tag=True):
    text: str
    stamp: ReplyStamp


class ChatFailed(Struct, frozen=True, tag=True):
    problem: Problem


ChatEvent = ChatStarted | ChatDelta | ChatDone | ChatFailed
