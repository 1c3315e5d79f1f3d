"""What the commands of the Adapters feature do."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from desktop.app import App
from desktop.workbench.file_choice import choose_folder
from desktop.workbench.imports import Imports, whole_thing
from desktop.workbench.record_changes import RecordChanges
from engine.protocol.specs import AddPath

CONFIG = "adapter_config.json"


class AdapterActions:
    """Acts on the selected adapter, asking the engine."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._imports = Imports(app.client, app.store, app.notifications, app)
        self._changes = RecordChanges(app.theme, app.client, app.notifications, app.window)

    def choose(self) -> None:
        choose_folder(
            self._app.window, "Choose an adapter folder", lambda path: self.add_folders((path,))
        )

    def add_folders(self, paths: Sequence[Path]) -> None:
        """Ask for each to be imported; its page opens when it is there."""
        for path in paths:
            wanted = AddPath(str(whole_thing(path)), kind="adapter")
            self._imports.add(wanted, lambda id: self._app.open("adapter", id))

    def delete(self) -> None:
        adapter = self._app.selection.adapter
        if adapter is not None:
            self._changes.remove("adapters", adapter.id, f"{adapter.name} v{adapter.version}")

    def rename(self) -> None:
        adapter = self._app.selection.adapter
        if adapter is not None:
            self._changes.rename("adapters", adapter.id, adapter.name)

    def show_folder(self) -> None:
        adapter = self._app.selection.adapter
        if adapter is None:
            return
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(adapter.path)):
            QGuiApplication.clipboard().setText(adapter.path)
            self._app.notifications.show(
                "No file manager answered; the folder's path is copied.", "warning"
            )

    def copy_hash(self) -> None:
        adapter = self._app.selection.adapter
        if adapter is not None:
            QGuiApplication.clipboard().setText(adapter.hash)
            self._app.notifications.show("Copied.", "done")

    def duplicate(self) -> None:
        adapter = self._app.selection.adapter
        if adapter is not None:
            self._app.selection.set("run", adapter.run)
            self._app.commands.run("runs.again")

    def close_removed(self, ids: set[str]) -> None:
        """Pages of adapters that are gone close themselves."""
        for id in ids - self._app.store.adapters.keys():
            self._app.window.editors.close_page("adapter", id)
            if self._app.selection.id("adapter") == id:
                self._app.selection.set("adapter", "")


def is_adapter(path: Path) -> bool:
    """A folder with PEFT's config, or that file itself."""
    return path.name == CONFIG if path.is_file() else (path / CONFIG).is_file()
