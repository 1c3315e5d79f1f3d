"""`adapter-studio datasets versions`, `restore` and `diff`."""

import click

from engine.client import EngineClient
from engine.commands.connection import connect
from engine.commands.dataset_arguments import dataset_argument
from engine.commands.dataset_import import named, way_back
from engine.commands.figures import moment
from engine.commands.output import json_option, note, print_json, print_table, visible
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset, DatasetDiff

VERSION = click.IntRange(min=1)


def all_versions(client: EngineClient, dataset: Dataset) -> tuple[Dataset, ...]:
    """The newest first."""
    return client.get(f"/api/datasets/{dataset.id}/versions", tuple[Dataset, ...])


def version_of(client: EngineClient, dataset: Dataset, version: int | None) -> Dataset:
    """The dataset as it was in that version, or the newest. Raises Refused when there is none."""
    if version is None:
        return dataset
    known = {each.version: each for each in all_versions(client, dataset)}
    if version not in known:
        raise Refused(
            "version.unknown",
            f"{dataset.name} has no version {version}.",
            f"It has: {', '.join(str(each) for each in sorted(known))}.",
            status=404,
        )
    return known[version]


@click.command("versions")
@dataset_argument
@json_option
def list_versions(dataset: str, as_json: bool) -> None:
    """List versions and what made each."""
    client = connect()
    found = all_versions(client, named(client, dataset))
    if as_json:
        print_json(found)
        return
    print_table(
        ["Version>", "Rows>", "Validation>", "Test>", "Findings>", "Made", "Change"],
        (
            [
                str(each.version),
                f"{each.rows:,}",
                f"{each.validation_rows:,}",
                f"{each.test_rows:,}",
                f"{each.finding_count:,}",
                moment(each.created_at),
                each.change,
            ]
            for each in found
        ),
    )


@click.command("restore")
@dataset_argument
@click.argument("version", type=VERSION)
def restore_version(dataset: str, version: int) -> None:
    """Make an earlier version the newest again.

    It becomes a version of its own, so nothing is lost and this can be taken back as well.
    """
    client = connect()
    before = named(client, dataset)
    version_of(client, before, version)  # refuses one that is not there, and names those that are
    path = f"/api/datasets/{before.id}/restore"
    restored = client.post(path, {"version": version}, Dataset)
    note(f"{visible(restored.name)} is at version {restored.version}: {visible(restored.change)}.")
    note(f"To take it back: {way_back(before)}")


@click.command("diff")
@dataset_argument
@click.argument("before", type=VERSION, required=False)
@click.argument("after", type=VERSION, required=False)
@click.option("--stat", is_flag=True, help="Only the settings and how many rows differ.")
@json_option
def diff_versions(
    dataset: str, before: int | None, after: int | None, stat: bool, as_json: bool
) -> None:
    """Show what differs between two versions of a dataset.

    Without BEFORE it is the newest version and the one before it; without AFTER, the newest.
    """
    client = connect()
    newest = named(client, dataset)
    new = version_of(client, newest, after)
    if before is None and new.version == 1:
        raise Refused(
            "versions.only-one",
            f"{newest.name} has only one version.",
            "Another comes of 'datasets fix', 'edit' or 'split'.",
        )
    old = version_of(client, newest, new.version - 1 if before is None else before)
    query = f"before={old.version}&after={new.version}"
    found = client.get(f"/api/datasets/{newest.id}/diff?{query}", DatasetDiff)
    if as_json:
        print_json(found)
        return
    from engine.commands.dataset_diff import print_diff

    print_diff(found, newest.name, stat=stat)
