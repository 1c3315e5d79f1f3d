"""Jobs: what the engine does now, what waits, what has ended."""

from PySide6.QtWidgets import QWidget

from desktop.app import App
from desktop.core.commands import Command
from desktop.features.jobs.attention import Attention
from desktop.features.jobs.closing import Closing
from desktop.features.jobs.job_actions import JobActions
from desktop.features.jobs.queue_commands import add_queue_commands
from desktop.workbench.contributions import PanelTab
from engine.protocol.jobs import JobKind, JobState

RESUMABLE = (JobState.PAUSED, JobState.INTERRUPTED, JobState.FAILED, JobState.CANCELLED)


def contribute(app: App) -> None:
    """Add the Jobs tab of the panel and the commands on jobs."""
    actions = JobActions(app)
    add_commands(app, actions)
    add_queue_commands(app, actions)

    def make() -> QWidget:
        from desktop.features.jobs.jobs_view import JobsView

        return JobsView(app, actions)

    app.contributions.add_panel(PanelTab(id="jobs", title="Jobs", order=0, make=make))
    app.contributions.add_to_menu("View", "jobs.show", group=4)

    def count(changed: object = None) -> None:
        app.window.panel.set_count("jobs", sum(job.active for job in app.store.jobs.values()))

    app.store.jobs_changed.connect(count)
    Attention(app)
    app.window.may_close = Closing(app).may_close


def add_commands(app: App, actions: JobActions) -> None:
    def state() -> JobState | None:
        return app.selection.job.state if app.selection.job is not None else None

    def trains() -> bool:
        job = app.selection.job
        return job is not None and job.kind is JobKind.TRAIN

    app.commands.add(
        Command(id="jobs.show", title="View: Show Jobs", icon="sync", keys="Ctrl+Shift+J",
                run=lambda: app.window.show_panel(True, "jobs", focus=True)),
        Command(id="jobs.cancel", title="Jobs: Cancel Job", icon="debug-stop",
                run=lambda: actions.on_selected(actions.cancel),
                enabled=lambda: app.selection.job is not None and app.selection.job.active,
                reason="Choose a job that has not ended."),
        Command(id="jobs.pause", title="Jobs: Pause Job", icon="debug-pause",
                run=lambda: actions.on_selected(lambda job: actions.ask(job, "pause")),
                enabled=lambda: trains() and state() in (JobState.RUNNING, JobState.QUEUED),
                reason="Only a training under way can be paused."),
        Command(id="jobs.resume", title="Jobs: Resume Job", icon="debug-continue",
                run=lambda: actions.on_selected(lambda job: actions.ask(job, "resume")),
                enabled=lambda: state() in RESUMABLE,
                reason="Choose a job that is paused, stopped or failed."),
        Command(id="jobs.log", title="Jobs: Show Log", icon="output",
                run=lambda: actions.on_selected(actions.show_log),
                enabled=lambda: app.selection.job is not None, reason="Choose a job first."),
        Command(id="jobs.open", title="Jobs: Open What It Makes", icon="go-to-file",
                run=lambda: actions.on_selected(actions.open_subject),
                enabled=actions.can_open, reason="There is nothing to open yet."),
    )  # fmt: skip
