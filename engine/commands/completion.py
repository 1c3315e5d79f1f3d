"""What the shell may complete: names that a running engine knows; none is started for it."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from engine.commands.names import SHORT_ID
from engine.protocol.engine_file import data_folder
from engine.protocol.finding_sorts import SORTS, sort_of
from engine.protocol.problems import Refused

if TYPE_CHECKING:
    from engine.protocol.events import State
    from engine.protocol.records import Dataset


def complete_dataset(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Names of datasets."""
    return [
        CompletionItem(each.name, help=f"{each.rows:,} rows")
        for each in _datasets(ctx)
        if each.name.casefold().startswith(incomplete.casefold())
    ]


def complete_finding(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Sorts of findings: those of the dataset that is named, or all."""
    named = ctx.params.get("dataset")
    counts = next((each.finding_counts for each in _datasets(ctx) if each.name == named), None)
    return [
        CompletionItem(code, help=sort_of(code).many)
        for code in (SORTS if counts is None else counts)
        if code.startswith(incomplete)
    ]


def complete_job(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Jobs that have not ended."""
    return _jobs(ctx, incomplete, ended=False)


def complete_any_job(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Jobs, those that have ended too."""
    return _jobs(ctx, incomplete, ended=True)


def _jobs(ctx: click.Context, incomplete: str, *, ended: bool) -> list[CompletionItem]:
    """By the name of their run where no other has it, else by the beginning of their id."""
    state = _state(ctx)
    if state is None:
        return []
    names = Counter(run.name for run in state.runs)
    unique = {run.job: run.name for run in state.runs if names[run.name] == 1}
    return [
        CompletionItem(name, help=f"{job.title}, {job.state}")
        for job in state.jobs
        if (ended or not job.ended)
        and (name := unique.get(job.id, job.id[:SHORT_ID]))
        .casefold()
        .startswith(incomplete.casefold())
    ]


def _datasets(ctx: click.Context) -> "tuple[Dataset, ...]":
    state = _state(ctx)
    return () if state is None else tuple(state.datasets)


def _state(ctx: click.Context) -> "State | None":
    from engine.client import EngineClient

    home = ctx.find_root().params.get("home")
    folder = Path(home).expanduser().resolve() if home else data_folder()
    try:
        client = EngineClient.attach(folder)
        return client.state() if client else None
    except Refused:
        return None
