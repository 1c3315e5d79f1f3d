"""`adapter-studio models`."""

import click

from engine.commands.connection import connect
from engine.commands.figures import count, moment, size
from engine.commands.local_path import local_path
from engine.commands.names import SHORT_ID, find
from engine.commands.output import json_option, note, print_facts, print_json, print_table
from engine.commands.progress import watch
from engine.commands.removal import remove_record
from engine.protocol.jobs import Job
from engine.protocol.records import BaseModel
from engine.protocol.specs import AddPath

models = click.Group("models")


@models.command("list")
@json_option
def list_models(as_json: bool) -> None:
    """List base models."""
    found = connect().state().models
    if as_json:
        print_json(found)
        return
    print_table(
        ["Name", "Id", "State", "Architecture", "Parameters>", "Size>", "Context>"],
        (
            [
                model.name,
                model.id[:SHORT_ID],
                model.status,
                model.architecture,
                count(model.parameters) if model.parameters else "",
                size(model.size_bytes) if model.size_bytes else "",
                count(model.context_length) if model.context_length else "",
            ]
            for model in found
        ),
    )


@models.command("show")
@click.argument("model")
@json_option
def show_model(model: str, as_json: bool) -> None:
    """Show one base model."""
    found = find("base model", connect().state().models, model)
    if as_json:
        print_json(found)
    else:
        print_facts(_facts(found))


@models.command("add")
@click.argument("path")
@click.option("--name", default="", help="Its name here; otherwise made from the path.")
def add_model(path: str, name: str) -> None:
    """Add a Hugging Face folder or a .gguf file.

    The folder is used where it is; a .gguf file is converted.
    """
    wanted = AddPath(path=str(local_path(path)), name=name, kind="model")
    client = connect()
    job = watch(client, client.post("/api/imports", wanted, Job))
    note(f"Added {find('base model', client.state().models, job.subject).name}.")


@models.command("remove")
@click.argument("model")
def remove_model(model: str) -> None:
    """Remove a base model.

    A folder that was added stays where it is.
    """
    client = connect()
    remove_record(client, "models", find("base model", client.state().models, model))


def _facts(model: BaseModel) -> list[tuple[str, str]]:
    return [
        ("Name", model.name),
        ("Id", model.id),
        ("State", model.status),
        ("Path", model.path),
        ("Source", model.source),
        ("Architecture", model.architecture),
        ("Parameters", count(model.parameters) if model.parameters else ""),
        ("Weights", f"{model.dtype}, {size(model.size_bytes)}" if model.size_bytes else ""),
        ("Context", f"{model.context_length:,} tokens" if model.context_length else ""),
        ("Licence", model.licence),
        ("Chat template", "" if model.template_hash else "none"),
        ("Fingerprint", model.fingerprint),
        ("Added", moment(model.created_at)),
    ]
