"""The catalog's records as every process sees them."""

from enum import StrEnum

from msgspec import Struct

from engine.protocol.dataset_specs import Mapping, SplitSpec, Template
from engine.protocol.jobs import JobState
from engine.protocol.specs import SamplingSpec, TrainSpec


class ModelStatus(StrEnum):
    PREPARING = "preparing"
    READY = "ready"
    MISSING = "missing"  # its folder is not where it was


class LinearShape(Struct, frozen=True):
    """All linear layers of one name: what a LoRA's size is reckoned from."""

    name: str  # last part of the module path: "q_proj"
    inputs: int
    outputs: int
    count: int


class BaseModel(Struct, frozen=True):
    id: str
    name: str
    path: str  # a Hugging Face folder, referenced in place
    source: str  # "built-in", "folder" or "gguf"
    status: ModelStatus = ModelStatus.READY
    architecture: str = ""  # config.json's model_type
    parameters: int = 0
    dtype: str = ""
    size_bytes: int = 0
    context_length: int = 0  # tokens
    vocabulary: int = 0
    layers: int = 0
    hidden_size: int = 0
    licence: str = ""
    template_hash: str = ""  # sha256 of the chat template; empty: none
    tokenizer_hash: str = ""
    fingerprint: str = ""  # sha256 over config, tokenizer and tensor names, shapes and contents
    linears: tuple[LinearShape, ...] = ()
    created_at: float = 0.0


class Finding(Struct, frozen=True):
    """Something wrong with one line of a file."""

    severity: str  # "error", "warning" or "information"
    message: str
    file: str = ""
    line: int | None = None
    row: int | None = None
    code: str = ""  # its sort, one of engine.protocol.finding_sorts


class Dataset(Struct, frozen=True):
    """A dataset at its newest version; versions are immutable and content-addressed."""

    id: str
    name: str
    version: int
    path: str  # the published folder with rows.jsonl
    sha256: str  # of rows.jsonl
    source: str  # the file or folder it was read from
    parts: tuple[str, ...] = ()  # more of them
    source_sha256: str = ""
    made_of: tuple[str, ...] = ()  # "id/version" of each dataset that a mix was drawn from
    sample: bool = False
    mapping: Mapping = Mapping()
    columns: tuple[str, ...] = ()
    rows: int = 0
    train_rows: int = 0
    validation_rows: int = 0
    test_rows: int = 0  # kept from training altogether, for evaluation
    size_bytes: int = 0
    encoding: str = "utf-8"
    split: str = ""  # "random, seed 42" or "given by column split"
    split_spec: SplitSpec = SplitSpec()
    change: str = ""  # what made this version: "Removed 14 exact duplicates"
    ignored: tuple[str, ...] = ()  # codes of findings that are not said
    findings: tuple[Finding, ...] = ()  # the first 100 of each sort
    finding_count: int = 0
    finding_counts: dict[str, int] = {}  # by their code
    examined: bool = False  # whether a closer look was had for what reading does not tell
    read_s: float = 0.0
    template: Template | None = None  # None: the base's own chat template
    created_at: float = 0.0


class Row(Struct, frozen=True):
    """One example as `rows.jsonl` holds it.

    Roles are system, user and assistant; "tools" (JSON schemas, first of all), "tool_calls" (JSON,
    behind the assistant's text) and "tool" (a result); or "text" and "masked" for raw text that is
    learned and that is only seen.
    """

    number: int  # from 1
    line: int  # in the source file
    split: str  # "train", "validation" or "test"
    messages: tuple[tuple[str, str], ...]  # (role, content)
    cells: dict[str, str] = {}  # the source's columns as text, for the table
    rejected: tuple[tuple[str, str], ...] = ()  # the answer that is worse than that in `messages`
    desirable: bool | None = None  # whether the answer is a good one; False: nothing is learned


