"""`adapter-studio datasets add`."""

import click
from msgspec.structs import replace

from engine.commands.connection import connect
from engine.commands.dataset_arguments import mapping_from, split_from
from engine.commands.dataset_check import counted_findings
from engine.commands.dataset_import import add, examined, quoted
from engine.commands.local_path import local_path
from engine.commands.output import note, visible
from engine.commands.settings import complete_settings, settings_command
from engine.commands.templates import named_template
from engine.protocol.dataset_specs import AddDataset, SplitSpec
from engine.protocol.mapping_parts import PARTS
from engine.protocol.records import Dataset


@click.command("add", cls=settings_command(SplitSpec, title="Keys for --split"))
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--sample", is_flag=True, help="Add the built-in sample: 240 support tickets.")
@click.option("--name", default="", help="Its name here; otherwise made from the path.")
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="COLUMN=PART",
    help=f"The part that a column plays, or nothing to ignore it: {', '.join(PARTS)}.",
)
@click.option("--user", default="", help="The column with what a person asks.")
@click.option("--assistant", default="", help="The column with the answer to learn.")
@click.option("--system", default="", help="The column with the system prompt.")
@click.option("--template", default="", help="A template file, or one of 'datasets templates'.")
@click.option(
    "--split",
    "--set",
    "splits",
    multiple=True,
    metavar="KEY=VALUE,...",
    shell_complete=complete_settings(SplitSpec),
    help="Which rows are held out, by the keys below; may be given many times.",
)
@click.option("--no-check", is_flag=True, help="Do not wait for the closer look at the rows.")
def add_dataset(
    paths: tuple[str, ...],
    sample: bool,
    name: str,
    maps: tuple[str, ...],
    user: str,
    assistant: str,
    system: str,
    template: str,
    splits: tuple[str, ...],
    no_check: bool,
) -> None:
    """Add files or a folder as a dataset.

    JSON, JSON Lines, CSV, Parquet, Arrow, documents, and archives of these are read. Several
    paths are one dataset, their splits told from their names. How its columns are used is
    detected unless it is given. A closer look for near-duplicates, personal data and other
    languages follows; Ctrl+C leaves it to the background.
    """
    if sample == bool(paths):
        raise click.UsageError("Name either files or --sample.")
    path, *parts = [str(local_path(each)) for each in paths] or [""]
    roles = {"user": user, "assistant": assistant, "system": system}
    by_role = [f"{column}={part}" for part, column in roles.items() if column]
    wanted = AddDataset(
        path=path,
        parts=tuple(parts),
        name=name,
        sample=sample,
        mapping=mapping_from((*maps, *by_role)),
        split=split_from(SplitSpec(), splits, flag="--split "),
    )
    client = connect()
    if template:
        wanted = replace(wanted, template=named_template(client, template))
    added = add(client, wanted)
    _tell_rows(added)
    _tell_findings(added if no_check else examined(client, added))


def _tell_rows(added: Dataset) -> None:
    sides = f"{added.train_rows:,} to train, {added.validation_rows:,} to validate"
    tested = f", {added.test_rows:,} to test" if added.test_rows else ""
    note(f"Added {visible(added.name)}: {added.rows:,} rows, {sides}{tested}.")


def _tell_findings(added: Dataset) -> None:
    found = counted_findings(added)
    if found:
        note(f"Findings: {', '.join(found)}.")
        note(f"Look at them with: adapter-studio datasets check {quoted(added.name)}")
    elif added.examined:
        note("Found nothing wrong.")
