"""What was made or added last."""

import heapq
from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain
from typing import NamedTuple

from desktop.app import App
from desktop.core import formatting
from desktop.core.commands import keys_text
from desktop.core.tokens import Token
from desktop.features.welcome.rows import LineRow
from desktop.features.welcome.sample_run import sample_of
from engine.protocol.records import Adapter, BaseModel, Dataset, ModelStatus, Run

MOST, MOST_AT_FIRST = 6, 3
Record = BaseModel | Dataset | Adapter | Run


class Place(NamedTuple):
    id: str
    name: str
    run: Callable[[], object]
    icon: str
    tone: Token
    right: str

    @property
    def looks(self) -> tuple[str, ...]:
        return (self.id, self.name, self.icon, self.tone, self.right)


def recent_places(app: App, first_visit: bool) -> list[Place]:
    """On a first visit the base and the sample, whether it was added or not."""
    return first_places(app) if first_visit else later_places(app)


def recent_rows(app: App, places: list[Place]) -> list[LineRow]:
    rows = [
        LineRow(app.theme, each.name, each.run, icon=each.icon, tone=each.tone, right=each.right)
        for each in places
    ]
    if "chat.new" in app.commands:
        keys = keys_text(app.commands.get("chat.new"))
        rows.append(
            LineRow(app.theme, "New chat with the base model", lambda: new_chat(app),
                    icon="comment-discussion", keys=keys)
        )  # fmt: skip
    return rows


def new_chat(app: App) -> None:
    app.selection.set("adapter", "")
    app.commands.run("chat.new")


def first_places(app: App) -> list[Place]:
    store = app.store
    models = sorted(store.models.values(), key=lambda each: each.created_at)
    places = [model_place(app, model) for model in models]
    places += [dataset_place(app, each) for each in store.datasets.values() if not each.sample]
    sample = sample_of(store.datasets)
    if sample is not None:
        places.append(dataset_place(app, sample))
    elif "datasets.add-sample" in app.commands:
        add = lambda: app.commands.run("datasets.add-sample")  # noqa: E731
        places.append(
            Place("", "sample-tickets.jsonl", add, "database", "teal", "Sample, 240 rows")
        )
    return places[:MOST_AT_FIRST]


def later_places(app: App) -> list[Place]:
    """Everything by time, the newest first; of ten thousand adapters only the newest are drawn."""
    store, editors = app.store, app.contributions.editors
    tables: list[Iterable[Record]] = [store.models.values(), store.datasets.values()]
    tables += [store.adapters.values()] if "adapter" in editors else []
    tables += [store.runs.values()] if "run" in editors else []
    newest = heapq.nlargest(MOST, chain(*tables), key=lambda record: record.created_at)
    return [place_of(app, record) for record in newest]


def place_of(app: App, record: Record) -> Place:
    match record:
        case BaseModel():
            return model_place(app, record)
        case Dataset():
            return dataset_place(app, record)
        case Adapter():
            return Place(record.id, record.name, partial(app.open, "adapter", record.id),
                         "layers", "violet", f"Adapter, v{record.version}")  # fmt: skip
        case Run():
            return Place(record.id, record.name, partial(app.open, "run", record.id),
                         "pulse", "orange", f"Run {record.number}")  # fmt: skip


def model_place(app: App, model: BaseModel) -> Place:
    words = {ModelStatus.PREPARING: "Preparing", ModelStatus.MISSING: "Missing"}
    source = "Built in" if model.source == "built-in" else "Base model"
    return Place(model.id, model.name, partial(app.open, "model", model.id), "package",
                 "accent", words.get(model.status, source))  # fmt: skip


def dataset_place(app: App, dataset: Dataset) -> Place:
    rows = formatting.plural(dataset.rows, "row")
    return Place(dataset.id, dataset.name, partial(app.open, "dataset", dataset.id),
                 "database", "teal", f"Sample, {rows}" if dataset.sample else rows)  # fmt: skip
