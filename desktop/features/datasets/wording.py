"""How datasets are described in a few words."""

from msgspec import Struct

from desktop.core import formatting
from desktop.core.store import Store
from desktop.core.tokens import Token
from engine.protocol.dataset_specs import Mapping
from engine.protocol.finding_sorts import counted, sort_of
from engine.protocol.jobs import Job, JobKind
from engine.protocol.records import DataPreview, Dataset, Finding

CONVENTIONS = {
    "prompt_completion": "prompt / completion",
    "messages": "messages",
    "alpaca": "Alpaca",
    "columns": "two columns",
    "text": "raw text",
    "preference": "preference",
    "unpaired": "unpaired preference",
    "segments": "segments",
}
VERSION_JOBS = (JobKind.IMPORT_DATASET, JobKind.EDIT_DATASET, JobKind.MIX_DATASETS)
SEVERITIES: dict[str, tuple[str, Token]] = {
    "error": ("error", "err"),
    "warning": ("warning", "warn"),
    "information": ("info", "accent"),
}


OWN_WORDS = ("malformed", "unusable", "ragged", "file", "imbalance", "edit", "not-compared")


class Group(Struct, frozen=True):
    """Findings of one sort; `fix` is its button."""

    code: str
    severity: str
    text: str
    fix: str
    first: Finding | None = None  # None: found here, not by the engine


def is_there(store: Store, id: str) -> bool:
    """Whether there is something to open: a dataset, or a file that becomes one."""
    return store.engine is None or id in store.datasets or job_of(store, id) is not None


def name_of(store: Store, id: str) -> str:
    dataset = store.datasets.get(id)
    if dataset is not None:
        return dataset.name
    job = job_of(store, id)
    return job.title.removeprefix("Import ") if job is not None else "Dataset"


def convention_of(mapping: Mapping) -> str:
    """ "prompt / completion", or the two columns' own names; "messages with tools"."""
    tools = " with tools" if mapping.tools else ""
    if mapping.convention == "columns" and mapping.user and mapping.assistant:
        return f"{mapping.user} / {mapping.assistant}{tools}"
    return CONVENTIONS[mapping.convention] + tools


def in_short(dataset: Dataset) -> str:
    """ "1,842 rows · prompt / completion"."""
    return f"{formatting.plural(dataset.rows, 'row')} · {convention_of(dataset.mapping)}"


def meta_of(dataset: Dataset) -> str:
    """ "1,842 rows · 2.1 MB · UTF-8 · read in 1.2 s"; a later version was not just read."""
    read = f"read in {formatting.duration(max(dataset.read_s, 0.1))}"
    words = (
        formatting.plural(dataset.rows, "row"),
        f"version {dataset.version}" if dataset.version > 1 else "",
        formatting.size(dataset.size_bytes),
        dataset.encoding.upper(),
        read if dataset.version == 1 else "",
    )
    return " · ".join(word for word in words if word)


def coming(id: str, name: str, preview: DataPreview) -> Dataset:
    """What is known of a dataset from its first rows."""
    return Dataset(
        id=id, name=name, version=0, path="", sha256="", source="", mapping=preview.mapping,
        columns=preview.columns, rows=len(preview.rows), encoding=preview.encoding,
    )  # fmt: skip


def version_of(dataset: Dataset) -> str:
    """ "Version 3: Removed 14 exact duplicates"; nothing is said of the first."""
    if dataset.version == 1:
        return ""
    return f"Version {dataset.version}" + (f": {dataset.change}" if dataset.change else "")


def job_of(store: Store, dataset_id: str) -> Job | None:
    """The job that makes the next version of this dataset, while it goes on."""
    for job in store.jobs.values():
        if job.kind in VERSION_JOBS and job.subject == dataset_id and job.active:
            return job
    return None


def groups_of(dataset: Dataset) -> list[Group]:
    """One line for each sort with its number, errors first."""
    first: dict[str, Finding] = {}
    for finding in dataset.findings:
        first.setdefault(finding.code, finding)
    groups = [
        Group(code, finding.severity, text_of(dataset, finding), sort_of(code).fix, finding)
        for code, finding in first.items()
    ]
    order = list(SEVERITIES)
    return sorted(groups, key=lambda group: order.index(group.severity))


def text_of(dataset: Dataset, first: Finding) -> str:
    """ "14 exact duplicates"; a sort whose words differ says the only one it has."""
    count = dataset.finding_counts.get(first.code, 1)
    if count == 1 and first.code in OWN_WORDS:
        return first.message.rstrip(".")
    return counted(first.code, count)


def place_of(finding: Finding) -> str:
    """ "tickets.jsonl, line 417"."""
    line = f"line {finding.line:,}" if finding.line is not None else ""
    return ", ".join(part for part in (finding.file, line) if part)
