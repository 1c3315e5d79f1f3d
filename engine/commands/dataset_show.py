"""`adapter-studio datasets show`."""

import click

from engine.client import EngineClient
from engine.commands.completion import complete_finding
from engine.commands.connection import connect
from engine.commands.dataset_arguments import ROW_NUMBER, dataset_argument, row_range
from engine.commands.dataset_check import counted_findings, finding_line
from engine.commands.dataset_fixes import refuse_unknown_sort
from engine.commands.dataset_import import named
from engine.commands.dataset_rows import SHOWN, one_row, print_row, print_rows, rows_of
from engine.commands.dataset_versions import all_versions, version_of
from engine.commands.figures import duration, moment, size
from engine.commands.names import find
from engine.commands.output import console, json_option, print_facts, print_json, visible
from engine.protocol.dataset_specs import RowQuery, SplitSpec
from engine.protocol.options import options_of
from engine.protocol.records import Dataset
from engine.protocol.specs import TrainSpec

SHOWN_FINDINGS = 20
SHOWN_VERSIONS = 3  # before the newest
MAX_LENGTH = next(option for option in options_of(TrainSpec) if option.path == "max_length")
FIRST_ROWS = slice(0, SHOWN)


@click.command("show")
@dataset_argument
@click.option("--row", type=ROW_NUMBER, help="Show this row whole: its messages and columns.")
@click.option("--tokens", is_flag=True, help="With --row: what the model sees of it.")
@click.option("--base", default="", help="Count tokens as this base model does.")
@click.option(
    "--max-length",
    type=click.IntRange(min=1, max=2**20),
    default=MAX_LENGTH.default,
    show_default=True,
    help=f"With --tokens: {MAX_LENGTH.help}",
)
@click.option(
    "--rows", "wanted", type=row_range, metavar="A-B", help="List these rows: 5-10, 5- or -10."
)
@click.option("--query", default="", help="List rows that hold this text.")
@click.option(
    "--finding", default="", shell_complete=complete_finding, help="List rows of this sort."
)
@click.option("--version", type=click.IntRange(min=1), help="Show this version, not the newest.")
@json_option
def show_dataset(
    dataset: str,
    row: int | None,
    tokens: bool,
    base: str,
    max_length: int,
    wanted: slice | None,
    query: str,
    finding: str,
    version: int | None,
    as_json: bool,
) -> None:
    """Show a dataset and its findings, or its rows.

    --tokens shows what is learned in bold green, what is only read dim and what is cut off
    struck through; where there is no colour, learned text is in double brackets.
    """
    listing = wanted is not None or bool(query or finding)
    if row is not None and listing:
        raise click.UsageError("--row shows one row; leave out --rows, --query and --finding.")
    if tokens and row is None:
        raise click.UsageError("--tokens needs --row.")
    if finding:
        refuse_unknown_sort(finding)
    client = connect()
    found = version_of(client, named(client, dataset), version)
    if tokens and row is not None:
        _show_tokens(client, found, row, base=base, max_length=max_length, as_json=as_json)
    elif row is not None:
        shown = one_row(client, found, row)
        print_json(shown) if as_json else print_row(shown)
    elif listing:
        model = find("base model", client.state().models, base).id if base else ""
        asked = RowQuery(query=query, finding=finding)
        page = rows_of(client, found, asked, wanted or FIRST_ROWS, model)
        print_json(page) if as_json else print_rows(page, whole=wanted is not None)
    elif as_json:
        print_json(found)
    else:
        _show(client, found)


def _show_tokens(
    client: EngineClient, dataset: Dataset, row: int, *, base: str, max_length: int, as_json: bool
) -> None:
    from engine.commands.dataset_tokens import base_for_tokens, print_tokens, token_view

    one_row(client, dataset, row)  # refuses a number that is not there
    model = base_for_tokens(client.state().models, base)
    view = token_view(client, dataset, row, base=model, max_length=max_length)
    if as_json:
        print_json(view)
    else:
        print_tokens(view, model, console())


def _show(client: EngineClient, dataset: Dataset) -> None:
    print_facts(_facts(dataset, all_versions(client, dataset)))
    for finding in dataset.findings[:SHOWN_FINDINGS]:
        print(visible(f"{finding.severity}: ") + finding_line(finding))
    if dataset.finding_count > SHOWN_FINDINGS:
        print(f"and {dataset.finding_count - SHOWN_FINDINGS:,} more")


def _facts(dataset: Dataset, versions: tuple[Dataset, ...]) -> list[tuple[str, str]]:
    mapping = dataset.mapping
    used = [f"{part} = {column}" for part, column in mapping.parts.items() if part != "split"]
    earlier = [each for each in versions if each.version < dataset.version]
    told = [f"{each.version}: {each.change}" for each in earlier[:SHOWN_VERSIONS]]
    if len(earlier) > SHOWN_VERSIONS:
        told.append(f"and {len(earlier) - SHOWN_VERSIONS} more")
    return [
        ("Name", dataset.name),
        ("Id", dataset.id),
        ("Version", f"{dataset.version}: {dataset.change}".rstrip(": ")),
        ("Earlier", "\n".join(told)),
        ("Source", dataset.source),
        ("Rows", f"{dataset.rows:,}"),
        ("Training", f"{dataset.train_rows:,}"),
        ("Validation", f"{dataset.validation_rows:,}"),
        ("Test", f"{dataset.test_rows:,}"),
        ("Split", f"{dataset.split} ({split_words(dataset.split_spec)})"),
        ("Convention", mapping.convention),
        ("Columns", ", ".join(dataset.columns)),
        ("Used as", ", ".join(used)),
        ("Template", dataset.template.name if dataset.template else "the base model's own"),
        ("Size", f"{size(dataset.size_bytes)}, {dataset.encoding}"),
        ("Read in", duration(dataset.read_s)),
        ("Findings", ", ".join(counted_findings(dataset)) or "none"),
        ("Ignored", ", ".join(dataset.ignored)),
        ("Added", moment(dataset.created_at)),
    ]


def split_words(spec: SplitSpec) -> str:
    """The settings as 'datasets split' takes them."""
    values = ((option.path, getattr(spec, option.path)) for option in options_of(SplitSpec))
    return " ".join(
        f"{key}={value:g}" if isinstance(value, float) else f"{key}={str(value).lower()}"
        for key, value in values
        if value != ""
    )
