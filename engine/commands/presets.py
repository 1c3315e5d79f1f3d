"""`adapter-studio presets`."""

from urllib.parse import quote

import click
from msgspec.structs import replace

from engine.client import EngineClient
from engine.commands.connection import connect
from engine.commands.output import json_option, note, print_json, print_table, visible
from engine.commands.removal import Removed
from engine.commands.settings import set_option, settings_command
from engine.commands.settings_files import read_limited, write_or_print
from engine.commands.train import DEFAULT_PRESET, FLAGS, find_preset, with_preset
from engine.protocol.events import State
from engine.protocol.method_specs import method_of
from engine.protocol.presets import FRESH, METHOD, preset_from, preset_kind
from engine.protocol.settings_file import format_preset, parse_preset
from engine.protocol.specs import Preset, TrainSpec

presets = click.Group("presets")


@presets.command("list")
@json_option
def list_presets(as_json: bool) -> None:
    """List presets for 'train --preset'."""
    found = connect().state().presets
    if as_json:
        print_json(found)
        return
    print_table(
        ["Name", "Method", "Settings", "Description"],
        (
            [
                preset.title if preset.own else preset.id,
                _method(preset),
                ", ".join(f"{path}={value}" for path, value in _rest(preset).items()),
                preset.description or ("yours" if preset.own else ""),
            ]
            for preset in found
        ),
    )


@presets.command("save", cls=settings_command(TrainSpec, without=FLAGS))
@click.argument("name")
@click.option("--run", "run", default="", help="Start from a run: its name, number or id.")
@click.option("--preset", default=DEFAULT_PRESET, show_default=True,
              help="Or start from another preset.")  # fmt: skip
@click.option("--description", default="", help="One line about it.")
@set_option(TrainSpec, without=FLAGS)
@json_option
def save_preset(
    name: str, run: str, preset: str, description: str, settings: tuple[str, ...], as_json: bool
) -> None:
    """Save settings under a name.

    One of that name is replaced; the built-in ones stay as they are.
    """
    client = connect()
    spec = _begun(client.state(), run, preset, settings)
    saved = put(client, preset_from(spec, name, description))
    if as_json:
        print_json(saved)
    else:
        note(f"Saved. Use it with: adapter-studio train --preset '{visible(saved.title)}' …")


@presets.command("rename")
@click.argument("name")
@click.argument("new")
def rename_preset(name: str, new: str) -> None:
    """Give a preset of yours another name."""
    client = connect()
    found = find_preset(client.state(), name)
    renamed = client.patch(f"{path_of(found.id)}/name", {"name": new}, Preset)
    note(f"It is '{visible(renamed.title)}' now.")


@presets.command("delete")
@click.argument("name")
def delete_preset(name: str) -> None:
    """Remove a preset of yours."""
    client = connect()
    found = find_preset(client.state(), name)
    removed = client.delete(path_of(found.id), Removed)
    title = visible(found.title)
    note(f"Removed {title}. To take it back: adapter-studio restore {removed.undo}")


@presets.command("export")
@click.argument("name")
@click.argument("path", required=False)
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
def export_preset(name: str, path: str | None, overwrite: bool) -> None:
    """Write a preset as TOML, to a file or to standard output."""
    found = find_preset(connect().state(), name)
    write_or_print(format_preset(found), path, overwrite=overwrite)


@presets.command("import")
@click.argument("path")
@click.option("--name", default="", help="Its name here; otherwise the file's title.")
@json_option
def import_preset(path: str, name: str, as_json: bool) -> None:
    """Add a preset from a TOML file."""
    read = parse_preset(read_limited(path))
    saved = put(connect(), replace(read, title=name or read.title))
    if as_json:
        print_json(saved)
    else:
        note(f"Added the preset '{visible(saved.title)}'.")


def put(client: EngineClient, preset: Preset) -> Preset:
    return client.put(path_of(preset.title), preset, Preset)


def path_of(name: str) -> str:
    return f"/api/presets/{quote(name, safe='')}"


def _begun(state: State, run: str, preset: str, settings: tuple[str, ...]) -> TrainSpec:
    from engine.commands.names import find_run
    from engine.commands.run_settings import changed

    if run:
        return changed(find_run(state.runs, run).spec, settings, state.presets)
    return with_preset(FRESH, find_preset(state, preset), settings)


def _method(preset: Preset) -> str:
    return method_of(preset_kind(preset)).title if METHOD in preset.values else "any"


def _rest(preset: Preset) -> dict[str, object]:
    return {path: value for path, value in preset.values.items() if path != METHOD}
