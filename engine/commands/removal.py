"""Removing a record, and taking that back."""

import click
from msgspec import Struct

from engine.client import EngineClient
from engine.commands.connection import connect
from engine.commands.names import Named
from engine.commands.output import note, visible


class Removed(Struct, frozen=True):
    """What DELETE answers."""

    undo: str  # id of what lies in the trash now


def remove_record(client: EngineClient, plural: str, record: Named) -> None:
    removed = client.delete(f"/api/{plural}/{record.id}", Removed)
    note(f"Removed {visible(record.name)}. To take it back: adapter-studio restore {removed.undo}")


@click.command()
@click.argument("undo_id")
def restore(undo_id: str) -> None:
    """Take back a removal, by the id that it printed."""
    connect().send("POST", f"/api/trash/{undo_id}/restore")
    note("It is back.")