class DatasetDiff(Struct, frozen=True):
    """What makes one version of a dataset another; the first rows of each sort."""

    before: int  # versions
    after: int
    settings: tuple[tuple[str, str, str], ...]  # what, as it was, as it is
    added_count: int
    removed_count: int
    changed_count: int
    moved_count: int  # to another side of the split
    added: tuple[Row, ...]
    removed: tuple[Row, ...]
    changed: tuple[tuple[Row, Row], ...]  # as it was, as it is
    moved: tuple[tuple[Row, Row], ...]


class LabelCount(Struct, frozen=True):
    label: str
    rows: int


class DataPreview(Struct, frozen=True):
    """The first rows of a file that is being read; every side is open still."""

    mapping: Mapping
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str


class RowPage(Struct, frozen=True):
    rows: tuple[Row, ...]
    tokens: tuple[int, ...]  # one length per row, empty while not counted
    total: int  # rows that match the query
    offset: int


class TokenStats(Struct, frozen=True):
    """Token lengths of one dataset version under one base's tokenizer and template."""

    dataset: str
    version: int
    tokenizer_hash: str
    template_hash: str
    mean: float
    p95: int
    longest: int
    train_tokens: int  # one epoch, uncut
    validation_tokens: int
    train_supervised: int  # tokens that carry loss
    bin_edges: tuple[int, ...]  # len(counts) + 1
    bin_counts: tuple[int, ...]


class Token(Struct, frozen=True):
    text: str
    loss: bool


class TokenView(Struct, frozen=True):
    """What the model sees of one row: the collator's own output."""

    row: int
    tokens: tuple[Token, ...]
    cut: int  # tokens beyond the limit
    template: str  # "ChatML template", or the name of the person's own
    cut_tokens: tuple[Token, ...] = ()  # the first 200 of them


class PackedRow(Struct, frozen=True):
    """One row of a batch, as a segment of what is packed."""

    number: int
    tokens: int
    supervised: int  # of them, those that carry loss
    cut: int = 0  # tokens beyond the limit, left out


class PackedBatch(Struct, frozen=True):
    """Training rows end to end in one row, as a step of a run takes them: no token is padding."""

    rows: tuple[PackedRow, ...]
    tokens: int
    supervised: int
    padded_tokens: int  # what the same rows would be if each were padded to the longest


class GalleryTemplate(Struct, frozen=True):
    """A template to start from."""

    template: Template
    description: str = ""
    expects: tuple[str, ...] = ()  # names that it reads
    own: bool = False  # the person's, which can be changed and removed


class AdapterFile(Struct, frozen=True):
    name: str
    size_bytes: int
    sha256: str


class FileCheck(Struct, frozen=True):
    """How a file on disk compares with the hash that was recorded for it."""

    name: str
    state: str  # "intact", "changed" or "missing"


class Adapter(Struct, frozen=True):
    """An adapter's record, which is its passport (`passport.json`) and travels with it."""

    id: str
    name: str
    version: int
    path: str
    hash: str  # sha256 over its weights and its config: what stamps a reply
    method: str = "lora"
    rank: int = 0  # or the block size, or the number of virtual tokens
    alpha: float = 0.0
    base_bits: int = 0  # of the base's weights in training; 0: their own precision
    target_modules: tuple[str, ...] = ()
    parameters: int = 0
    size_bytes: int = 0
    base: str = ""  # id of the base model in this catalog; empty: none fits
    base_name: str = ""
    base_fingerprint: str = ""
    template_hash: str = ""
    template: Template | None = None  # None: the base's own chat template
    dataset: str = ""
    dataset_name: str = ""
    dataset_version: int = 0
    dataset_sha256: str = ""
    train_rows: int = 0
    run: str = ""
    run_number: int = 0
    step: int = 0  # the checkpoint it was made from
    parents: tuple[str, ...] = ()
    metrics: dict[str, float] = {}  # "validation_loss", ...
    files: tuple[AdapterFile, ...] = ()
    imported: bool = False
    created_at: float = 0.0


