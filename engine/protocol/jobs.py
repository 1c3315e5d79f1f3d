"""Units of engine work and the states they go through."""

from enum import StrEnum

from msgspec import Struct

from engine.protocol.problems import Problem
from engine.protocol.start_rules import StartRule


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"  # the engine died under it; the next engine takes it up again


class JobKind(StrEnum):
    PREPARE_BASE = "prepare_base"  # make the built-in base model ready
    ADD_MODEL = "add_model"  # read and fingerprint a Hugging Face folder, or convert a .gguf
    IMPORT_ADAPTER = "import_adapter"
    IMPORT_DATASET = "import_dataset"
    EDIT_DATASET = "edit_dataset"  # changes over a version make the next one
    EXAMINE_DATASET = "examine_dataset"  # near-duplicates, personal data, languages
    EXPORT_DATASET = "export_dataset"
    MIX_DATASETS = "mix_datasets"
    COUNT_TOKENS = "count_tokens"  # token lengths of one dataset version for one base
    MEASURE = "measure"  # a few real steps: tokens per second and memory for the forecast
    TRAIN = "train"
    KEEP_CHECKPOINT = "keep_checkpoint"  # of a run that was stopped, as its adapter


class Job(Struct, frozen=True):
    """One unit of engine work. The engine replaces it whole; nobody edits it in place."""

    id: str
    kind: JobKind
    title: str  # "Train tickets r16"
    state: JobState = JobState.QUEUED
    progress: float = 0.0  # 0..1
    detail: str = ""  # "step 40 of 96"
    remaining_s: float | None = None  # known only while RUNNING and after a while
    created_at: float = 0.0  # seconds since the epoch, like every *_at
    started_at: float | None = None
    ended_at: float | None = None
    subject: str = ""  # id of the record it makes: a model, a dataset, an adapter or a run
    problem: Problem | None = None  # why it FAILED, or PAUSED by itself; fit to show
    attempts: int = 0  # how often a worker was started for it
    position: int = 0  # order in the queue; smaller runs first
    start_rule: StartRule = StartRule()  # what has to hold before it starts, and while it runs
    forecast_s: float | None = None  # of a training, from its start to its end; None: not known

    @property
    def active(self) -> bool:
        """Whether something is still to come of it."""
        return self.state in ACTIVE

    @property
    def ended(self) -> bool:
        return self.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


ACTIVE = (JobState.QUEUED, JobState.RUNNING, JobState.PAUSED, JobState.INTERRUPTED)
