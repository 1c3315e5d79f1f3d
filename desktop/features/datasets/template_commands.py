"""The commands on a dataset's template and on the length its rows are looked at with."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from desktop.app import App
from desktop.core.commands import Choice, Command
from desktop.features.datasets.limits import limits_for

if TYPE_CHECKING:
    from desktop.features.datasets.page import DatasetPage
    from desktop.features.datasets.template_editing import TemplateEditing

OPEN_FIRST = "Open a dataset first."
OPEN_EDITOR = "Open the template editor first."


def add_template_commands(app: App) -> None:
    """On the page at the front."""

    def page() -> "DatasetPage | None":
        tab = app.window.editors.active_tab
        here = tab is not None and tab.kind == "dataset"
        return app.window.editors.active if here else None  # type: ignore[return-value]

    def editing() -> "TemplateEditing | None":
        shown = page()
        return shown.templates.editing if shown is not None and shown.templates.is_open else None

    def edit() -> None:
        shown = page()
        if shown is not None:
            shown.templates.open()

    def on_draft(act: Callable[["TemplateEditing"], object]) -> Callable[[], None]:
        def run() -> None:
            now = editing()
            if now is not None:
                act(now)

        return run

    def holds(rule: Callable[["TemplateEditing"], bool]) -> Callable[[], bool]:
        def enabled() -> bool:
            now = editing()
            return now is not None and rule(now)

        return enabled

    def why_not_used() -> str:
        now = editing()
        return now.why_not_used() if now is not None else OPEN_EDITOR

    def why_else(reason: str) -> Callable[[], str]:
        return lambda: reason if editing() is not None else OPEN_EDITOR

    app.commands.add(
        Command(id="datasets.edit-template", title="Datasets: Edit Template…", icon="edit",
                keys="Ctrl+Shift+Y", run=edit, enabled=lambda: page() is not None,
                reason=OPEN_FIRST),
        Command(id="datasets.use-template", title="Datasets: Use the Template", icon="check",
                run=on_draft(lambda now: now.use()),
                enabled=holds(lambda now: not now.why_not_used()), reason=why_not_used),
        Command(id="datasets.save-template", title="Datasets: Save Template to Gallery…",
                icon="add", run=on_draft(lambda now: ask_name(app, now)),
                enabled=holds(lambda now: now.draft.template is not None),
                reason=why_else("The model's own template needs no place in the gallery.")),
        Command(id="datasets.remove-template", title="Datasets: Remove Template from Gallery",
                icon="trash", run=on_draft(lambda now: now.gallery.remove(now.own_name())),
                enabled=holds(lambda now: bool(now.own_name())),
                reason=why_else("Only templates of your own can be removed.")),
        Command(id="datasets.choose-limit", title="Datasets: Choose the Length Limit…",
                choices=lambda: limit_choices(page()), enabled=lambda: page() is not None,
                reason=OPEN_FIRST),
    )  # fmt: skip
    app.contributions.add_to_menu(
        "Edit", "datasets.edit-template", "datasets.save-template", "datasets.remove-template",
        group=4,
    )  # fmt: skip
    app.contributions.add_to_menu("Train", "datasets.use-template", group=3)
    app.contributions.add_to_menu("View", "datasets.choose-limit", group=7)


def limit_choices(page: "DatasetPage | None") -> list[Choice]:
    if page is None:
        return []
    return [
        Choice(id=str(limit), title=f"{limit:,} tokens",
               run=lambda limit=limit: page.set_limit(limit))  # type: ignore[misc]
        for limit in limits_for(page.base)
    ]  # fmt: skip


def ask_name(app: App, editing: "TemplateEditing") -> None:
    """In a small field over the window; it stays open while the name is refused."""
    from msgspec.structs import replace

    from desktop.workbench.record_changes import RenamePopover

    template = editing.draft.template
    if template is None:
        return

    def send(name: str) -> None:
        editing.gallery.save(replace(template, name=name), popover.refuse)

    popover = RenamePopover(app.theme, app.window, template.name, send,
                            title="Name in the gallery", same_too=True)  # fmt: skip
    popover.field.setMaxLength(80)
    editing.gallery.kept.connect(popover.close)
