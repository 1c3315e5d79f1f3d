"""What the engine gives one worker process to do: `task.json` in the job's folder.

A worker is started as `python -m engine.workers.<name> JOB_FOLDER`.
"""

from msgspec import Struct

from engine.protocol.dataset_specs import AddDataset, EditDataset, ExportRows, MixDatasets
from engine.protocol.records import BaseModel, Dataset, Finding, Run
from engine.protocol.specs import TrainSpec


class PrepareBaseTask(Struct, frozen=True, tag="prepare_base"):
    """Publish the built-in base model as a Hugging Face folder. Result: BaseModel."""

    id: str
    target: str


class AddModelTask(Struct, frozen=True, tag="add_model"):
    """Read a folder in place, or convert a .gguf into `target`. Result: BaseModel."""

    id: str
    path: str
    name: str
    target: str


class ImportAdapterTask(Struct, frozen=True, tag="import_adapter"):
    """Check a PEFT folder against the bases and copy it into `target`. Result: Adapter."""

    id: str
    path: str
    name: str
    target: str
    bases: tuple[BaseModel, ...]


class ImportDatasetTask(Struct, frozen=True, tag="import_dataset"):
    """Read a file into `target`. Result: Dataset."""

    id: str
    version: int
    wanted: AddDataset
    target: str
    earlier: Dataset | None = None  # whose edits are made again


class EditDatasetTask(Struct, frozen=True, tag="edit_dataset"):
    """Make the next version in `target` from changes over this one. Result: Dataset."""

    dataset: Dataset
    version: int
    wanted: EditDataset
    target: str


class ExamineDatasetTask(Struct, frozen=True, tag="examine_dataset"):
    """Look at the rows more closely; their numbers go beside the version. Result: Examined."""

    dataset: Dataset


class Examined(Struct, frozen=True):
    """What only a closer look finds in a version."""

    dataset: str
    version: int
    findings: tuple[Finding, ...]
    counts: dict[str, int]  # by their code


class ExportDatasetTask(Struct, frozen=True, tag="export_dataset"):
    """Write a version's rows to a file of the person's. Result: ExportedRows."""

    dataset: Dataset
    wanted: ExportRows


class ExportedRows(Struct, frozen=True):
    path: str
    rows: int
    size_bytes: int


class MixDatasetsTask(Struct, frozen=True, tag="mix_datasets"):
    """Rows of several datasets by their shares, as a dataset in `target`. Result: Dataset."""

    id: str
    version: int
    wanted: MixDatasets
    datasets: tuple[Dataset, ...]  # in the order of the parts
    target: str


class CountTokensTask(Struct, frozen=True, tag="count_tokens"):
    """Token lengths of every row, written to `target`. Result: TokenStats."""

    dataset: Dataset
    base: BaseModel
    target: str


class MeasureTask(Struct, frozen=True, tag="measure"):
    """A few real training steps. Result: Measurement."""

    spec: TrainSpec
    base: BaseModel
    dataset: Dataset


OUT_OF_MEMORY = "training.memory"  # the code of a step that did not fit into memory


class TrainTask(Struct, frozen=True, tag="train"):
    """Train, from the newest valid checkpoint in `run.path` if there is one. Result: Adapter."""

    run: Run
    base: BaseModel
    dataset: Dataset
    adapter_id: str
    adapter_version: int
    target: str


class KeepCheckpointTask(Struct, frozen=True, tag="keep_checkpoint"):
    """Publish the best checkpoint of a run that is not training now. Result: Adapter."""

    run: TrainTask


Task = (
    PrepareBaseTask
    | AddModelTask
    | ImportAdapterTask
    | ImportDatasetTask
    | EditDatasetTask
    | ExamineDatasetTask
    | ExportDatasetTask
    | MixDatasetsTask
    | CountTokensTask
    | MeasureTask
    | TrainTask
    | KeepCheckpointTask
)


TOKENS_PER_THREAD = 768  # that are in memory at once: longer batches go through in parts


class Measurement(Struct, frozen=True):
    """What a few real steps cost on this machine; memory = fixed + per token of a batch."""

    base_fingerprint: str
    method: str  # its kind
    target_modules: str  # empty where the method has no choice of them
    rank: int
    threads: int
    tokens_per_second: float
    fixed_bytes: int
    bytes_per_token: float
    start_s: float  # from the worker's start to its first step
    measured_at: float


class ServeChat(Struct, frozen=True, tag="serve_chat"):
    """`task.json` of a long-lived chat worker."""

    base: BaseModel
    threads: int
    budget_bytes: int  # for resident adapters


class ServeInspect(Struct, frozen=True, tag="serve_inspect"):
    """`task.json` of the long-lived inspect worker, which answers small questions."""
