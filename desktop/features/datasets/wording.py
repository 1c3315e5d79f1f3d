"""How datasets are described in a few words."""

from collections.abc import Sequence

from msgspec import Struct

from desktop.core import formatting
from desktop.core.store import Store
from desktop.core.tokens import Token
from engine.protocol.jobs import Job, JobKind
from engine.protocol.records import Dataset, Finding
from engine.protocol.specs import Mapping

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
SEVERITIES: dict[str, tuple[str, Token]] = {
    "error": ("error", "err"),
    "warning": ("warning", "warn"),
    "information": ("info", "accent"),
}


class Group(Struct, frozen=True):
    """Findings of one sort."""

    severity: str
    text: str
    first: Finding


def name_of(store: Store, id: str) -> str:
    dataset = store.datasets.get(id)
    return dataset.name if dataset is not None else "Dataset"


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
    """ "1,842 rows · 2.1 MB · UTF-8 · read in 1.2 s"."""
    words = (
        formatting.plural(dataset.rows, "row"),
        formatting.size(dataset.size_bytes),
        dataset.encoding.upper(),
        f"read in {formatting.duration(max(dataset.read_s, 0.1))}",
        f"version {dataset.version}" if dataset.version > 1 else "",
    )
    return " · ".join(word for word in words if word)


def job_of(store: Store, dataset_id: str) -> Job | None:
    """The job that makes the next version of this dataset, while it goes on."""
    for job in store.jobs.values():
        makes = job.kind in (JobKind.IMPORT_DATASET, JobKind.EDIT_DATASET)
        if makes and job.subject == dataset_id and job.active:
            return job
    return None


def groups_of(findings: Sequence[Finding]) -> list[Group]:
    """Equal findings as one line with their number, errors first."""
    sorts: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        sorts.setdefault((finding.severity, sort_of(finding)), []).append(finding)
    order = list(SEVERITIES)
    groups = [
        Group(severity, text_of(sort, found), found[0]) for (severity, sort), found in sorts.items()
    ]
    return sorted(groups, key=lambda group: order.index(group.severity))


def sort_of(finding: Finding) -> str:
    """Findings of one code are of one sort, others where their words are the same."""
    return finding.code or finding.message.rstrip(".")


def text_of(sort: str, found: list[Finding]) -> str:
    rows = formatting.plural(len(found), "row")
    match sort:
        case "duplicate":
            return formatting.plural(len(found), "exact duplicate")
        case "leak":
            return f"{rows} in training and validation"
        case "conflict":
            return f"{rows} with the same prompt and another answer"
        case "template":
            return f"{rows} with text of a chat template"
        case "roles":
            return f"{rows} whose roles do not take turns"
    words = found[0].message.rstrip(".")
    return words if len(found) == 1 else f"{words} ({rows})"


def place_of(finding: Finding) -> str:
    """ "tickets.jsonl, line 417"."""
    line = f"line {finding.line:,}" if finding.line is not None else ""
    return ", ".join(part for part in (finding.file, line) if part)
