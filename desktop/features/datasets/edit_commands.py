"""Commands that edit, sort and sample the rows of the dataset at the front."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from desktop.app import App
from desktop.core.commands import Choice, Command

if TYPE_CHECKING:
    from desktop.features.datasets.page import DatasetPage

OPEN_FIRST = "Open a dataset first."


def page_in_front(app: App) -> "DatasetPage | None":
    tab = app.window.editors.active_tab
    here = tab is not None and tab.kind == "dataset"
    return app.window.editors.active if here else None  # type: ignore[return-value]


def in_rows(app: App) -> bool:
    """Whether keys like F2 and Delete go to the rows, not to the dataset."""
    page = page_in_front(app)
    return page is not None and page.table.hasFocus()


def add_edit_commands(app: App) -> None:
    def on_page(act: Callable[["DatasetPage"], object]) -> Callable[[], object]:
        def run() -> None:
            shown = page_in_front(app)
            if shown is not None:
                act(shown)

        return run

    def there() -> bool:
        return page_in_front(app) is not None

    def at_rows() -> bool:
        return in_rows(app) or (app.window.palette_box.isVisible() and there())

    def can(act: str) -> Callable[[], bool]:
        def enabled() -> bool:
            page = page_in_front(app)
            return page is not None and bool(getattr(page.editing.edits.stack, act)())

        return enabled

    def unsaved() -> bool:
        page = page_in_front(app)
        return page is not None and page.editing.unsaved

    app.commands.add(
        Command(id="datasets.edit-cell", title="Datasets: Edit Cell", icon="edit", keys="F2",
                run=on_page(lambda shown: shown.editing.edit_current()), enabled=at_rows,
                reason=OPEN_FIRST),
        Command(id="datasets.add-row", title="Datasets: Add Row", icon="add",
                keys="Ctrl+Shift+N", run=on_page(lambda shown: shown.editing.add_row()),
                enabled=there, reason=OPEN_FIRST),
        Command(id="datasets.remove-rows", title="Datasets: Remove or Keep Rows", icon="trash",
                keys="Delete", run=on_page(lambda shown: shown.editing.remove_chosen()),
                enabled=at_rows, reason=OPEN_FIRST),
        Command(id="datasets.undo-edit", title="Datasets: Undo Edit", icon="discard",
                keys="Ctrl+Z", run=on_page(lambda shown: shown.editing.undo()),
                enabled=can("canUndo"), reason="There is nothing to undo."),
        Command(id="datasets.redo-edit", title="Datasets: Redo Edit", keys="Ctrl+Shift+Z",
                run=on_page(lambda shown: shown.editing.redo()), enabled=can("canRedo"),
                reason="There is nothing to redo."),
        Command(id="datasets.save-edits", title="Datasets: Save Changes as a Version",
                icon="check", run=on_page(lambda shown: shown.editing.save()),
                enabled=unsaved, reason="No row was changed."),
        Command(id="datasets.discard-edits", title="Datasets: Discard Changes", icon="discard",
                run=on_page(lambda shown: shown.editing.strip.discard_all()), enabled=unsaved,
                reason="No row was changed."),
        Command(id="datasets.sort", title="Datasets: Sort by Column…", icon="arrow-down",
                choices=lambda: sort_choices(app), enabled=there, reason=OPEN_FIRST),
        Command(id="datasets.sample-batch", title="Datasets: Sample a Packed Batch",
                icon="layers", run=on_page(lambda shown: shown.explore.sample_batch()),
                enabled=there, reason=OPEN_FIRST),
    )  # fmt: skip
    add = app.contributions.add_to_menu
    add("Edit", "datasets.undo-edit", "datasets.redo-edit", group=1)
    add("Edit", "datasets.edit-cell", "datasets.add-row", "datasets.remove-rows", group=4)
    add("Edit", "datasets.sort", group=5)
    add("File", "datasets.save-edits", group=8)
    add("Train", "datasets.sample-batch", group=3)


def sort_choices(app: App) -> list[Choice]:
    """Each column in both directions, and the file's own order."""
    page = page_in_front(app)
    if page is None:
        return []
    wanted = page.rows.wanted
    found = [
        Choice(
            id=f"{column}-{way}",
            title=f"{column}, {way}",
            icon=icon,
            detail="in use" if (wanted.sort, wanted.descending) == (column, descending) else "",
            run=partial(page.explore.sort_by, column, descending=descending),
        )
        for column in page.rows.columns
        for way, descending, icon in (
            ("ascending", False, "arrow-up"),
            ("descending", True, "arrow-down"),
        )
    ]
    own = Choice(id="own", title="The file's order", icon="file", run=page.explore.unsort)
    return [own, *found] if wanted.sort else found