class Checkpoint(Struct, frozen=True):
    step: int
    path: str
    validation_loss: float | None = None
    train_loss: float | None = None
    saved_at: float = 0.0


class Run(Struct, frozen=True):
    """The record of one training; its `state` is its job's."""

    id: str
    number: int
    name: str
    job: str
    spec: TrainSpec
    base_name: str
    dataset_name: str
    dataset_version: int
    path: str
    state: JobState = JobState.QUEUED
    step: int = 0
    total_steps: int = 0
    epoch: float = 0.0
    train_loss: float | None = None
    validation_loss: float | None = None
    best_loss: float | None = None
    best_step: int | None = None
    learning_rate: float | None = None
    tokens_per_second: float | None = None
    memory_bytes: int | None = None
    elapsed_s: float = 0.0  # training time over all attempts
    checkpoints: tuple[Checkpoint, ...] = ()
    advice: str = ""  # one sentence, or nothing
    notices: tuple[str, ...] = ()  # sentences on what it did by itself, oldest first
    halvings: int = 0  # of the micro-batch, for want of memory; the batch stays the same
    adapter: str = ""  # id, once published
    created_at: float = 0.0


class MetricPoint(Struct, frozen=True):
    """One step's figures, or one validation's; what was not measured is None."""

    step: int
    epoch: float = 0.0
    train_loss: float | None = None
    validation_loss: float | None = None
    learning_rate: float | None = None
    tokens_per_second: float | None = None
    memory_bytes: int | None = None  # resident, of the worker
    at: float = 0.0
    gradient_norm: float | None = None  # before it is clipped
    processor_share: float | None = None  # of all cores, by the worker: 0 to 1
    gpu_share: float | None = None  # 0 to 1, by everybody
    gpu_memory_bytes: int | None = None  # held by the worker


class ReplyStamp(Struct, frozen=True):
    """Proof of what answered and how fast."""

    adapter: str | None  # id; None: the base
    adapter_hash: str | None
    backend: str
    swap_ms: float
    first_token_ms: float
    tokens_per_second: float
    tokens: int
    prompt_tokens: int
    finish: str  # "stop", "length" or "cancelled"


class Reply(Struct, frozen=True):
    adapter: str | None
    text: str
    stamp: ReplyStamp | None = None
    problem: str = ""
    rating: int = 0  # 1 preferred, -1 rejected


class Turn(Struct, frozen=True):
    prompt: str
    replies: tuple[Reply, ...]  # one per column
    vote: str = ""  # "a", "b", "tie" or "neither"
    blind: str = ""  # "ab" or "ba": the sides on which unnamed columns stood; "": with names


class Conversation(Struct, frozen=True):
    id: str
    title: str
    base: str
    columns: tuple[str | None, ...] = (None,)  # adapter ids, None: the base alone
    system: str = ""
    sampling: SamplingSpec = SamplingSpec()
    turns: tuple[Turn, ...] = ()
    created_at: float = 0.0
    updated_at: float = 0.0


class ConversationSummary(Struct, frozen=True):
    id: str
    title: str
    columns: tuple[str | None, ...]
    turns: int
    updated_at: float


class Forecast(Struct, frozen=True):
    """What a spec will cost, before it starts. None: not measured on this machine yet.

    `memory_estimated`: reckoned from another method's measurement of the same base.
    """

    seconds: float | None
    tokens_per_second: float | None
    memory_bytes: int | None
    free_memory_bytes: int
    trainable: int
    total: int
    adapter_bytes: int
    tokens_per_epoch: int | None
    steps: int
    warnings: tuple[str, ...] = ()
    memory_estimated: bool = False


class EngineInfo(Struct, frozen=True):
    """The engine and the workstation under it."""

    version: str
    pid: int
    started_at: float
    home: str
    device: str  # "CPU" or the GPU's name
    threads: int
    memory_total_bytes: int
    memory_used_bytes: int
    disk_free_bytes: int
    loaded_bases: tuple[str, ...] = ()  # ids with a chat worker
