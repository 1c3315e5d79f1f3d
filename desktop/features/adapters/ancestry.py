"""Where an adapter comes from, as nodes and labels to draw."""

from typing import NamedTuple

from desktop.core import formatting
from desktop.core.store import Store
from desktop.core.tokens import Token
from engine.protocol.records import Adapter

MOST_PARENTS = 4


class Node(NamedTuple):
    """`kind` and `key` are what the click opens; an empty key opens nothing."""

    kind: str
    key: str
    title: str
    detail: str
    icon: str
    tone: Token


class Ancestry(NamedTuple):
    """Read left to right; `source` is None when nothing is known of it."""

    this: Node
    source: Node | None
    run: Node | None
    parents: tuple[Node, ...]
    source_label: str  # on the edge from the source
    run_label: str  # on the edge from the run


def ancestry(adapter: Adapter, store: Store) -> Ancestry:
    """Nodes name their records while these are there; records that are gone are named by the
    passport and cannot be opened."""
    if adapter.imported:
        folder = Node("", "", "Imported folder", "trained elsewhere",
                      "folder-opened", "text2")  # fmt: skip
        return Ancestry(_this(adapter), folder, None, (), "copied and checked", "")
    return Ancestry(
        this=_this(adapter),
        source=_dataset(adapter, store) if adapter.dataset_name else None,
        run=_run(adapter, store) if adapter.run else None,
        parents=tuple(_parent(id, store) for id in adapter.parents[:MOST_PARENTS]),
        source_label=formatting.plural(adapter.train_rows, "row") if adapter.train_rows else "",
        run_label=_step(adapter, store),
    )


def _this(adapter: Adapter) -> Node:
    return Node("", "", adapter.name, f"v{adapter.version} · this adapter", "layers", "violet")


def _dataset(adapter: Adapter, store: Store) -> Node:
    there = adapter.dataset in store.datasets
    digest = formatting.short_hash(adapter.dataset_sha256)
    detail = f"rev {adapter.dataset_version}" + (f" · sha {digest}" if digest else "")
    return Node("dataset", adapter.dataset if there else "", adapter.dataset_name,
                detail if there else "no longer in the catalog", "database", "teal")  # fmt: skip


def _run(adapter: Adapter, store: Store) -> Node:
    run = store.runs.get(adapter.run)
    title = f"Run {adapter.run_number}"
    if run is None:
        return Node("run", "", title, "no longer in the catalog", "pulse", "orange")
    loss = adapter.metrics.get("validation_loss", run.best_loss)
    parts = [formatting.duration(run.elapsed_s)]
    if loss is not None:
        parts.append(f"val loss {loss:.3f}")
    return Node("run", run.id, title, " · ".join(parts), "pulse", "orange")


def _parent(id: str, store: Store) -> Node:
    parent = store.adapters.get(id)
    if parent is None:
        return Node("adapter", "", "Earlier adapter", "no longer in the catalog", "layers",
                    "violet")  # fmt: skip
    loss = parent.metrics.get("validation_loss")
    detail = f"v{parent.version}" + (f" · val loss {loss:.3f}" if loss is not None else "")
    return Node("adapter", id, parent.name, detail, "layers", "violet")


def _step(adapter: Adapter, store: Store) -> str:
    if not adapter.step:
        return ""
    run = store.runs.get(adapter.run)
    best = run is not None and run.best_step == adapter.step
    return f"step {formatting.count(adapter.step)}" + (", best" if best else "")
