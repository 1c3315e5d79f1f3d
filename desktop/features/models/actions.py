"""What can be done with base models."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from desktop.app import App
from desktop.workbench.file_choice import choose_files, choose_folder
from desktop.workbench.imports import Imports, whole_thing
from desktop.workbench.record_changes import RecordChanges
from engine.protocol.problems import Problem
from engine.protocol.records import BaseModel
from engine.protocol.specs import AddPath


class ModelActions(QObject):
    """The commands' bodies; they act on the selected model."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self._app = app
        self._imports = Imports(app.client, app.store, app.notifications, self)
        self._changes = RecordChanges(app.theme, app.client, app.notifications, app.window)

    def add(self, *paths: Path) -> None:
        """Each becomes a base model; its page opens when it is there."""
        for path in paths:
            wanted = AddPath(path=str(whole_thing(path)), kind="model")
            self._imports.add(wanted, lambda id: self._app.open("model", id))

    def ask_folder(self) -> None:
        choose_folder(self._app.window, "Add a model folder", self.add)

    def ask_file(self) -> None:
        choose_files(self._app.window, "Add a GGUF file", ["GGUF models (*.gguf)"],
                     lambda paths: self.add(*paths))  # fmt: skip

    def chat(self, model: BaseModel) -> None:
        self._app.selection.set("model", model.id)
        self._app.selection.set("adapter", "")
        self._app.commands.run("chat.new")

    def remove(self, model: BaseModel) -> None:
        close = lambda: self._app.window.editors.close_page("model", model.id)  # noqa: E731
        self._changes.remove("models", model.id, model.name, close)

    def rename(self, model: BaseModel) -> None:
        self._changes.rename("models", model.id, model.name)

    def show_folder(self, model: BaseModel) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(model.path))

    def locate(self, model: BaseModel) -> None:
        """Ask where the folder is now."""
        choose_folder(self._app.window, f"Where is {model.name}?",
                      lambda folder: self.move(model, folder))  # fmt: skip

    def move(self, model: BaseModel, folder: Path) -> None:
        """Add the folder in the missing model's place; its adapters follow by fingerprint.

        The old record goes first, so that the new one can have its name and its adapters, and
        comes back when the folder is refused.
        """

        def removed(answer: dict[str, Any]) -> None:
            wanted = AddPath(path=str(folder), kind="model", name=model.name)
            self._imports.add(wanted, arrived, lambda problem: put_back(problem, answer["undo"]))

        def arrived(id: str) -> None:
            self._app.window.editors.close_page("model", model.id)
            self._app.open("model", id)

        def put_back(problem: Problem, undo: str) -> None:
            self._app.client.post(f"/api/trash/{undo}/restore")
            self._app.notifications.problem(problem)

        self._app.client.delete(f"/api/models/{model.id}", answer=dict, then=removed, owner=self)
