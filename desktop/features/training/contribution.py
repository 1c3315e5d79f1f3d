"""Training: new runs, runs under way and what became of them."""

from PySide6.QtWidgets import QWidget

from desktop.app import App
from desktop.core.engine_process import EngineState
from desktop.features.training.commands import add_commands, places
from desktop.features.training.draft import Draft
from desktop.features.training.plot_library import PlotLibrary
from desktop.features.training.preset_actions import PresetActions
from desktop.features.training.run_actions import RunActions
from desktop.features.training.running_job import RunningJob
from desktop.features.training.settings_commands import add_settings_commands
from desktop.features.training.settings_files import SettingsFiles
from desktop.workbench.contributions import Activity, EditorKind, PaletteProvider
from desktop.workbench.page import Page


def contribute(app: App) -> None:
    """Add the Runs activity, its pages and commands."""
    draft = Draft(app.settings, app)
    actions = RunActions(app, draft)
    presets = PresetActions(app, draft)
    files = SettingsFiles(app, actions, presets)
    library = PlotLibrary(app)
    add_commands(app, draft, actions)
    add_settings_commands(app, presets, files)

    def side_bar() -> QWidget:
        from desktop.features.training.runs_side_bar import RunsSideBar

        return RunsSideBar(app, draft, actions, files)

    def new_run(key: str) -> Page:
        from desktop.features.training.new_run_page import NewRunPage

        draft.begin()
        return NewRunPage(app, draft, actions, presets=presets, files=files)

    def run(key: str) -> Page:
        from desktop.features.training.run_page import RunPage

        return RunPage(app, key, actions, library)

    def there(key: str) -> bool:
        """Before the engine has answered, a restored tab gets the benefit of the doubt."""
        return app.store.state is not EngineState.READY or key in app.store.runs

    def title(key: str) -> str:
        return app.store.runs[key].name if key in app.store.runs else ""  # the saved one stays

    contributions = app.contributions
    contributions.add_activity(
        Activity(id="runs", title="Runs", icon="pulse", order=4, keys="Ctrl+Shift+4",
                 side_bar=side_bar)
    )  # fmt: skip
    contributions.add_editor(
        EditorKind(id="new-run", icon="pulse", tone="orange", make=new_run,
                   title=lambda key: "New run", there=lambda key: draft.exists)
    )  # fmt: skip
    contributions.add_editor(
        EditorKind(id="run", icon="pulse", tone="orange", make=run, title=title, there=there)
    )
    contributions.add_provider(
        PaletteProvider(id="runs", items=lambda: places(app, numbered=False))
    )
    contributions.add_provider(
        PaletteProvider(id="run numbers", prefix="#", items=lambda: places(app, numbered=True))
    )
    contributions.empty_editor.append("runs.new")
    RunningJob(app)
