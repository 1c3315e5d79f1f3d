"""The catalog: every record kind's table, and the events that follow each change."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec
import sqlite_utils
from msgspec import Struct

from engine.catalog.database import open_database
from engine.catalog.job_tasks import JobTasks
from engine.catalog.measurements import Measurements
from engine.catalog.metrics import MetricsTable
from engine.catalog.record_table import RecordTable
from engine.catalog.token_stats import TokenStatsTable
from engine.protocol.events import (
    AdapterChanged,
    ConversationChanged,
    DatasetChanged,
    Event,
    JobChanged,
    ModelChanged,
    RecordRemoved,
    RunChanged,
)
from engine.protocol.jobs import Job
from engine.protocol.problems import not_found
from engine.protocol.records import (
    Adapter,
    BaseModel,
    Conversation,
    ConversationSummary,
    Dataset,
    Run,
)

R = TypeVar("R", bound=Struct)
Publish = Callable[[Event], None]


class Catalog:
    """All tables over one connection; `publish` hears of every change after its commit."""

    def __init__(self, home: Path, publish: Publish) -> None:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.database: sqlite_utils.Database = open_database(home / "catalog.db")

        def table(
            kind: str,
            record_type: type[R],
            changed: Callable[[R], Event],
            references: tuple[str, ...] = (),
        ) -> RecordTable[R]:
            return RecordTable(
                self.database,
                f"{kind}s",
                record_type,
                changed=lambda record: publish(changed(record)),
                removed=lambda identifier: publish(RecordRemoved(kind, identifier)),
                references=references,
            )

        self.models = table("model", BaseModel, ModelChanged)
        self.datasets = table("dataset", Dataset, DatasetChanged)
        self.adapters = table("adapter", Adapter, AdapterChanged, references=("base",))
        self.jobs = table("job", Job, JobChanged)
        self.runs = table("run", Run, RunChanged, references=("job",))
        self.conversations = table(
            "conversation", Conversation, lambda talk: ConversationChanged(summary(talk))
        )
        self.metrics = MetricsTable(self.database)
        self.job_tasks = JobTasks(self.database)
        self.token_stats = TokenStatsTable(self.database)
        self.measurements = Measurements(self.database)

    def close(self) -> None:
        self.database.close()

    def keep_version(self, dataset: Dataset) -> None:
        """Remember this version for good; `datasets` holds only the newest."""
        self.database.conn.execute(
            "INSERT OR REPLACE INTO dataset_versions VALUES (?, ?, ?)",
            (dataset.id, dataset.version, msgspec.json.encode(dataset).decode()),
        )

    def dataset_version(self, identifier: str, version: int) -> Dataset | None:
        row = self.database.conn.execute(
            "SELECT record FROM dataset_versions WHERE dataset = ? AND version = ?",
            (identifier, version),
        ).fetchone()
        return msgspec.json.decode(row[0], type=Dataset) if row else None

    def dataset_versions(self, identifier: str) -> tuple[Dataset, ...]:
        """All versions of a dataset, the newest first."""
        rows = self.database.conn.execute(
            "SELECT record FROM dataset_versions WHERE dataset = ? ORDER BY version DESC",
            (identifier,),
        )
        return tuple(msgspec.json.decode(record, type=Dataset) for (record,) in rows)

    def model(self, name: str) -> BaseModel:
        """The base model of that id or name; raises Refused (404)."""
        return _one(self.models, "base model", name)

    def dataset(self, name: str) -> Dataset:
        return _one(self.datasets, "dataset", name)

    def adapter(self, name: str) -> Adapter:
        """The adapter of that id, or the newest version of that name."""
        return _one(self.adapters, "adapter", name)

    def run(self, identifier: str) -> Run:
        found = self.runs.get(identifier)
        if found is None:
            raise not_found("run", identifier)
        return found

    def next_run_number(self) -> int:
        (highest,) = self.database.conn.execute("SELECT max(number) FROM runs").fetchone()
        return (highest or 0) + 1

    def next_adapter_version(self, name: str) -> int:
        (highest,) = self.database.conn.execute(
            "SELECT max(version) FROM adapters WHERE name = ?", (name,)
        ).fetchone()
        return (highest or 0) + 1


def _one(table: RecordTable[R], kind: str, name: str) -> R:
    found = [*table.where("id = ? OR name = ?", name, name)]
    if not found:
        raise not_found(kind, name)
    return found[-1]


def summary(conversation: Conversation) -> ConversationSummary:
    return ConversationSummary(
        id=conversation.id,
        title=conversation.title,
        columns=conversation.columns,
        turns=len(conversation.turns),
        updated_at=conversation.updated_at,
    )
