"""What a person can do with runs."""

from collections.abc import Callable

from desktop.app import App
from desktop.core.commands import Command
from desktop.features.training.draft import Draft
from desktop.features.training.run_actions import RunActions
from desktop.workbench.contributions import PaletteItem
from engine.protocol.jobs import JobState
from engine.protocol.records import Run

RESUMABLE = (JobState.PAUSED, JobState.FAILED, JobState.CANCELLED, JobState.INTERRUPTED)
CHOOSE = "Choose a run first."


def add_commands(app: App, draft: Draft, actions: RunActions) -> None:
    _add_new(app, draft, actions)
    _add_control(app, actions)
    _add_rest(app, actions)
    menu = app.contributions.add_to_menu
    menu("File", "runs.new", group=1)
    menu("Train", "runs.new", "runs.again", group=1)
    menu(
        "Train",
        "runs.start",
        "runs.pause",
        "runs.resume",
        "runs.stop",
        "runs.finish",
        "runs.keep",
        group=2,
    )
    menu("Train", "runs.open-adapter", "runs.save-picture", "runs.save-table", group=3)
    menu("Edit", "runs.remove", "runs.discard", group=5)


def _add_new(app: App, draft: Draft, actions: RunActions) -> None:
    def new() -> None:
        base, dataset = app.selection.model, app.selection.dataset
        actions.new(base=base.id if base else "", dataset=dataset.id if dataset else "")

    def discard() -> None:
        data = draft.take()
        app.window.editors.close_page("new-run")
        app.notifications.undo("The draft is discarded.", lambda: draft.put(**data))

    app.commands.add(
        Command(id="runs.new", title="Runs: New Run", icon="add", keys="Ctrl+N", run=new),
        Command(id="runs.discard", title="Runs: Discard Draft", icon="trash", run=discard,
                enabled=lambda: draft.exists, reason="There is no draft."),
    )  # fmt: skip


def _in(app: App, *states: JobState) -> Callable[[], bool]:
    return lambda: app.selection.run is not None and app.selection.run.state in states


def _on(app: App, act: Callable[[Run], object]) -> Callable[[], None]:
    """Run it on the selected run."""

    def run() -> None:
        chosen = app.selection.run
        if chosen is not None:
            act(chosen)

    return run


def _add_control(app: App, actions: RunActions) -> None:
    def on_new_run() -> bool:
        tab = app.window.editors.active_tab
        return tab is not None and tab.kind == "new-run"

    def start() -> None:
        page = app.window.editors.active
        if on_new_run() and page is not None and page.primary is not None:
            page.primary()
        else:
            _on(app, lambda run: actions.ask(run, "resume"))()

    def can_keep() -> bool:
        run = app.selection.run
        ended = (JobState.FAILED, JobState.CANCELLED)
        return run is not None and run.state in ended and bool(run.checkpoints)

    resumable = _in(app, *RESUMABLE)
    under_way = _in(app, JobState.RUNNING, JobState.QUEUED)
    app.commands.add(
        Command(id="runs.start", title="Runs: Start or Resume", icon="play", keys="F5", run=start,
                enabled=lambda: on_new_run() or resumable(),
                reason="Open a new run, or choose one that is paused or stopped."),
        Command(id="runs.pause", title="Runs: Pause", icon="debug-pause", keys="Ctrl+F5",
                run=_on(app, lambda run: actions.ask(run, "pause")), enabled=under_way,
                reason="Choose a run that is under way."),
        Command(id="runs.stop", title="Runs: Stop", icon="debug-stop", keys="Shift+F5",
                run=_on(app, actions.stop), reason="Choose a run that is under way.",
                enabled=_in(app, JobState.RUNNING, JobState.QUEUED, JobState.PAUSED,
                            JobState.INTERRUPTED)),
        Command(id="runs.keep", title="Runs: Keep the Best Checkpoint", icon="layers",
                run=_on(app, actions.keep), enabled=can_keep,
                reason="Choose a run that failed or was stopped, with a checkpoint."),
        Command(id="runs.resume", title="Runs: Resume", icon="debug-continue",
                run=_on(app, lambda run: actions.ask(run, "resume")), enabled=resumable,
                reason="Choose a run that is paused, stopped or failed."),
        Command(id="runs.finish", title="Runs: Finish with the Best Checkpoint", icon="star-full",
                run=_on(app, lambda run: actions.ask(run, "finish")),
                enabled=_in(app, JobState.RUNNING), reason="Choose a run that is running."),
    )  # fmt: skip


def _add_rest(app: App, actions: RunActions) -> None:
    chosen = lambda: app.selection.run is not None  # noqa: E731

    def removable() -> bool:
        run = app.selection.run
        return run is not None and run.state not in (JobState.RUNNING, JobState.QUEUED)

    def has_adapter() -> bool:
        run = app.selection.run
        return run is not None and run.adapter in app.store.adapters

    def save(kind: str) -> Callable[[], None]:
        def run() -> None:
            page = app.window.editors.active
            plots = getattr(page, "plots", None)
            if plots is not None:
                plots.save(kind)

        return run

    def on_run() -> bool:
        tab = app.window.editors.active_tab
        return tab is not None and tab.kind == "run"

    app.commands.add(
        Command(id="runs.again", title="Runs: Run Again with…", icon="refresh",
                run=_on(app, actions.again), enabled=chosen, reason=CHOOSE),
        Command(id="runs.open-adapter", title="Runs: Open Adapter", icon="layers",
                run=_on(app, actions.open_adapter), enabled=has_adapter,
                reason="Choose a run that has made its adapter."),
        Command(id="runs.remove", title="Runs: Delete Run", icon="trash",
                run=_on(app, actions.remove), enabled=removable,
                reason="Choose a run that is not under way."),
        Command(id="runs.save-picture", title="Runs: Save Plots as PNG…", icon="graph",
                run=save("png"), enabled=on_run, reason="Open a run first."),
        Command(id="runs.save-table", title="Runs: Save Metrics as CSV…", icon="graph",
                run=save("csv"), enabled=on_run, reason="Open a run first."),
    )  # fmt: skip


def places(app: App, *, numbered: bool) -> list[PaletteItem]:
    """Every run to go to, the newest first; with `numbered` its number leads."""
    runs = sorted(app.store.runs.values(), key=lambda run: -run.number)
    return [
        PaletteItem(
            id=f"run {run.id}",
            title=f"{run.number} {run.name}" if numbered else run.name,
            detail=f"Run {run.number} · {run.dataset_name}",
            icon="pulse",
            tone="orange",
            run=lambda id=run.id: app.open("run", id),  # type: ignore[misc]
        )
        for run in runs
    ]
