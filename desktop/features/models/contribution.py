"""Base models: side bar, page, status item and the commands on them."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from desktop.app import App
from desktop.core.commands import Command
from desktop.features.models import wording
from desktop.features.models.actions import ModelActions
from desktop.workbench.at_hand import at_hand
from desktop.workbench.contributions import (
    Activity,
    DropKind,
    EditorKind,
    PaletteItem,
    PaletteProvider,
)
from desktop.workbench.page import Page
from engine.protocol.records import BaseModel, ModelStatus

CHOOSE_FIRST = "Choose a base model first."
BUILT_IN = "The built-in model stays."


def contribute(app: App) -> None:
    """Add everything the Models feature brings to the workbench."""
    actions = ModelActions(app)
    add_commands(app, actions)
    app.contributions.add_activity(
        Activity(id="models", title="Models", icon="package", order=1, keys="Ctrl+Shift+1",
                 side_bar=lambda: side_bar(app, actions))
    )  # fmt: skip
    app.contributions.add_editor(
        EditorKind(
            id="model",
            icon="package",
            tone="accent",
            make=lambda key: page(app, key),
            title=lambda key: wording.name_of(app.store, key),
            there=lambda key: app.store.engine is None or key in app.store.models,
        )
    )
    app.contributions.add_provider(PaletteProvider(id="models", items=lambda: places(app)))
    app.contributions.add_drop(
        DropKind(id="model", order=10, offer=offer, drop=lambda paths: actions.add(*paths))
    )
    app.contributions.add_to_menu("File", "models.add", "models.add-file", group=2)
    add_status(app)


def add_commands(app: App, actions: ModelActions) -> None:
    def on_model(act: Callable[[BaseModel], object]) -> Callable[[], object]:
        def run() -> None:
            model = app.selection.model
            if model is not None:
                act(model)

        return run

    def chosen() -> bool:
        return app.selection.model is not None

    def here() -> bool:
        return chosen() and at_hand(app.window, kind="model", activity="models")

    def removable() -> bool:
        model = app.selection.model
        return here() and model is not None and model.source != "built-in"

    def ready() -> bool:
        model = app.selection.model
        status = model.status if model is not None else None
        return "chat.new" in app.commands and status is ModelStatus.READY

    def missing() -> bool:
        model = app.selection.model
        return model is not None and model.status is ModelStatus.MISSING

    app.commands.add(
        Command(id="models.add", title="Models: Add Model Folder…", icon="folder-opened",
                run=actions.ask_folder),
        Command(id="models.add-file", title="Models: Add GGUF File…", icon="file",
                run=actions.ask_file),
        Command(id="models.chat", title="Models: Chat with Base Model", icon="comment-discussion",
                run=on_model(actions.chat), enabled=ready,
                reason=lambda: "The model is not ready yet." if chosen() else CHOOSE_FIRST),
        Command(id="models.rename", title="Models: Rename Model…", icon="edit", keys="F2",
                run=on_model(actions.rename), enabled=here, reason=CHOOSE_FIRST),
        Command(id="models.show-folder", title="Models: Show Model Folder", icon="folder-opened",
                run=on_model(actions.show_folder), enabled=chosen, reason=CHOOSE_FIRST),
        Command(id="models.locate", title="Models: Locate Missing Model…", icon="search",
                run=on_model(actions.locate), enabled=missing, reason="No model is missing."),
        Command(id="models.remove", title="Models: Remove Model", icon="trash", keys="Delete",
                run=on_model(actions.remove), enabled=removable,
                reason=lambda: BUILT_IN if here() else CHOOSE_FIRST),
    )  # fmt: skip


def side_bar(app: App, actions: ModelActions) -> QWidget:
    from desktop.features.models.side_bar import ModelsSideBar

    return ModelsSideBar(app, actions)


def page(app: App, key: str) -> Page:
    from desktop.features.models.page import ModelPage

    return ModelPage(app, key)


def places(app: App) -> list[PaletteItem]:
    return [
        PaletteItem(id=model.id, title=model.name, detail="Base model", icon="package",
                    tone="accent", run=lambda id=model.id: app.open("model", id))  # type: ignore[misc]
        for model in app.store.models.values()
    ]  # fmt: skip


def offer(paths: tuple[Path, ...]) -> str:
    """A folder with a config, or a .gguf; an adapter's folder is not ours."""
    return "Add as base model" if all(is_model(path) for path in paths) else ""


def is_model(path: Path) -> bool:
    if path.suffix.lower() == ".gguf":
        return path.is_file()
    folder = path.parent if path.name == "config.json" or path.suffix == ".safetensors" else path
    return (folder / "config.json").is_file() and not (folder / "adapter_config.json").exists()


def add_status(app: App) -> None:
    from desktop.features.models.status import BaseStatus

    BaseStatus(app)
