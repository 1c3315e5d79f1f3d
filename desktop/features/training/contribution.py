"""Training: new runs, runs under way and what became of them."""

from PySide6.QtWidgets import QWidget

from desktop.app import App
from desktop.core.engine_process import EngineState
from desktop.features.training.commands import add_commands, places
from desktop.features.training.compare_commands import add_compare_commands
from desktop.features.training.comparisons import KIND, Comparisons, ids_of
from desktop.features.training.draft import Draft
from desktop.features.training.ended_runs import EndedRuns
from desktop.features.training.look_commands import add_look_commands
from desktop.features.training.plot_library import PlotLibrary
from desktop.features.training.plot_look import PlotLook
from desktop.features.training.run_actions import RunActions
from desktop.features.training.running_job import RunningJob
from desktop.workbench.contributions import Activity, EditorKind, PaletteProvider
from desktop.workbench.desktop_notices import DesktopNotices
from desktop.workbench.page import Page


def contribute(app: App) -> None:
    """Add the Runs activity, its pages and commands."""
    draft = Draft(app.settings, app)
    actions = RunActions(app, draft)
    library = PlotLibrary(app)
    look = PlotLook(app.settings, app)
    add_commands(app, draft, actions)
    add_look_commands(app, look)
    comparisons = Comparisons(app)
    add_compare_commands(app, comparisons)

    def side_bar() -> QWidget:
        from desktop.features.training.runs_side_bar import RunsSideBar

        return RunsSideBar(app, draft, actions, comparisons)

    def new_run(key: str) -> Page:
        from desktop.features.training.new_run_page import NewRunPage

        draft.begin()
        return NewRunPage(app, draft, actions)

    def run(key: str) -> Page:
        from desktop.features.training.run_page import RunPage

        return RunPage(app, key, actions, library, look)

    def compare(key: str) -> Page:
        from desktop.features.training.compare_page import ComparePage

        return ComparePage(app, key, library, look)

    def there(key: str) -> bool:
        """Before the engine has answered, a restored tab gets the benefit of the doubt."""
        return app.store.state is not EngineState.READY or key in app.store.runs

    def title(key: str) -> str:
        return app.store.runs[key].name if key in app.store.runs else ""  # the saved one stays

    def compared(key: str) -> str:
        return f"Compare {len(ids_of(key))} runs"

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
    contributions.add_editor(
        EditorKind(id=KIND, icon="graph", tone="orange", make=compare, title=compared,
                   there=lambda key: any(there(id) for id in ids_of(key)))
    )  # fmt: skip
    contributions.add_provider(
        PaletteProvider(id="runs", items=lambda: places(app, numbered=False))
    )
    contributions.add_provider(
        PaletteProvider(id="run numbers", prefix="#", items=lambda: places(app, numbered=True))
    )
    contributions.empty_editor.append("runs.new")
    RunningJob(app)
    EndedRuns(app, DesktopNotices(app.window, app.settings).show)
