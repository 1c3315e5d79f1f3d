"""`adapter-studio datasets edit` and `split`."""

from typing import Literal, get_args

import click

from engine.client import EngineClient
from engine.commands.connection import connect
from engine.commands.dataset_arguments import (
    ROW_NUMBER,
    cells_from,
    dataset_argument,
    split_from,
)
from engine.commands.dataset_import import change, named
from engine.commands.dataset_rows import one_row
from engine.commands.output import note
from engine.commands.settings import complete_settings, settings_command
from engine.protocol.dataset_specs import EditDataset, RowEdit, SplitSpec
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset

Side = Literal["train", "validation", "test"]


@click.command("edit")
@dataset_argument
@click.option("--row", "numbers", type=ROW_NUMBER, multiple=True, help="The row to change.")
@click.option("--set", "texts", multiple=True, metavar="COLUMN=TEXT", help="Its new text there.")
@click.option("--side", type=click.Choice(get_args(Side)), help="The split that it belongs to.")
@click.option("--delete", is_flag=True, help="Leave the row out.")
@click.option("--add", "added", multiple=True, metavar="COLUMN=TEXT", help="Text of a new row.")
def edit_dataset(
    dataset: str,
    numbers: tuple[int, ...],
    texts: tuple[str, ...],
    side: Side | None,
    delete: bool,
    added: tuple[str, ...],
) -> None:
    """Change, leave out or add rows, as a new version.

    The file that the rows came from is not touched. All --add of one call make one new row;
    --row may be given many times.
    """
    if delete and (texts or side):
        raise click.UsageError("A row that is deleted cannot be changed as well.")
    if numbers and not (texts or delete or side):
        raise click.UsageError("Say what happens to the row: --set, --side or --delete.")
    if not numbers and (texts or delete or (side and not added)):
        raise click.UsageError("--set, --side and --delete need --row.")
    if not numbers and not added:
        raise click.UsageError("Name a row with --row, or a new one's text with --add.")
    client = connect()
    found = named(client, dataset)
    cells = cells_from(texts, found.columns)
    edits = [
        _edit(client, found, number, cells, RowEdit(number, remove=delete, split=side or ""))
        for number in dict.fromkeys(numbers)
    ]
    if added:
        new = cells_from(added, found.columns)
        edits.append(RowEdit(0, cells=new, split="" if numbers else side or ""))
    change(client, found, EditDataset(found.version, rows=tuple(edits)))


def _edit(
    client: EngineClient, dataset: Dataset, number: int, cells: dict[str, str], edit: RowEdit
) -> RowEdit:
    """With all cells of the row, the others as they are. Raises Refused when there is no row."""
    row = one_row(client, dataset, number)
    if not cells:
        return edit
    return RowEdit(number, cells={**row.cells, **cells}, split=edit.split)


@click.command("split", cls=settings_command(SplitSpec, title="Keys"))
@dataset_argument
@click.argument(
    "settings",
    nargs=-1,
    required=True,
    metavar="KEY=VALUE...",
    shell_complete=complete_settings(SplitSpec),
)
def split_dataset(dataset: str, settings: tuple[str, ...]) -> None:
    """Hold out other rows, as a new version.

    What is not named stays as it is.
    """
    split_from(SplitSpec(), settings)  # refused before an engine is started for it
    client = connect()
    found = named(client, dataset)
    spec = split_from(found.split_spec, settings)
    _refuse_given(found, spec)
    changed = change(client, found, EditDataset(found.version, split=spec))
    note(
        f"{changed.train_rows:,} rows to train, {changed.validation_rows:,} to validate,"
        f" {changed.test_rows:,} to test."
    )


def _refuse_given(dataset: Dataset, spec: SplitSpec) -> None:
    """Raises Refused where the sides are given, so that a new split would change nothing."""
    if spec.given and dataset.split.startswith("given by"):
        raise Refused(
            "split.given",
            f"The sides of {dataset.name} are {dataset.split}.",
            "Add given=false to hold out rows anew.",
        )
