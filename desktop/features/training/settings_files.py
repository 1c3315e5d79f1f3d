"""Presets and whole runs' settings as TOML files: read into the draft, written from it."""

from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace
from PySide6.QtCore import QObject, QSaveFile

from desktop.app import App
from desktop.features.training.preset_actions import PresetActions
from desktop.features.training.run_actions import RunActions
from desktop.workbench.file_choice import choose_files, choose_new_file
from engine.protocol.problems import Problem, Refused
from engine.protocol.records import BaseModel, Dataset, Run
from engine.protocol.settings_file import (
    LIMIT,
    format_preset,
    format_spec,
    parse_settings,
    spec_of_run,
)
from engine.protocol.specs import Preset, TrainSpec

KIND = "Settings (*.toml)"
R = TypeVar("R", BaseModel, Dataset)


class SettingsFiles(QObject):
    def __init__(self, app: App, actions: RunActions, presets: PresetActions) -> None:
        super().__init__(app)
        self._app, self._actions, self._presets = app, actions, presets

    # From a file.

    def choose(self) -> None:
        choose_files(self._app.window, "Import Settings", [KIND], lambda paths: self.read(paths[0]))

    def read(self, path: Path) -> None:
        """A preset is kept and applied; a run's settings fill the draft."""
        try:
            with path.open("rb") as file:
                found = parse_settings(file.read(LIMIT + 1))
        except OSError as error:
            text = f"{path.name} cannot be read: {error.strerror}."
            self._tell(Problem("settings.no-file", text, "Choose another file."))
        except Refused as refusal:
            problem = refusal.problem
            self._tell(replace(problem, message=f"{path.name}: {problem.message}"))
        else:
            self._take(found)

    def _take(self, found: Preset | TrainSpec) -> None:
        if isinstance(found, Preset):
            self._presets.save(found, then=self._actions.apply, failed=self._tell)
        else:
            self._fill(found)

    def _fill(self, spec: TrainSpec) -> None:
        """Base and dataset are found by name; what is not here is left open and said."""
        store = self._app.store
        base, dataset = _named(store.models, spec.base), _named(store.datasets, spec.dataset)
        self._actions.fill(replace(spec, base=base, dataset=dataset))
        missing = [
            (kind, name)
            for kind, name, id in (
                ("base model", spec.base, base),
                ("dataset", spec.dataset, dataset),
            )
            if not id
        ]
        for kind, name in missing:
            self._tell(Problem(
                f"{kind.replace(' ', '-')}.unknown", f"There is no {kind} '{name}' here.",
                "Add it and choose it, or choose another one.",
            ))  # fmt: skip

    # To a file.

    def export_run(self, run: Run) -> None:
        self._ask_where(run.name, format_spec(spec_of_run(run)))

    def export_spec(self, spec: TrainSpec) -> None:
        """Of a run that has not started: its ids become names."""
        base = self._app.store.models.get(spec.base)
        dataset = self._app.store.datasets.get(spec.dataset)
        named = replace(
            spec, base=base.name if base else "", dataset=dataset.name if dataset else ""
        )
        self._ask_where(spec.name or "run", format_spec(named))

    def export_preset(self, preset: Preset) -> None:
        self._ask_where(preset.title, format_preset(preset))

    def _ask_where(self, name: str, content: bytes) -> None:
        path = Path.home() / f"{name.replace('/', '-')}.toml"
        choose_new_file(self._app.window, "Export Settings", path, KIND,
                        lambda chosen: self.write(chosen, content))  # fmt: skip

    def write(self, path: Path, content: bytes) -> None:
        file = QSaveFile(str(path))
        whole = file.open(QSaveFile.OpenModeFlag.WriteOnly) and file.write(content) == len(content)
        if whole and file.commit():
            self._app.notifications.show(f"The settings are in {path.name}.")
        else:
            text = f"{path.name} cannot be written: {file.errorString()}."
            self._tell(Problem("settings.not-written", text, "Choose another folder."))

    def _tell(self, problem: Problem) -> None:
        self._app.notifications.problem(problem)


def _named(records: dict[str, R], text: str) -> str:
    """Its id, or "" when there is none of that name."""
    if text in records:
        return text
    same = [id for id, record in records.items() if record.name == text]
    return same[0] if len(same) == 1 else ""
