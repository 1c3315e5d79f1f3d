"""Adapters: the list, the page of one, importing, renaming, deleting."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QWidget

from desktop.app import App
from desktop.core.commands import Command
from desktop.core.engine_process import EngineState
from desktop.features.adapters.actions import AdapterActions, is_adapter
from desktop.workbench.at_hand import at_hand
from desktop.workbench.contributions import (
    Activity,
    DropKind,
    EditorKind,
    PaletteItem,
    PaletteProvider,
)
from desktop.workbench.page import Page
from desktop.workbench.status_bar import StatusText

CHOOSE = "Choose an adapter first."


def contribute(app: App) -> None:
    """Add everything the Adapters feature brings to the workbench."""
    actions = AdapterActions(app)
    add_commands(app, actions)
    app.contributions.add_activity(
        Activity(id="adapters", title="Adapters", icon="layers", order=2, keys="Ctrl+Shift+2",
                 side_bar=lambda: make_side_bar(app))
    )  # fmt: skip
    app.contributions.add_editor(
        EditorKind(
            id="adapter",
            icon="layers",
            tone="violet",
            make=lambda key: make_page(app, key),
            title=lambda key: title_of(app, key),
            there=lambda key: app.store.state is not EngineState.READY or key in app.store.adapters,
        )
    )
    app.contributions.add_provider(PaletteProvider(id="adapters", items=lambda: places(app)))
    app.contributions.add_drop(
        DropKind(id="adapter", order=10, offer=offer, drop=actions.add_folders)
    )
    app.contributions.add_to_menu("File", "adapters.import", group=3)
    app.contributions.add_to_menu("Edit", "adapters.rename", "adapters.delete", group=6)
    app.store.adapters_changed.connect(actions.close_removed)
    add_status(app)


def add_commands(app: App, actions: AdapterActions) -> None:
    chosen = partial(has_adapter, app)
    app.commands.add(
        Command(id="adapters.import", title="Adapters: Import Adapter from Folder…",
                icon="folder-opened", run=actions.choose,
                enabled=lambda: app.store.state is EngineState.READY,
                reason="The engine is not ready yet."),
        Command(id="adapters.rename", title="Adapters: Rename Adapter…", icon="edit", keys="F2",
                run=actions.rename, enabled=lambda: can_rename(app), reason=CHOOSE),
        Command(id="adapters.delete", title="Adapters: Delete Adapter", icon="trash",
                run=actions.delete, enabled=chosen, reason=CHOOSE),
        Command(id="adapters.show-folder", title="Adapters: Show Folder", icon="folder-opened",
                run=actions.show_folder, enabled=chosen, reason=CHOOSE),
        Command(id="adapters.copy-hash", title="Adapters: Copy Hash", icon="copy",
                run=actions.copy_hash, enabled=chosen, reason=CHOOSE),
        Command(id="adapters.duplicate", title="Adapters: Duplicate as New Run", icon="copy",
                run=actions.duplicate, enabled=lambda: can_duplicate(app),
                reason=lambda: why_no_duplicate(app)),
    )  # fmt: skip


def has_adapter(app: App) -> bool:
    return app.selection.adapter is not None


def can_rename(app: App) -> bool:
    """F2 means the adapter while its list has the focus or its page is in front."""
    return has_adapter(app) and at_hand(app.window, kind="adapter", activity="adapters")


def can_duplicate(app: App) -> bool:
    adapter = app.selection.adapter
    return adapter is not None and adapter.run in app.store.runs and "runs.again" in app.commands


def why_no_duplicate(app: App) -> str:
    adapter = app.selection.adapter
    if adapter is None:
        return CHOOSE
    return "It was trained elsewhere." if adapter.imported else "Its run is no longer there."


def make_side_bar(app: App) -> QWidget:
    from desktop.features.adapters.side_bar import AdaptersSideBar

    return AdaptersSideBar(app)


def make_page(app: App, key: str) -> Page:
    from desktop.features.adapters.page import AdapterPage

    return AdapterPage(app, key)


def title_of(app: App, key: str) -> str:
    adapter = app.store.adapters.get(key)
    return adapter.name if adapter is not None else ""


def places(app: App) -> Iterable[PaletteItem]:
    found = sorted(app.store.adapters.values(), key=lambda each: -each.created_at)
    for adapter in found:
        yield PaletteItem(id=adapter.id, title=adapter.name, icon="layers", tone="violet",
                          detail=f"v{adapter.version} · {adapter.base_name}",
                          run=partial(app.open, "adapter", adapter.id))  # fmt: skip


def offer(paths: tuple[Path, ...]) -> str:
    return "Add as adapter" if paths and all(is_adapter(path) for path in paths) else ""


def add_status(app: App) -> None:
    """The adapter at hand; a click asks which one to chat with."""

    def run() -> None:
        if "chat.switch" in app.commands:
            app.commands.run("chat.switch")
        elif app.selection.adapter is not None:
            app.open("adapter", app.selection.adapter.id)

    item = app.window.status.add("Adapter", side="right", order=10, priority=60, run=run)

    def refresh(_: object = None) -> None:
        adapter = app.selection.adapter
        if adapter is None:
            item.show_status(StatusText())
        else:
            tip = f"Adapter {adapter.name} v{adapter.version}"
            item.show_status(StatusText(text=adapter.name, icon="layers", tone="violet", tip=tip))

    app.selection.changed.connect(refresh)
    app.store.adapters_changed.connect(refresh)
