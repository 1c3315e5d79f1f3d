"""The commands on versions: split, compare, restore, export and mix."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from desktop.app import App
from desktop.core.commands import Command
from desktop.features.datasets import wording
from desktop.features.datasets.exports import Exports
from desktop.features.datasets.version_changes import VersionChanges
from desktop.workbench.contributions import EditorKind
from desktop.workbench.page import Page
from engine.protocol.dataset_specs import EditDataset, SplitSpec
from engine.protocol.records import Dataset

if TYPE_CHECKING:
    from desktop.features.datasets.mix_page import MixPage
    from desktop.features.datasets.versions_page import VersionsPage

CHOOSE_FIRST = "Choose a dataset first."
BEING_CHANGED = "It is being changed."


def contribute_versions(app: App, changes: VersionChanges) -> None:
    """Add the commands, their menus and the two kinds of page."""
    add_commands(app, changes, Exports(app))
    app.contributions.add_editor(
        EditorKind(
            id="dataset-versions",
            icon="history",
            tone="teal",
            make=lambda key: versions_page(app, key),
            title=lambda key: f"Versions of {wording.name_of(app.store, key)}",
            there=lambda key: app.store.engine is None or key in app.store.datasets,
        )
    )
    app.contributions.add_editor(
        EditorKind(id="dataset-mix", icon="combine", tone="teal",
                   make=lambda key: mix_page(app), title=lambda key: "Mix datasets")
    )  # fmt: skip
    app.contributions.add_to_menu("File", "datasets.export", "datasets.mix", group=4)
    app.contributions.add_to_menu("View", "datasets.versions", group=6)
    app.contributions.add_to_menu("Edit", "datasets.split", "datasets.restore", group=7)


def add_commands(app: App, changes: VersionChanges, exports: Exports) -> None:
    app.commands.add(
        Command(id="datasets.split", title="Datasets: Change the Split…", icon="split-horizontal",
                keys="Ctrl+Shift+L", run=lambda: ask_split(app, changes),
                enabled=lambda: app.selection.dataset is not None, reason=CHOOSE_FIRST),
        Command(id="datasets.versions", title="Datasets: Show Versions", icon="history",
                keys="Ctrl+Shift+H", run=lambda: show_versions(app),
                enabled=lambda: app.selection.dataset is not None, reason=CHOOSE_FIRST),
        Command(id="datasets.restore", title="Datasets: Restore Version", icon="discard",
                run=lambda: restore(app, changes), enabled=lambda: not why_no_restore(app),
                reason=lambda: why_no_restore(app)),
        Command(id="datasets.export", title="Datasets: Export…", icon="export",
                run=lambda: ask_export(app, exports),
                enabled=lambda: version_at_hand(app) is not None, reason=CHOOSE_FIRST),
        Command(id="datasets.mix", title="Datasets: Mix Datasets…", icon="combine",
                run=lambda: show_mix(app), enabled=lambda: len(app.store.datasets) > 1,
                reason="Two datasets are needed for a mix."),
        Command(id="datasets.mix-now", title="Datasets: Mix", icon="combine", listed=False,
                run=lambda: mix_now(app), enabled=lambda: shown_mix(app) is not None,
                reason="Open Mix Datasets first."),
    )  # fmt: skip


# The page at the front.


def shown_page(app: App, kind: str) -> Page | None:
    tab = app.window.editors.active_tab
    return app.window.editors.active if tab is not None and tab.kind == kind else None


def shown_versions(app: App) -> "VersionsPage | None":
    return shown_page(app, "dataset-versions")  # type: ignore[return-value]


def shown_mix(app: App) -> "MixPage | None":
    return shown_page(app, "dataset-mix")  # type: ignore[return-value]


def version_at_hand(app: App) -> Dataset | None:
    """The one chosen on the versions page, else the newest of the selected dataset."""
    page = shown_versions(app)
    if page is not None and page.chosen is not None:
        return page.chosen
    return app.selection.dataset


def versions_page(app: App, key: str) -> Page:
    from desktop.features.datasets.versions_page import VersionsPage

    return VersionsPage(app, key)


def mix_page(app: App) -> Page:
    from desktop.features.datasets.mix_page import MixPage

    return MixPage(app)


# What the commands do.


def show_versions(app: App) -> None:
    dataset = app.selection.dataset
    if dataset is not None:
        app.open("dataset-versions", dataset.id)


def why_no_restore(app: App) -> str:
    """Empty when the chosen version can become the newest again."""
    page = shown_versions(app)
    if page is None or page.chosen is None or page.dataset is None:
        return "Choose a version on the page of versions first."
    if wording.job_of(app.store, page.dataset.id) is not None:
        return BEING_CHANGED
    newest = page.chosen.version == page.dataset.version
    return "It is the newest version already." if newest else ""


def restore(app: App, changes: VersionChanges) -> None:
    page = shown_versions(app)
    if page is not None and page.chosen is not None and page.dataset is not None:
        changes.restore(page.dataset, page.chosen.version)


def ask_split(app: App, changes: VersionChanges) -> None:
    """The form at the link of the dataset's page, or on top of the window."""
    from desktop.features.datasets.split_popover import SplitPopover, said

    dataset = app.selection.dataset
    if dataset is None:
        return
    popover = SplitPopover(app, dataset)

    def send(spec: SplitSpec) -> None:
        now = app.store.datasets.get(dataset.id, dataset)
        wanted = EditDataset(now.version, split=spec)
        changes.edit(now, wanted, said, begun=popover.close, failed=popover.refuse)

    popover.asked.connect(send)
    popover.open_at(split_line(app))


def split_line(app: App) -> QWidget | None:
    """The line of the section, while it is in view."""
    inspector = getattr(shown_page(app, "dataset"), "inspector", None)
    line: QWidget | None = getattr(inspector, "split_title", None)
    return line if line is not None and not line.visibleRegion().isEmpty() else None


def ask_export(app: App, exports: Exports) -> None:
    from desktop.features.datasets.export_popover import ExportPopover

    dataset = version_at_hand(app)
    if dataset is not None:
        popover = ExportPopover(app.theme, app.window, dataset)
        popover.asked.connect(partial(exports.ask_file, dataset))
        page = shown_page(app, "dataset-versions") or shown_page(app, "dataset")
        popover.open_at(getattr(page, "export_button", None))


def show_mix(app: App) -> None:
    dataset = app.selection.dataset
    app.open("dataset-mix")
    page = shown_mix(app)
    if page is not None and dataset is not None:
        page.begin_with(dataset.id)


def mix_now(app: App) -> None:
    page = shown_mix(app)
    if page is not None:
        page.mix()
