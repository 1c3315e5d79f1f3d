"""`adapter-studio datasets check`: what was found in the rows, by its sort."""

from collections.abc import Iterable, Iterator

import click
from msgspec import Struct

from engine.commands.completion import complete_dataset
from engine.commands.connection import connect
from engine.commands.dataset_import import dataset_or_file, examined, quoted
from engine.commands.output import json_option, print_json, print_line, visible
from engine.protocol.finding_sorts import Act, counted, sort_of
from engine.protocol.records import Dataset, Finding

FIRST_SHOWN = 3  # findings of each sort
SEVERITIES = {"error": "bold red", "warning": "yellow", "information": "cyan"}  # the worst first
TROUBLE = ("error", "warning")


class FoundSort(Struct, frozen=True):
    """One sort of findings in a dataset, and the command that puts it right."""

    code: str
    severity: str
    count: int
    message: str  # "14 exact duplicates"
    act: Act
    button: str  # "Remove"
    fix: str  # "adapter-studio datasets fix NAME duplicate"
    findings: tuple[Finding, ...]  # the first 100


class Check(Struct, frozen=True):
    """What `datasets check --json` prints."""

    dataset: str  # id
    name: str
    version: int
    rows: int
    sorts: tuple[FoundSort, ...]  # the worst first


@click.command("check")
@click.argument("dataset", metavar="DATASET|FILE", shell_complete=complete_dataset)
@json_option
def check_dataset(dataset: str, as_json: bool) -> int:
    """Show what is wrong, and how to fix it.

    A file is added first. Exit status 1: there are errors or warnings.
    """
    client = connect()
    found = examined(client, dataset_or_file(client, dataset))
    sorts = found_sorts(found)
    if as_json:
        print_json(Check(found.id, found.name, found.version, found.rows, sorts))
    else:
        _print(found, sorts)
    return 1 if any(each.severity in TROUBLE for each in sorts) else 0


def found_sorts(dataset: Dataset) -> tuple[FoundSort, ...]:
    """The sorts that a dataset has, the worst first."""
    found = (_found(dataset, code, count) for code, count in dataset.finding_counts.items())
    return tuple(sorted(found, key=lambda each: [*SEVERITIES].index(each.severity)))


def counted_findings(dataset: Dataset) -> list[str]:
    """As in "14 exact duplicates", the worst first."""
    return [each.message for each in found_sorts(dataset)]


def finding_line(finding: Finding) -> str:
    """As in "support.jsonl:12: Same as line 3"."""
    line = "" if finding.line is None else f":{finding.line}"
    where = f"{finding.file}{line}: " if finding.file else ""
    return visible(f"{where}{finding.message}")


def _found(dataset: Dataset, code: str, count: int) -> FoundSort:
    sort = sort_of(code)
    findings = tuple(each for each in dataset.findings if each.code == code)
    return FoundSort(
        code=code,
        severity=_worst((each.severity for each in findings), sort.severity),
        count=count,
        message=counted(code, count),
        act=sort.act,
        button=sort.fix,
        fix=f"adapter-studio datasets fix {quoted(dataset.name)} {code}",
        findings=findings,
    )


def _worst(severities: Iterable[str], otherwise: str) -> str:
    """A finding's own severity wins over that of its sort."""
    return min(severities, key=[*SEVERITIES].index, default=otherwise)


def _print(dataset: Dataset, sorts: tuple[FoundSort, ...]) -> None:
    count = dataset.finding_count
    told = f"{count:,} finding{'' if count == 1 else 's'}" if sorts else "nothing wrong"
    print_line(f"{dataset.name}, version {dataset.version}: {dataset.rows:,} rows, {told}.")
    for sort in sorts:
        print_line("")
        print_line((f"{sort.severity}: ", SEVERITIES[sort.severity]), (sort.message, "bold"))
        for line in _first(sort):
            print_line(f"  {line}")
        print_line((f"  {sort.button}: ", "dim"), sort.fix)


def _first(sort: FoundSort) -> Iterator[str]:
    for finding in sort.findings[:FIRST_SHOWN]:
        yield finding_line(finding)
    if sort.count > FIRST_SHOWN:
        yield f"and {sort.count - FIRST_SHOWN:,} more"
