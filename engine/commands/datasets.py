"""`adapter-studio datasets`."""

import hashlib
from pathlib import Path

import click
from msgspec.structs import replace

from engine.client import EngineClient
from engine.commands.connection import connect
from engine.commands.figures import duration, moment, size
from engine.commands.local_path import URL, local_path
from engine.commands.names import SHORT_ID, find
from engine.commands.output import json_option, note, print_facts, print_json, print_table, visible
from engine.commands.progress import watch
from engine.commands.removal import remove_record
from engine.commands.settings import set_option, settings_command, with_settings
from engine.commands.templates import list_templates, named_template
from engine.protocol.jobs import Job
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset
from engine.protocol.specs import AddDataset, Mapping

datasets = click.Group("datasets")
FLAGS = frozenset(
    {"path", "parts", "name", "sample"}
)  # options of AddDataset with a flag of their own
SHOWN_FINDINGS = 20


@datasets.command("list")
@json_option
def list_datasets(as_json: bool) -> None:
    """List datasets."""
    found = connect().state().datasets
    if as_json:
        print_json(found)
        return
    print_table(
        ["Name", "Id", "Version>", "Rows>", "Validation>", "Size>", "Findings>", "Added"],
        (
            [
                dataset.name,
                dataset.id[:SHORT_ID],
                str(dataset.version),
                f"{dataset.rows:,}",
                f"{dataset.validation_rows:,}",
                size(dataset.size_bytes),
                str(dataset.finding_count or ""),
                moment(dataset.created_at),
            ]
            for dataset in found
        ),
    )


@datasets.command("show")
@click.argument("dataset")
@json_option
def show_dataset(dataset: str, as_json: bool) -> None:
    """Show one dataset and its findings."""
    found = find("dataset", connect().state().datasets, dataset)
    if as_json:
        print_json(found)
        return
    print_facts(_facts(found))
    for finding in found.findings[:SHOWN_FINDINGS]:
        where = f"{finding.file}:{finding.line}: " if finding.line else ""
        print(visible(f"{finding.severity}: {where}{finding.message}"))
    if found.finding_count > SHOWN_FINDINGS:
        print(f"and {found.finding_count - SHOWN_FINDINGS:,} more")


@datasets.command("add", cls=settings_command(AddDataset, without=FLAGS))
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--sample", is_flag=True, help="Add the built-in sample: 240 support tickets.")
@click.option("--name", default="", help="Its name here; otherwise made from the path.")
@click.option("--user", default="", help="The column with what a person asks.")
@click.option("--assistant", default="", help="The column with the answer to learn.")
@click.option("--system", default="", help="The column with the system prompt.")
@click.option("--template", default="", help="A template file, or one of 'datasets templates'.")
@set_option(AddDataset, without=FLAGS)
def add_dataset(
    paths: tuple[str, ...],
    sample: bool,
    name: str,
    user: str,
    assistant: str,
    system: str,
    template: str,
    settings: tuple[str, ...],
) -> None:
    """Add a JSON, JSON Lines, CSV, Parquet or Arrow file, a document, an archive or a folder.

    Several paths are one dataset, their splits told from their names. How its columns are used
    is detected unless it is given.
    """
    if sample == bool(paths):
        raise click.UsageError("Name either files or --sample.")
    path, *parts = [str(local_path(each)) for each in paths] or [""]
    columns = Mapping(user=user, assistant=assistant, system=system)
    wanted = AddDataset(
        path=path,
        parts=tuple(parts),
        name=name,
        sample=sample,
        mapping=columns if columns != Mapping() else None,
    )
    client = connect()
    if template:
        wanted = replace(wanted, template=named_template(client, template))
    added = add(client, with_settings(wanted, {}, settings))
    note(f"Added {visible(added.name)}: {added.rows:,} rows, {added.finding_count} findings.")


datasets.add_command(list_templates)


@datasets.command("remove")
@click.argument("dataset")
def remove_dataset(dataset: str) -> None:
    """Remove a dataset.

    The file it was read from stays.
    """
    client = connect()
    remove_record(client, "datasets", find("dataset", client.state().datasets, dataset))


def add(client: EngineClient, wanted: AddDataset) -> Dataset:
    """Import it, showing progress, and return the new record."""
    job = watch(client, client.post("/api/datasets", wanted, Job))
    return find("dataset", client.state().datasets, job.subject)


def dataset_or_file(client: EngineClient, text: str) -> Dataset:
    """A dataset by name or id, or a file, which is added unless this very content already was."""
    known = client.state().datasets
    try:
        return find("dataset", known, text)
    except Refused:
        if not URL.match(text) and not Path(text).expanduser().exists():
            raise
    path = local_path(text)
    if path.is_file():
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        same = [each for each in known if each.source == str(path) and each.source_sha256 == sha256]
        if same:
            return max(same, key=lambda each: each.created_at)
    return add(client, AddDataset(path=str(path)))


def _facts(dataset: Dataset) -> list[tuple[str, str]]:
    mapping = dataset.mapping
    used = [f"{part} = {column}" for part, column in mapping.parts.items() if part != "split"]
    return [
        ("Name", dataset.name),
        ("Id", dataset.id),
        ("Version", str(dataset.version)),
        ("Source", dataset.source),
        ("Rows", f"{dataset.rows:,}"),
        ("Training", f"{dataset.train_rows:,}"),
        ("Validation", f"{dataset.validation_rows:,} ({dataset.split})"),
        ("Test", f"{dataset.test_rows:,}"),
        ("Convention", mapping.convention),
        ("Columns", ", ".join(dataset.columns)),
        ("Used as", ", ".join(used)),
        ("Template", dataset.template.name if dataset.template else ""),
        ("Size", f"{size(dataset.size_bytes)}, {dataset.encoding}"),
        ("Read in", duration(dataset.read_s)),
        ("Findings", str(dataset.finding_count)),
        ("Added", moment(dataset.created_at)),
    ]
