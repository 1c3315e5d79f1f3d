"""`adapter-studio datasets`."""

import click

from engine.commands.connection import connect
from engine.commands.dataset_add import add_dataset
from engine.commands.dataset_arguments import dataset_argument
from engine.commands.dataset_check import check_dataset
from engine.commands.dataset_edit import edit_dataset, split_dataset
from engine.commands.dataset_files import export_dataset, mix_datasets
from engine.commands.dataset_fixes import fix_dataset
from engine.commands.dataset_import import named
from engine.commands.dataset_show import show_dataset
from engine.commands.dataset_versions import diff_versions, list_versions, restore_version
from engine.commands.figures import moment, size
from engine.commands.names import SHORT_ID
from engine.commands.output import json_option, print_json, print_table
from engine.commands.removal import remove_record
from engine.commands.templates import list_templates

EXAMPLES = """\b
Examples:
  adapter-studio datasets add faq.csv --map question=user --map answer=assistant --map id=
  adapter-studio datasets add rows.jsonl --split validation=0.2,test=0.1,stratify_by=team
  adapter-studio datasets check rows.jsonl
  adapter-studio datasets fix rows.jsonl duplicate personal
  adapter-studio datasets show rows.jsonl --row 12 --tokens
  adapter-studio datasets edit rows.jsonl --row 12 --set "answer=Yes."
  adapter-studio datasets diff rows.jsonl
  adapter-studio datasets restore rows.jsonl 1
  adapter-studio datasets export rows.jsonl train.parquet --split train
  adapter-studio datasets mix both chat=3 code=1
"""
datasets = click.Group("datasets", epilog=EXAMPLES)


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


@datasets.command("remove")
@dataset_argument
def remove_dataset(dataset: str) -> None:
    """Remove a dataset.

    The file it was read from stays.
    """
    client = connect()
    remove_record(client, "datasets", named(client, dataset))


for command in (
    add_dataset, check_dataset, show_dataset, fix_dataset, split_dataset, edit_dataset,
    list_versions, diff_versions, restore_version, export_dataset, mix_datasets, list_templates,
):  # fmt: skip
    datasets.add_command(command)
