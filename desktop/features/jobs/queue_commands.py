"""Commands on the queue: the order of jobs, and when a run starts."""

from collections.abc import Callable

from msgspec.structs import replace

from desktop.app import App
from desktop.core.commands import Choice, Command
from desktop.core.settings import Settings
from desktop.features.jobs.job_actions import JobActions
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.queue_order import one_down, one_up
from engine.protocol.start_rules import StartRule

MOVES = ("jobs.up", "jobs.move-up", "jobs.move-down")
WHEN = ("jobs.any-time", "jobs.after", "jobs.only-idle", "jobs.only-at-night")
NIGHT = "jobs.night-hours"  # the setting, for rules to come
USUAL_NIGHTS = ("20:00-06:00", "20:00-08:00", "22:00-07:00", "23:00-06:00", "00:00-08:00")
NOT_QUEUED = "Choose a queued job."
NO_RUN = "Choose a run that is still to come or under way."


def add_queue_commands(app: App, actions: JobActions) -> None:
    """Add what moves jobs and what says when they start."""
    _add_moves(app, actions)
    _add_rules(app, actions)


def holds(app: App, command: str) -> bool:
    """Whether that is how the selected job's rule is now, for the mark in the menu."""
    job = app.selection.job
    rule = job.start_rule if job is not None else StartRule()
    return {
        "jobs.any-time": False,  # an act, not a state
        "jobs.after": bool(rule.after),
        "jobs.only-idle": rule.only_idle,
        "jobs.only-at-night": rule.only_at_night,
    }[command]


def _add_moves(app: App, actions: JobActions) -> None:
    def place(by: Callable[[list[str], str], str | None]) -> str | None:
        job = app.selection.job
        queued = job is not None and job.state is JobState.QUEUED
        return by(actions.queue(), job.id) if job is not None and queued else None

    def move(by: Callable[[list[str], str], str | None]) -> None:
        before, job = place(by), app.selection.job
        if before is not None and job is not None:
            actions.move(job, before)

    def first(queue: list[str], id: str) -> str | None:
        return queue[0] if queue[0] != id else None

    app.commands.add(
        Command(id="jobs.up", title="Jobs: Start Next", icon="arrow-up",
                run=lambda: actions.on_selected(
                    lambda job: actions.move_far(job, actions.queue()[0])),
                enabled=lambda: place(first) is not None,
                reason="Choose a queued job that is not the first."),
        Command(id="jobs.move-up", title="Jobs: Move Up in the Queue", icon="chevron-up",
                run=lambda: move(one_up), enabled=lambda: place(one_up) is not None,
                reason="Choose a queued job that is not the first."),
        Command(id="jobs.move-down", title="Jobs: Move Down in the Queue", icon="chevron-down",
                run=lambda: move(one_down), enabled=lambda: place(one_down) is not None,
                reason="Choose a queued job that is not the last."),
    )  # fmt: skip


def _add_rules(app: App, actions: JobActions) -> None:
    def run() -> Job | None:
        job = app.selection.job
        return job if job is not None and job.kind is JobKind.TRAIN and not job.ended else None

    def change(rule_of: Callable[[StartRule], StartRule]) -> None:
        job = run()
        if job is not None:
            actions.start_when(job, rule_of(job.start_rule))

    def ruled() -> bool:
        job = run()
        return job is not None and not job.start_rule.empty

    def at_night(rule: StartRule) -> StartRule:
        hours = night_hours(app.settings)
        return replace(rule, only_at_night=not rule.only_at_night, night_hours=hours)

    app.commands.add(
        Command(id="jobs.any-time", title="Jobs: Start Without Waiting", icon="play",
                run=lambda: change(lambda rule: StartRule()), enabled=ruled,
                reason="Choose a run that waits for something."),
        Command(id="jobs.after", title="Jobs: Start After Another Job…", icon="clockface",
                choices=lambda: _others(app, actions),
                enabled=lambda: bool(_others(app, actions)),
                reason="Choose a run that does not run yet, while there is another job."),
        Command(id="jobs.only-idle", title="Jobs: Run Only While Idle", icon="dashboard",
                run=lambda: change(lambda rule: replace(rule, only_idle=not rule.only_idle)),
                enabled=lambda: run() is not None, reason=NO_RUN),
        Command(id="jobs.only-at-night", title="Jobs: Run Only at Night", icon="color-mode",
                run=lambda: change(at_night), enabled=lambda: run() is not None, reason=NO_RUN),
        Command(id=NIGHT, title="Jobs: Hours of the Night…", icon="color-mode",
                choices=lambda: _nights(app.settings)),
    )  # fmt: skip


def night_hours(settings: Settings) -> str:
    return settings.get(NIGHT, StartRule().night_hours)


def _nights(settings: Settings) -> list[Choice]:
    now = night_hours(settings)
    return [
        Choice(
            id=hours,
            title=hours.replace("-", " to "),
            detail="as it is now" if hours == now else "",
            run=lambda hours=hours: settings.set(NIGHT, hours),  # type: ignore[misc]
        )
        for hours in sorted({*USUAL_NIGHTS, now})
    ]


def _others(app: App, actions: JobActions) -> list[Choice]:
    """What the selected run can wait for: everything that has not ended, but itself."""
    job = app.selection.job
    if job is None or job.kind is not JobKind.TRAIN or job.ended or job.state is JobState.RUNNING:
        return []
    rule = job.start_rule
    others = [each for each in app.store.jobs.values() if not each.ended and each.id != job.id]
    return [
        Choice(
            id=other.id,
            title=other.title,
            detail="it waits for that now" if rule.after == other.id else "",
            run=lambda id=other.id: actions.start_when(job, replace(rule, after=id)),  # type: ignore[misc]
        )
        for other in others
    ]
