"""What was made or added last."""

from collections.abc import Callable
from functools import partial

from desktop.app import App
from desktop.core import formatting
from desktop.core.commands import keys_text
from desktop.core.tokens import Token
from desktop.features.welcome.rows import LineRow
from desktop.features.welcome.sample_run import sample_of
from engine.protocol.records import BaseModel, Dataset, ModelStatus

MOST, MOST_AT_FIRST = 6, 3
Place = tuple[float, str, Callable[[], object], str, Token, str]  # made at, name, run, looks


def recent_rows(app: App, first_visit: bool) -> list[LineRow]:
    """On a first visit the base and the sample, whether it was added or not."""
    places = list(first_places(app) if first_visit else later_places(app))
    rows = [
        LineRow(app.theme, name, run, icon=icon, tone=tone, right=right)
        for _, name, run, icon, tone, right in places
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
        places.append((0.0, "sample-tickets.jsonl", lambda: app.commands.run("datasets.add-sample"),
                       "database", "teal", "Sample, 240 rows"))  # fmt: skip
    return places[:MOST_AT_FIRST]


def later_places(app: App) -> list[Place]:
    """Everything by time, the newest first."""
    store = app.store
    places = [model_place(app, each) for each in store.models.values()]
    places += [dataset_place(app, each) for each in store.datasets.values()]
    places += [
        (each.created_at, each.name, partial(app.open, "adapter", each.id), "layers", "violet",
         f"Adapter, v{each.version}")
        for each in store.adapters.values()
        if "adapter" in app.contributions.editors
    ]  # fmt: skip
    places += [
        (each.created_at, each.name, partial(app.open, "run", each.id), "pulse", "orange",
         f"Run {each.number}")
        for each in store.runs.values()
        if "run" in app.contributions.editors
    ]  # fmt: skip
    return sorted(places, key=lambda each: -each[0])[:MOST]


def model_place(app: App, model: BaseModel) -> Place:
    words = {ModelStatus.PREPARING: "Preparing", ModelStatus.MISSING: "Missing"}
    source = "Built in" if model.source == "built-in" else "Base model"
    return (model.created_at, model.name, partial(app.open, "model", model.id), "package",
            "accent", words.get(model.status, source))  # fmt: skip


def dataset_place(app: App, dataset: Dataset) -> Place:
    rows = formatting.plural(dataset.rows, "row")
    return (dataset.created_at, dataset.name, partial(app.open, "dataset", dataset.id),
            "database", "teal", f"Sample, {rows}" if dataset.sample else rows)  # fmt: skip
