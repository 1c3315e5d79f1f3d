"""`adapter-studio datasets fix`."""

from collections.abc import Sequence

import click

from engine.commands.completion import complete_finding
from engine.commands.connection import connect
from engine.commands.dataset_arguments import dataset_argument
from engine.commands.dataset_check import FoundSort, found_sorts
from engine.commands.dataset_import import change, examined, named
from engine.commands.near_names import hint
from engine.commands.output import print_table
from engine.protocol.dataset_specs import EditDataset
from engine.protocol.finding_sorts import SORTS, fixed_at_once, sort_of
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset


@click.command("fix")
@dataset_argument
@click.argument("codes", nargs=-1, metavar="[CODE]...", shell_complete=complete_finding)
@click.option("--all", "every", is_flag=True, help="Every error and warning; hints are left alone.")
@click.option("--ignore", is_flag=True, help="Say those findings no more; the rows stay.")
@click.option("--list", "listed", is_flag=True, help="Only show what could be fixed, and how.")
def fix_dataset(
    dataset: str, codes: tuple[str, ...], every: bool, ignore: bool, listed: bool
) -> None:
    """Put sorts of findings right, as a new version.

    The file that the rows came from is not touched, and the earlier version stays. CODE is a
    sort as 'datasets check' names it, such as 'duplicate'.
    """
    if [bool(codes), every, listed].count(True) != 1:
        raise click.UsageError("Name sorts of findings, or give --all or --list.")
    if listed and ignore:
        raise click.UsageError("--list changes nothing, so there is nothing to --ignore.")
    for code in codes:
        refuse_unknown_sort(code)
    client = connect()
    found = examined(client, named(client, dataset))
    sorts = found_sorts(found)
    if listed:
        _print(sorts)
        return
    chosen = _every(found, sorts, ignore=ignore) if every else _present(found, sorts, codes)
    if ignore:
        change(client, found, EditDataset(found.version, ignore=chosen))
    else:
        change(client, found, EditDataset(found.version, fixes=chosen))


def refuse_unknown_sort(code: str) -> None:
    """Raises Refused unless there is such a sort of findings."""
    if code not in SORTS:
        raise Refused(
            "findings.unknown-sort",
            f"There is no sort of findings '{code}'.",
            hint(code, SORTS, f"There are: {', '.join(SORTS)}."),
        )


def _every(dataset: Dataset, sorts: Sequence[FoundSort], *, ignore: bool) -> tuple[str, ...]:
    counts = {each.code: each.count for each in sorts}
    chosen = tuple(counts) if ignore else fixed_at_once(counts)
    if not chosen:
        raise Refused(
            "findings.none",
            f"{dataset.name} has nothing to fix.",
            "Hints are left alone: name their sort, or add --ignore."
            if sorts
            else "Nothing was found in it.",
        )
    return chosen


def _present(dataset: Dataset, sorts: Sequence[FoundSort], codes: Sequence[str]) -> tuple[str, ...]:
    present = [each.code for each in sorts]
    for code in codes:
        if code not in present:
            raise Refused(
                "findings.none",
                f"{dataset.name} has no {sort_of(code).many}.",
                f"It has: {', '.join(present)}." if present else "Nothing was found in it.",
            )
    return tuple(dict.fromkeys(codes))


def _print(sorts: Sequence[FoundSort]) -> None:
    print_table(
        ["Code", "Severity", "Found", "Fix"],
        ([each.code, each.severity, each.message, each.button] for each in sorts),
    )
