"""`adapter-studio runs export`, `start` and `again`: all settings of a run."""

from collections.abc import Sequence

import click
from msgspec.structs import replace

from engine.client import EngineClient
from engine.commands.connection import connect
from engine.commands.dataset_import import dataset_or_file
from engine.commands.names import find, find_run
from engine.commands.output import json_option
from engine.commands.settings import read_settings, set_option, settings_command
from engine.commands.settings_files import read_limited, write_or_print
from engine.commands.train import FLAGS, HELP, start_training, tell_started
from engine.protocol.method_specs import kind_of
from engine.protocol.options import with_values
from engine.protocol.presets import METHOD, settings_of, with_method
from engine.protocol.problems import Refused
from engine.protocol.settings_file import format_spec, parse_spec, spec_of_run
from engine.protocol.specs import Preset, TrainSpec

NOT_FOUND = 404


@click.command("export")
@click.argument("run")
@click.argument("path", required=False)
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
def export_run(run: str, path: str | None, overwrite: bool) -> None:
    """Write all settings of a run as TOML, to a file or to standard output.

    RUN is a name, a number like "#3" or an id. The file names its base model and its dataset.
    """
    found = find_run(connect().state().runs, run)
    write_or_print(format_spec(spec_of_run(found)), path, overwrite=overwrite)


@click.command("start", cls=settings_command(TrainSpec, without=FLAGS))
@click.option("--spec", "path", required=True, help="A file that 'runs export' wrote.")
@click.option("--base", default="", help="Another base model than the file's.")
@click.option("--data", default="", help="Another dataset than the file's, or a file with one.")
@click.option("--name", default="", help=HELP["name"])
@click.option("--wait", is_flag=True, help="Watch the training to its end.")
@set_option(TrainSpec, without=FLAGS)
@json_option
def start_run(
    path: str, base: str, data: str, name: str, wait: bool, settings: tuple[str, ...], as_json: bool
) -> None:
    """Start a run from a file with all its settings; --set changes single ones."""
    client = connect()
    read = parse_spec(read_limited(path))
    state = client.state()
    spec = changed(replace(read, name=name or read.name), settings, state.presets)
    _start(client, spec, base or read.base, data or read.dataset, wait=wait, as_json=as_json)


@click.command("again", cls=settings_command(TrainSpec, without=FLAGS))
@click.argument("run")
@click.option("--base", default="", help="Another base model.")
@click.option("--data", default="", help="Another dataset, or a file with one.")
@click.option("--name", default="", help=HELP["name"])
@click.option("--wait", is_flag=True, help="Watch the training to its end.")
@set_option(TrainSpec, without=FLAGS)
@json_option
def run_again(
    run: str, base: str, data: str, name: str, wait: bool, settings: tuple[str, ...], as_json: bool
) -> None:
    """Start a run with another one's settings; --set changes single ones.

    RUN is a name, a number like "#3" or an id.
    """
    client = connect()
    state = client.state()
    before = find_run(state.runs, run).spec
    spec = changed(replace(before, name=name), settings, state.presets)
    _start(client, spec, base or before.base, data or before.dataset, wait=wait, as_json=as_json)


def changed(spec: TrainSpec, settings: tuple[str, ...], presets: Sequence[Preset]) -> TrainSpec:
    """With a person's settings; another method keeps what it has in common with the first."""
    values = read_settings(TrainSpec, settings)
    kind = str(values.pop(METHOD, kind_of(spec.method)))
    if kind != kind_of(spec.method):
        preset = next((each for each in presets if each.id == spec.preset), None)
        taken = with_method(settings_of(spec), kind, preset=preset, before={})
        spec = with_values(spec, taken)
    return with_values(replace(spec, preset="custom") if values else spec, values)


def _start(
    client: EngineClient, spec: TrainSpec, base: str, data: str, *, wait: bool, as_json: bool
) -> None:
    try:
        base_id = find("base model", client.state().models, base).id
    except Refused as refusal:
        advice = "Add it with 'models add', or choose one with --base."
        raise _with_hint(refusal, advice) from refusal
    try:
        dataset = dataset_or_file(client, data)
    except Refused as refusal:
        advice = "Add it with 'datasets add', or choose one with --data."
        raise _with_hint(refusal, advice) from refusal
    run = start_training(client, replace(spec, base=base_id, dataset=dataset.id))
    tell_started(client, run, wait=wait, as_json=as_json)


def _with_hint(refusal: Refused, advice: str) -> Refused:
    problem = refusal.problem
    hint = f"{advice} {problem.hint}" if refusal.status == NOT_FOUND else problem.hint
    return Refused(problem.code, problem.message, hint, status=refusal.status)
