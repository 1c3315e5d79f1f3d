"""`adapter-studio datasets export` and `mix`."""

from collections.abc import Sequence
from typing import Literal, get_args

import click

from engine.commands.completion import complete_dataset
from engine.commands.connection import connect
from engine.commands.dataset_arguments import dataset_argument
from engine.commands.dataset_import import made_by, named
from engine.commands.dataset_versions import version_of
from engine.commands.figures import size
from engine.commands.local_path import absolute_path
from engine.commands.names import find
from engine.commands.output import note, visible
from engine.commands.progress import watch
from engine.protocol.dataset_specs import ExportRows, MixDatasets, MixPart
from engine.protocol.jobs import Job
from engine.protocol.options import options_of, with_values
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset

Side = Literal["train", "validation", "test"]
SEED = next(option for option in options_of(MixDatasets) if option.path == "seed")


@click.command("export")
@dataset_argument
@click.argument("path")
@click.option("--split", type=click.Choice(get_args(Side)), help="Only the rows of that side.")
@click.option("--version", type=click.IntRange(min=1), help="That version, not the newest.")
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
def export_dataset(
    dataset: str, path: str, split: Side | None, version: int | None, overwrite: bool
) -> None:
    """Write a dataset's rows to a .jsonl, .csv or .parquet file.

    Without --split all rows are written, with a column that tells their side.
    """
    target = absolute_path(path)
    client = connect()
    found = version_of(client, named(client, dataset), version)
    wanted = ExportRows(
        path=str(target), version=found.version, split=split or "", overwrite=overwrite
    )
    watch(client, client.post(f"/api/datasets/{found.id}/exports", wanted, Job))
    rows = getattr(found, f"{split}_rows") if split else found.rows
    note(f"Wrote {rows:,} rows to {visible(str(target))}, {size(target.stat().st_size)}.")


@click.command("mix")
@click.argument("name")
@click.argument(
    "parts",
    nargs=-1,
    required=True,
    metavar="DATASET[=WEIGHT]...",
    shell_complete=complete_dataset,
)
@click.option("--seed", type=int, default=SEED.default, show_default=True, help="Draws other rows.")
def mix_datasets(name: str, parts: tuple[str, ...], seed: int) -> None:
    """Make a dataset from rows of others, in given proportions.

    The one that is scarcest for its weight is taken whole, of the others as many rows as the
    weights ask for: 'chat=3 code=1' has three rows of chat for each of code.
    """
    client = connect()
    known = client.state().datasets
    chosen = tuple(part_from(known, text) for text in parts)
    wanted = with_values(MixDatasets(name=name, parts=chosen), {"seed": seed})
    mixed = made_by(client, client.post("/api/mixes", wanted, Job))
    note(f"Made {visible(mixed.name)}: {mixed.rows:,} rows. {visible(mixed.change)}.")


def part_from(known: Sequence[Dataset], text: str) -> MixPart:
    """A dataset and its weight, 1 unless it is given; names may hold an equals sign."""
    if any(text in (each.name, each.id) for each in known):
        return MixPart(find("dataset", known, text).id)
    name, equals, weight = text.rpartition("=")
    if not equals:
        return MixPart(find("dataset", known, text).id)
    try:
        value = float(weight)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1e6:
        raise Refused(
            "mix.weight",
            f"'{weight}' is no weight for '{name}'.",
            "A weight is a number above 0, as in chat=3 code=1.",
        )
    return MixPart(find("dataset", known, name).id, value)
