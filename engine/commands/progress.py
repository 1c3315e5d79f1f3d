"""Watch a job in the terminal: a bar when somebody looks, a few lines when nobody does."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from click.exceptions import Exit

from engine.client import EngineClient
from engine.commands.figures import duration
from engine.commands.names import SHORT_ID
from engine.commands.output import console, note, visible
from engine.protocol.events import Event, RunChanged
from engine.protocol.jobs import Job, JobState
from engine.protocol.problems import Problem, Refused
from engine.protocol.records import Run

DETACHED = 130  # exit status: stopped by Ctrl+C
LINE_EVERY, LINE_EVERY_S = 0.1, 30.0  # of the whole, and of time, when lines are printed


Show = Callable[[float, str], None]  # how far (0..1), and words about it


class Watched:
    """The newest version of a job, and of the run that it trains."""

    def __init__(self, job: Job, show: Show) -> None:
        self.job = job
        self.run: Run | None = None
        self._show = show

    def change(self, job: Job) -> None:
        self.job = job
        self._show(job.progress, self.words())

    def hear(self, event: Event) -> None:
        if isinstance(event, RunChanged) and event.run.job == self.job.id:
            self.run = event.run
            self._show(self.job.progress, self.words())

    def words(self) -> str:
        """As in "step 40 of 72 · loss 0.2143 · validation 0.2310 · 35 s left"."""
        job, run = self.job, self.run
        waits = job.state is JobState.QUEUED and not job.start_rule.empty
        told = job.detail if waits or job.state is JobState.RUNNING else ""
        parts = [told or job.state.value]
        if run and run.train_loss is not None:
            parts.append(f"loss {run.train_loss:.4f}")
        if run and run.validation_loss is not None:
            parts.append(f"validation {run.validation_loss:.4f}")
        if job.state is JobState.RUNNING and job.remaining_s is not None:
            parts.append(f"{duration(job.remaining_s)} left")
        return " · ".join(parts)


def watch(client: EngineClient, job: Job) -> Job:
    """Show a job's progress to its end. Raises Refused unless it is done.

    Ctrl+C only stops watching: the engine works on, and the way back is printed.
    """
    try:
        with shown(job.title) as show:
            watched = Watched(job, show)
            ended = client.wait_for_job(job.id, watched.change, on_event=watched.hear)
    except KeyboardInterrupt:
        note(f"{visible(job.title)} goes on in the background.")
        note(f"Come back to it with: adapter-studio jobs wait {job.id[:SHORT_ID]}")
        raise Exit(DETACHED) from None
    if ended.state is JobState.DONE:
        return ended
    problem = ended.problem or Problem(
        "job.cancelled",
        f"'{ended.title}' was cancelled.",
        f"Take it up again with 'adapter-studio jobs resume {ended.id[:SHORT_ID]}'.",
    )
    raise Refused.from_problem(problem)


@contextmanager
def shown(title: str) -> Iterator[Show]:
    """A bar on standard error while the block runs, or lines when that is no terminal."""
    title = visible(title)
    if not sys.stderr.isatty():
        yield _lines(title)
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TextColumn("{task.fields[words]}", style="dim", markup=False),
    )
    with Progress(*columns, console=console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=1.0, words="")
        yield lambda done, words: progress.update(task, completed=done, words=visible(words))


def _lines(title: str) -> Show:
    """A line every tenth of the way, and every half minute on a long way."""
    last_tenth, last_at = -1, 0.0

    def show(done: float, words: str) -> None:
        nonlocal last_tenth, last_at
        tenth, now = int(done / LINE_EVERY), time.monotonic()
        if tenth != last_tenth or now - last_at > LINE_EVERY_S:
            last_tenth, last_at = tenth, now
            note(f"{title}: {done:.0%} {visible(words)}")

    return show
