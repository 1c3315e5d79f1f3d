"""Datasets: side bar, page, Problems tab and the commands on them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from desktop.app import App
from desktop.core.commands import Command
from desktop.core.store import Store
from desktop.features.datasets import wording
from desktop.features.datasets.actions import DatasetActions, belong_together
from desktop.features.datasets.edit_commands import add_edit_commands, in_rows
from desktop.features.datasets.fixes import Fixes
from desktop.features.datasets.pending_edits import EditBook
from desktop.features.datasets.problem_commands import add_problems
from desktop.features.datasets.template_commands import add_template_commands
from desktop.features.datasets.version_changes import VersionChanges
from desktop.features.datasets.version_commands import contribute_versions
from desktop.workbench.at_hand import at_hand
from desktop.workbench.contributions import (
    Activity,
    DropKind,
    EditorKind,
    PaletteItem,
    PaletteProvider,
)
from desktop.workbench.page import Page
from engine.protocol.data_files import is_data_name, split_of
from engine.protocol.finding_sorts import fixed_at_once
from engine.protocol.records import Dataset

if TYPE_CHECKING:
    from desktop.features.datasets.page import DatasetPage

CHOOSE_FIRST = "Choose a dataset first."
MIXED = "It was mixed from other datasets, so there is no file."


def contribute(app: App) -> None:
    """Add everything the Datasets feature brings to the workbench."""
    actions, changes = DatasetActions(app), VersionChanges(app)
    fixes, edits = Fixes(changes), EditBook(app.settings, app)
    add_commands(app, actions)
    add_template_commands(app)
    contribute_versions(app, changes)
    app.contributions.add_activity(
        Activity(id="datasets", title="Datasets", icon="database", order=3, keys="Ctrl+Shift+3",
                 side_bar=lambda: side_bar(app, actions))
    )  # fmt: skip
    app.contributions.add_editor(
        EditorKind(
            id="dataset",
            icon="database",
            tone="teal",
            make=lambda key: page(app, key, fixes, edits),
            title=lambda key: wording.name_of(app.store, key),
            there=lambda key: wording.is_there(app.store, key),
        )
    )
    app.contributions.add_provider(PaletteProvider(id="datasets", items=lambda: places(app)))
    app.contributions.add_provider(
        PaletteProvider(id="rows", prefix=":", items=lambda: row_places(app))
    )
    add_edit_commands(app)
    add_drops(app, actions)
    add_problems(app, fixes)
    app.contributions.add_to_menu("File", "datasets.add", group=1)
    app.contributions.add_to_menu("Edit", "datasets.find", group=3)
    app.contributions.add_to_menu("Train", "datasets.train", group=3)
    app.contributions.empty_editor.append("datasets.add")
    app.contributions.early.append("desktop.features.datasets.page")


def add_commands(app: App, actions: DatasetActions) -> None:
    def on_dataset(act: Callable[[Dataset], object]) -> Callable[[], object]:
        def run() -> None:
            dataset = app.selection.dataset
            if dataset is not None:
                act(dataset)

        return run

    def chosen() -> bool:
        return app.selection.dataset is not None

    def here() -> bool:
        """At the dataset itself; within its rows these keys are the rows'."""
        there = chosen() and at_hand(app.window, kind="dataset", activity="datasets")
        return there and not in_rows(app)

    def trainable() -> bool:
        dataset = app.selection.dataset
        return "runs.new" in app.commands and dataset is not None and dataset.train_rows > 0

    def idle() -> bool:
        dataset = app.selection.dataset
        return dataset is not None and not why_no_reading(app.store, dataset)

    def why_not_idle() -> str:
        dataset = app.selection.dataset
        return why_no_reading(app.store, dataset) if dataset is not None else CHOOSE_FIRST

    def has_file() -> bool:
        dataset = app.selection.dataset
        return dataset is not None and not dataset.made_of

    app.commands.add(
        Command(id="datasets.add", title="File: Add File…", icon="add", keys="Ctrl+O",
                run=actions.ask_files),
        Command(id="datasets.add-sample", title="Datasets: Add the Sample", icon="database",
                run=actions.add_sample),
        Command(id="datasets.train", title="Datasets: Train with This Dataset", icon="pulse",
                run=on_dataset(actions.train), enabled=trainable,
                reason=lambda: "It has no training rows." if chosen() else CHOOSE_FIRST),
        Command(id="datasets.reread", title="Datasets: Read the File Again", icon="refresh",
                run=on_dataset(actions.reread), enabled=idle,
                reason=why_not_idle),
        Command(id="datasets.rename", title="Datasets: Rename Dataset…", icon="edit", keys="F2",
                run=on_dataset(actions.rename), enabled=here, reason=CHOOSE_FIRST),
        Command(id="datasets.show-file", title="Datasets: Show Source Folder",
                icon="folder-opened", run=on_dataset(actions.show_file), enabled=has_file,
                reason=lambda: MIXED if chosen() else CHOOSE_FIRST),
        Command(id="datasets.remove", title="Datasets: Remove Dataset", icon="trash",
                keys="Delete", run=on_dataset(actions.remove), enabled=here, reason=CHOOSE_FIRST),
    )  # fmt: skip
    add_page_commands(app)


