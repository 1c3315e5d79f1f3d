"""`adapter-studio jobs when`, `move` and `queue`: when jobs start, and in which order."""

import re
import time

import click
from msgspec.structs import replace

from engine.client import EngineClient
from engine.commands.completion import complete_job
from engine.commands.connection import connect
from engine.commands.figures import duration, moment
from engine.commands.names import SHORT_ID, find_job
from engine.commands.output import json_option, note, print_json, print_table, visible
from engine.protocol.events import State
from engine.protocol.jobs import Job, JobState
from engine.protocol.options import options_of
from engine.protocol.queue_order import in_order, one_down, one_up, start_times
from engine.protocol.start_rules import HOURS, Move, StartRule

HELP = {option.path: option.help for option in options_of(StartRule)}


def check_hours(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value is not None and re.match(HOURS, value) is None:
        raise click.BadParameter(f"'{value}' is no span of hours; write it like 22:00-07:00.")
    return value


@click.command("when")
@click.argument("job", shell_complete=complete_job)
@click.option("--after", metavar="JOB", default="", shell_complete=complete_job, help=HELP["after"])
@click.option("--idle", is_flag=True, help=HELP["only_idle"])
@click.option("--night", is_flag=True, help=HELP["only_at_night"])
@click.option("--hours", metavar="FROM-TO", callback=check_hours, help=HELP["night_hours"])
@click.option("--now", is_flag=True, help="Take every condition back.")
@json_option
def when(
    job: str,
    after: str,
    idle: bool,
    night: bool,
    hours: str | None,
    now: bool,
    as_json: bool,
) -> None:
    """Say when a training starts.

    What is given replaces what was there; several conditions have to hold together. Without any
    option it only shows what there is. --hours is a night of your own.
    """
    wanted = bool(after or idle or night or hours)
    if wanted and now:
        raise click.UsageError("--now takes every condition back; give it alone.")
    client = connect()
    state = client.state()
    found = find_job(state, job)
    if wanted or now:
        rule = StartRule(
            after=find_job(state, after).id if after else "",
            only_idle=idle,
            only_at_night=night or hours is not None,
        )
        if hours is not None:
            rule = replace(rule, night_hours=hours)
        found = client.put(f"/api/jobs/{found.id}/start-rule", rule, Job)
        state = client.state()
    if as_json:
        print_json(found)
    else:
        note(f"{visible(found.title)}: {_words(found, state)}")


@click.command("move")
@click.argument("job", shell_complete=complete_job)
@click.option("--up", "where", flag_value="up", help="One place towards the front.")
@click.option("--down", "where", flag_value="down", help="One place towards the end.")
@click.option("--first", "where", flag_value="first", help="To the front: it starts next.")
@click.option("--last", "where", flag_value="last", help="To the end.")
@click.option("--before", metavar="JOB", default="", shell_complete=complete_job,
              help="Before another job in the queue.")  # fmt: skip
def move(job: str, where: str | None, before: str) -> None:
    """Move a job in the queue."""
    if bool(where) == bool(before):
        raise click.UsageError("Say where with one of --up, --down, --first, --last and --before.")
    client = connect()
    state = client.state()
    found = find_job(state, job)
    queue = [each.id for each in in_order(state.jobs)]
    place: str | None
    match where:
        case "up":
            place = one_up(queue, found.id)
        case "down":
            place = one_down(queue, found.id)
        case "first":
            place = queue[0] if queue else ""
        case "last":
            place = ""
        case _:
            place = find_job(state, before).id
    if place is not None:
        client.post(f"/api/jobs/{found.id}/move", Move(place), Job)
    _print_queue(client)


@click.command("queue")
@json_option
def show_queue(as_json: bool) -> None:
    """List what waits, in the order of its start."""
    client = connect()
    if as_json:
        print_json(in_order(client.state().jobs))
    else:
        _print_queue(client)


def _print_queue(client: EngineClient) -> None:
    state = client.state()
    running = [job for job in state.jobs if job.state is JobState.RUNNING]
    print_table(
        ["Place>", "Job", "Id", "Starts"],
        [
            *(["", job.title, job.id[:SHORT_ID], _words(job, state)] for job in running),
            *(
                [str(place), job.title, job.id[:SHORT_ID], _words(job, state)]
                for place, job in enumerate(in_order(state.jobs), start=1)
            ),
        ],
    )


def _words(job: Job, state: State) -> str:
    """As in "Waits for run #12, starts about 2026-03-10 15:40"."""
    if job.state is JobState.RUNNING:
        left = f", {duration(job.remaining_s)} left" if job.remaining_s is not None else ""
        return f"runs{left}"
    if job.state is not JobState.QUEUED:
        return job.state.value
    starts = start_times(state.jobs, time.time()).get(job.id)
    parts = [job.detail] if job.detail and not job.start_rule.empty else []
    if starts is not None:
        parts.append(f"starts about {moment(starts)}")
    return ", ".join(parts) or "starts when its turn comes"
