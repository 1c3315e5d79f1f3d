"""`adapter-studio jobs`."""

import click

from engine.commands.completion import complete_any_job, complete_job
from engine.commands.connection import connect
from engine.commands.figures import duration, loss, moment
from engine.commands.job_queue import move, show_queue, when
from engine.commands.names import SHORT_ID, find_job
from engine.commands.output import json_option, note, print_facts, print_json, print_table, visible
from engine.commands.progress import watch
from engine.protocol.events import State
from engine.protocol.jobs import Job

jobs = click.Group("jobs")
MOST_LOG_BYTES = 1024 * 1024


@jobs.command("list")
@click.option("--active", is_flag=True, help="Only those that are not over.")
@json_option
def list_jobs(active: bool, as_json: bool) -> None:
    """List jobs, the newest first."""
    found = sorted(connect().state().jobs, key=lambda job: -job.created_at)
    if active:
        found = [job for job in found if job.active]
    if as_json:
        print_json(found)
        return
    print_table(
        ["Job", "Id", "State", "Done>", "Detail", "Created"],
        (
            [
                job.title,
                job.id[:SHORT_ID],
                job.state,
                f"{job.progress:.0%}",
                job.problem.message if job.problem else job.detail,
                moment(job.created_at),
            ]
            for job in found
        ),
    )


@jobs.command("show")
@click.argument("job", shell_complete=complete_any_job)
@json_option
def show_job(job: str, as_json: bool) -> None:
    """Show one job.

    JOB is an id or its beginning, the name of a run, or its number like "#3".
    """
    state = connect().state()
    found = find_job(state, job)
    if as_json:
        print_json(found)
    else:
        print_facts(_facts(state, found))


@jobs.command("wait")
@click.argument("job", shell_complete=complete_job)
def wait_for_job(job: str) -> None:
    """Watch a job to its end.

    Ctrl+C stops only the watching.
    """
    client = connect()
    ended = watch(client, find_job(client.state(), job))
    note(f"{visible(ended.title)} is done.")


@jobs.command("log")
@click.argument("job", shell_complete=complete_any_job)
@click.option("--tail", type=click.IntRange(min=1), default=200, help="Lines from the end [200].")
def show_log(job: str, tail: int) -> None:
    """Print the end of a job's log."""
    client = connect()
    found = find_job(client.state(), job)
    content = client.send("GET", f"/api/jobs/{found.id}/log?tail={MOST_LOG_BYTES}")
    for line in content.decode("utf-8", "replace").splitlines()[-tail:]:
        print(visible(line))


def _steer(verb: str, help_text: str, done: str) -> None:
    """Add a command that asks the engine for one thing; the answer comes through the job."""

    complete = complete_any_job if verb == "resume" else complete_job

    @jobs.command(verb, help=help_text)
    @click.argument("job", shell_complete=complete)
    def steer(job: str) -> None:
        client = connect()
        found = find_job(client.state(), job)
        client.send("POST", f"/api/jobs/{found.id}/{verb}")
        note(f"{visible(found.title)} {done}.")


_steer("cancel", "End a job.\n\nA training keeps its last checkpoint.", "is cancelled")
_steer("pause", "Pause a training.\n\nIt ends its step and saves a checkpoint.", "will pause")
_steer("resume", "Go on with a job.\n\nIt may be paused, cancelled or failed.", "goes on")
_steer(
    "stop",
    "Stop a training.\n\nIts best checkpoint becomes an adapter; 'resume' still goes on.",
    "stops and keeps its best checkpoint",
)
_steer(
    "finish", "End a training with an adapter.\n\nIts best checkpoint so far is kept.", "finishes"
)


def _facts(state: State, job: Job) -> list[tuple[str, str]]:
    run = next((each for each in state.runs if each.job == job.id), None)
    facts = [
        ("Job", job.title),
        ("Id", job.id),
        ("State", job.state),
        ("Done", f"{job.progress:.0%} {job.detail}"),
        ("Left", duration(job.remaining_s) if job.remaining_s is not None else ""),
        ("Created", moment(job.created_at)),
        ("Started", moment(job.started_at)),
        ("Ended", moment(job.ended_at)),
        ("Attempts", str(job.attempts)),
    ]
    if run:
        facts += [
            ("Run", f"#{run.number} {run.name}"),
            ("Base", run.base_name),
            ("Dataset", f"{run.dataset_name} version {run.dataset_version}"),
            ("Train loss", loss(run.train_loss)),
            ("Validation", loss(run.validation_loss)),
            ("Best", f"{loss(run.best_loss)} at step {run.best_step}" if run.best_step else ""),
            ("Advice", run.advice),
            *(("Notice", notice) for notice in run.notices),
        ]
    if job.problem:
        facts += [("Problem", job.problem.message), ("Hint", job.problem.hint)]
    return facts


for command in (when, move, show_queue):
    jobs.add_command(command)