def why_no_reading(store: Store, dataset: Dataset) -> str:
    """Empty when its file can be read again."""
    if dataset.made_of:
        return MIXED
    return "It is being changed." if wording.job_of(store, dataset.id) is not None else ""


def add_page_commands(app: App) -> None:
    """On the page at the front; other features may have the same keys on theirs."""

    def active() -> "DatasetPage | None":
        tab = app.window.editors.active_tab
        here = tab is not None and tab.kind == "dataset"
        return app.window.editors.active if here else None  # type: ignore[return-value]

    def on_page(act: Callable[["DatasetPage"], object]) -> Callable[[], object]:
        def run() -> None:
            shown = active()
            if shown is not None:
                act(shown)

        return run

    def there() -> bool:
        return active() is not None

    def findings() -> tuple[str, ...]:
        dataset = app.selection.dataset
        return fixed_at_once(dataset.finding_counts) if dataset is not None else ()

    app.commands.add(
        Command(id="datasets.find", title="Datasets: Find in the Rows", icon="search",
                keys="Ctrl+F", run=on_page(lambda shown: shown.find_bar.open_bar()), enabled=there,
                reason="Open a dataset first."),
        Command(id="datasets.next-row", title="Datasets: Next Row", icon="chevron-down",
                keys="F3", run=on_page(lambda shown: shown.table.step(1)), enabled=there),
        Command(id="datasets.earlier-row", title="Datasets: Earlier Row", icon="chevron-up",
                keys="Shift+F3", run=on_page(lambda shown: shown.table.step(-1)), enabled=there),
        Command(id="datasets.fix-all", title="Datasets: Fix All Findings", icon="lightbulb",
                run=on_page(lambda shown: shown.fix_all()),
                enabled=lambda: there() and bool(findings()),
                reason=lambda: "No problems found." if there() else "Open a dataset first."),
        Command(id="datasets.check", title="Datasets: Check Again", icon="checklist",
                run=on_page(lambda shown: shown.check()), enabled=there,
                reason="Open a dataset first."),
        Command(id="datasets.unfold", title="Datasets: Unfold the Row's Tokens",
                run=on_page(lambda shown: shown.inspector.box.unfold_all()), enabled=there),
    )  # fmt: skip


def side_bar(app: App, actions: DatasetActions) -> QWidget:
    from desktop.features.datasets.side_bar import DatasetsSideBar

    return DatasetsSideBar(app, actions)


def page(app: App, key: str, fixes: Fixes, edits: EditBook) -> Page:
    from desktop.features.datasets.page import DatasetPage

    return DatasetPage(app, key, fixes, edits.of(key))


def places(app: App) -> list[PaletteItem]:
    return [
        PaletteItem(id=each.id, title=each.name, detail=wording.in_short(each), icon="database",
                    tone="teal", run=lambda id=each.id: app.open("dataset", id))  # type: ignore[misc]
        for each in app.store.datasets.values()
    ]  # fmt: skip


def row_places(app: App) -> list[PaletteItem]:
    """The one row that the number after the colon names; a million rows are no list."""
    shown = app.window.editors.active
    text = app.window.palette_box.field.text().removeprefix(":").strip().replace(",", "")
    dataset = app.selection.dataset
    tab = app.window.editors.active_tab
    if tab is None or tab.kind != "dataset" or dataset is None or shown is None:
        return []
    if not text.isdecimal() or not 1 <= int(text) <= dataset.rows:
        return []
    number = int(text)
    return [
        PaletteItem(
            id=text,
            title=f"Go to row {text}",
            detail=dataset.name,
            icon="go-to-file",
            run=lambda: shown.go_to_row(number),  # type: ignore[attr-defined]
        )
    ]


def add_drops(app: App, actions: DatasetActions) -> None:
    def offer(paths: tuple[Path, ...]) -> str:
        if not all(is_data_name(path.name) for path in paths):
            return ""
        if len(paths) == 1:
            return "Add as dataset"
        if belong_together(paths):
            return f"Add as one dataset: {', '.join(split_of(path.name) for path in paths)}"
        return f"Add {len(paths)} datasets"

    def offer_anything(paths: tuple[Path, ...]) -> str:
        return "Add; what it is, is decided from its content" if paths else ""

    app.contributions.add_drop(
        DropKind(id="dataset", order=30, offer=offer, drop=actions.add_paths)
    )
    app.contributions.add_drop(
        DropKind(id="anything", order=900, offer=offer_anything,
                 drop=lambda paths: actions.add("", *paths))
    )  # fmt: skip
