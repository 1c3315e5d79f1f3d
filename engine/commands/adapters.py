"""`adapter-studio adapters`."""

import click

from engine.commands.connection import connect
from engine.commands.figures import count, loss, moment, size
from engine.commands.local_path import local_path
from engine.commands.names import SHORT_ID, find, find_adapter
from engine.commands.output import json_option, note, print_facts, print_json, print_table, visible
from engine.commands.progress import watch
from engine.commands.removal import remove_record
from engine.protocol.adapter_words import method_words, trained_on
from engine.protocol.jobs import Job
from engine.protocol.records import Adapter
from engine.protocol.specs import AddPath

adapters = click.Group("adapters")


@adapters.command("list")
@json_option
def list_adapters(as_json: bool) -> None:
    """List adapters."""
    found = connect().state().adapters
    if as_json:
        print_json(found)
        return
    print_table(
        [
            "Name",
            "Version>",
            "Id",
            "Base",
            "Dataset",
            "Method",
            "Size>",
            "Validation loss>",
            "Made",
        ],
        (
            [
                adapter.name,
                str(adapter.version),
                adapter.id[:SHORT_ID],
                adapter.base_name,
                adapter.dataset_name or ("imported" if adapter.imported else ""),
                method_words(adapter),
                size(adapter.size_bytes),
                loss(adapter.metrics.get("validation_loss")),
                moment(adapter.created_at),
            ]
            for adapter in found
        ),
    )


@adapters.command("show")
@click.argument("adapter")
@json_option
def show_adapter(adapter: str, as_json: bool) -> None:
    """Show one adapter's passport."""
    found = find_adapter(connect().state().adapters, adapter)
    if as_json:
        print_json(found)
    else:
        print_facts(_facts(found))


@adapters.command("import")
@click.argument("path")
@click.option("--name", default="", help="Its name here; otherwise made from the path.")
def import_adapter(path: str, name: str) -> None:
    """Import a PEFT adapter folder.

    The folder is copied.
    """
    wanted = AddPath(path=str(local_path(path)), name=name, kind="adapter")
    client = connect()
    job = watch(client, client.post("/api/imports", wanted, Job))
    added = find("adapter", client.state().adapters, job.subject)
    note(f"Imported {visible(added.name)} for {visible(added.base_name or 'no base known here')}.")


@adapters.command("remove")
@click.argument("adapter")
def remove_adapter(adapter: str) -> None:
    """Remove an adapter.

    Its files go to the trash.
    """
    client = connect()
    remove_record(client, "adapters", find_adapter(client.state().adapters, adapter))


def _method(adapter: Adapter) -> str:
    alpha = f"alpha {adapter.alpha:g}" if adapter.alpha else ""
    return ", ".join(word for word in (method_words(adapter), alpha, trained_on(adapter)) if word)


def _facts(adapter: Adapter) -> list[tuple[str, str]]:
    data = f"{adapter.dataset_name} version {adapter.dataset_version}, {adapter.train_rows:,} rows"
    return [
        ("Name", adapter.name),
        ("Id", adapter.id),
        ("Version", str(adapter.version)),
        ("Path", adapter.path),
        ("Base", adapter.base_name),
        ("Method", _method(adapter)),
        ("Target modules", ", ".join(adapter.target_modules)),
        ("Parameters", count(adapter.parameters)),
        ("Size", size(adapter.size_bytes)),
        ("Template", adapter.template.name if adapter.template else ""),
        ("Dataset", data if adapter.dataset_name else ""),
        ("Run", f"#{adapter.run_number}, step {adapter.step}" if adapter.run else ""),
        *(
            (name.replace("_", " ").capitalize(), f"{value:.4g}")
            for name, value in sorted(adapter.metrics.items())
        ),
        ("Hash", adapter.hash),
        ("Imported" if adapter.imported else "Made", moment(adapter.created_at)),
    ]
