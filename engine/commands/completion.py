"""What the shell may complete: names that a running engine knows; none is started for it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from engine.protocol.engine_file import data_folder
from engine.protocol.finding_sorts import SORTS, sort_of
from engine.protocol.problems import Refused

if TYPE_CHECKING:
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


def _datasets(ctx: click.Context) -> "tuple[Dataset, ...]":
    from engine.client import EngineClient

    home = ctx.find_root().params.get("home")
    folder = Path(home).expanduser().resolve() if home else data_folder()
    try:
        client = EngineClient.attach(folder)
        return tuple(client.state().datasets) if client else ()
    except Refused:
        return ()
