"""JSON Lines between the engine and a worker: one tagged struct a line, each way.

End-of-file on a worker's stdin means: save and leave.
"""

from msgspec import Raw, Struct

from engine.protocol.dataset_specs import Mapping, Template
from engine.protocol.problems import Problem
from engine.protocol.recipes import ImportRecipe
from engine.protocol.records import (
    Adapter,
    BaseModel,
    Checkpoint,
    Dataset,
    MetricPoint,
    ReplyStamp,
    Row,
)
from engine.protocol.specs import Message, SamplingSpec

# Engine to a job's worker.


class Cancel(Struct, frozen=True, tag=True):
    """Leave now; what is on disk stays."""


class Pause(Struct, frozen=True, tag=True):
    """End the step, publish a checkpoint, leave."""


class Finish(Struct, frozen=True, tag=True):
    """End the step, publish the best checkpoint as the adapter, leave."""


class Stop(Struct, frozen=True, tag=True):
    """As Finish, but without a last validation: the run may be resumed later."""


JobCommand = Cancel | Pause | Finish | Stop

# A job's worker to the engine.


class Progress(Struct, frozen=True, tag=True):
    """At most ten a second."""

    progress: float
    detail: str = ""
    remaining_s: float | None = None


class RunStarted(Struct, frozen=True, tag=True):
    total_steps: int
    resumed_step: int = 0  # 0: from the beginning
    skipped: tuple[str, ...] = ()  # checkpoints that were not valid


class Metrics(Struct, frozen=True, tag=True):
    points: tuple[MetricPoint, ...]


class CheckpointSaved(Struct, frozen=True, tag=True):
    checkpoint: Checkpoint
    kept: tuple[int, ...]  # steps of all checkpoints that are on disk now


class Stopped(Struct, frozen=True, tag=True):
    """Left before the end because it was asked to; a checkpoint of `step` is on disk."""

    step: int


class Done(Struct, frozen=True, tag=True):
    """`result` is the record that the task's docstring names."""

    result: Raw


class Failed(Struct, frozen=True, tag=True):
    problem: Problem


WorkerMessage = Progress | RunStarted | Metrics | CheckpointSaved | Stopped | Done | Failed

# Engine to a serving worker; `id` is chosen by the engine and comes back in every answer.


class Generate(Struct, frozen=True, tag=True):
    id: int
    messages: tuple[Message, ...]
    sampling: SamplingSpec
    adapter: Adapter | None  # None: the plain base


class CancelReply(Struct, frozen=True, tag=True):
    id: int


class DropAdapter(Struct, frozen=True, tag=True):
    """Free a resident adapter that is about to be deleted."""

    adapter: str


class RenderRow(Struct, frozen=True, tag=True):
    """What the model sees of one row. Answer: Answered with a TokenView."""

    id: int
    row: Row
    base: BaseModel
    max_length: int
    template: Template | None = None  # None: the base's own chat template
    mapping: Mapping = Mapping()  # of the row's dataset, with `columns`: what a template may name
    columns: tuple[str, ...] = ()


class SampleBatch(Struct, frozen=True, tag=True):
    """The first batch that training with this seed would draw. Answer: a PackedBatch."""

    id: int
    dataset: Dataset
    base: BaseModel
    batch_size: int
    max_length: int
    seed: int


class CompareVersions(Struct, frozen=True, tag=True):
    """What makes one version another. Answer: Answered with a DatasetDiff."""

    id: int
    before: Dataset
    after: Dataset


class PreviewData(Struct, frozen=True, tag=True):
    """The first rows of a file. Answer: Answered with a DataPreview."""

    id: int
    path: str
    mapping: Mapping | None


class ReadRecipe(Struct, frozen=True, tag=True):
    """A recipe of Olive as a spec's values. Answer: Answered with a RecipeImport."""

    id: int
    wanted: ImportRecipe
    linears: tuple[str, ...] = ()  # names of the base's linear layers, if it is known


class Recognise(Struct, frozen=True, tag=True):
    """What a path holds, from its content. Answer: Answered with a Recognised."""

    id: int
    path: str


class Recognised(Struct, frozen=True):
    kind: str  # "model", "adapter", "dataset" or "" when it cannot be told
    reason: str = ""


Inspect = RenderRow | SampleBatch | CompareVersions | PreviewData | Recognise | ReadRecipe
ServeRequest = Generate | CancelReply | DropAdapter | Inspect

# A serving worker to the engine.


class Ready(Struct, frozen=True, tag=True):
    """The model is loaded; requests sent earlier are answered from now on."""

    memory_bytes: int


class ReplyStarted(Struct, frozen=True, tag=True):
    id: int
    swap_ms: float


class ReplyDelta(Struct, frozen=True, tag=True):
    id: int
    text: str


class ReplyDone(Struct, frozen=True, tag=True):
    id: int
    text: str
    stamp: ReplyStamp


class Answered(Struct, frozen=True, tag=True):
    id: int
    result: Raw


class RequestFailed(Struct, frozen=True, tag=True):
    id: int
    problem: Problem


ServeMessage = Ready | ReplyStarted | ReplyDelta | ReplyDone | Answered | RequestFailed | Failed
