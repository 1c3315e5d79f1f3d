"""`adapter-studio train`."""

import click
from msgspec.structs import replace

from engine.client import EngineClient
from engine.commands.connection import connect
from engine.commands.dataset_import import dataset_or_file
from engine.commands.figures import duration, loss
from engine.commands.names import SHORT_ID, find, find_job
from engine.commands.near_names import hint
from engine.commands.output import json_option, note, print_json, visible
from engine.commands.progress import watch
from engine.commands.settings import read_settings, set_option, settings_command
from engine.protocol.events import State
from engine.protocol.options import options_of, with_values
from engine.protocol.presets import METHOD, preset_kind, preset_spec
from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, Run
from engine.protocol.specs import Preset, TrainSpec

FLAGS = frozenset({"base", "dataset", "name", "preset"})
HELP = {option.path: option.help for option in options_of(TrainSpec)}
DEFAULT_PRESET = next(
    str(option.default) for option in options_of(TrainSpec) if option.path == "preset"
)


@click.command(cls=settings_command(TrainSpec, without=FLAGS))
@click.option("--base", required=True, help=HELP["base"])
@click.option("--data", required=True, help=f"{HELP['dataset']} A path to a file adds it first.")
@click.option("--preset", default=DEFAULT_PRESET, show_default=True, help=HELP["preset"])
@click.option("--name", default="", help=HELP["name"])
@click.option("--wait", is_flag=True, help="Watch the training to its end.")
@set_option(TrainSpec, without=FLAGS)
@json_option
def train(
    base: str,
    data: str,
    preset: str,
    name: str,
    wait: bool,
    settings: tuple[str, ...],
    as_json: bool,
) -> None:
    """Train an adapter in the background.

    The settings come from the preset; --set changes single ones.
    """
    client = connect()
    state = client.state()
    base_id = find("base model", state.models, base).id
    start = find_preset(state, preset)
    # Checked before a file is imported for it, and again by the engine.
    spec = with_preset(TrainSpec(base=base_id, dataset="", name=name), start, settings)
    dataset = dataset_or_file(client, data)
    run = start_training(client, replace(spec, dataset=dataset.id))
    tell_started(client, run, wait=wait, as_json=as_json)


def with_preset(spec: TrainSpec, preset: Preset, settings: tuple[str, ...]) -> TrainSpec:
    """The preset as it applies to the method that is asked for, then a person's own settings."""
    values = read_settings(TrainSpec, settings)
    kind = str(values.get(METHOD, preset_kind(preset)))
    return with_values(preset_spec(spec, preset, kind), values)


def tell_started(client: EngineClient, run: Run, *, wait: bool, as_json: bool) -> None:
    """What a new run is called, or, with `wait`, what became of it."""
    if wait:
        adapter = wait_for_adapter(client, run)
        if as_json:
            print_json(adapter)
        else:
            note(f"Trained {visible(adapter.name)}. {_result(client, run)}")
            note(f"Chat with it: adapter-studio chat --model '{run.base_name}:{adapter.name}'")
    elif as_json:
        print_json(run)
    else:
        note(f"Run #{run.number} {visible(run.name)} is in the queue.")
        note(f"Watch it with: adapter-studio jobs wait {run.job[:SHORT_ID]}")


def find_preset(state: State, name: str) -> Preset:
    for preset in state.presets:
        if name.casefold() in (preset.id.casefold(), preset.title.casefold()):
            return preset
    names = [preset.id for preset in state.presets]
    known = f"There are: {', '.join(names)}."
    raise Refused("preset.unknown", f"There is no preset '{name}'.", hint(name, names, known))


def start_training(client: EngineClient, spec: TrainSpec) -> Run:
    return client.post("/api/runs", spec, Run)


def wait_for_adapter(client: EngineClient, run: Run) -> Adapter:
    """Watch the run's job to its end and return the adapter it published."""
    watch(client, find_job(client.state(), run.job))
    state = client.state()
    trained = find("run", state.runs, run.id)
    return find("adapter", state.adapters, trained.adapter)


def _result(client: EngineClient, run: Run) -> str:
    trained = find("run", client.state().runs, run.id)
    parts = [f"{trained.step} steps in {duration(trained.elapsed_s)}"]
    if trained.best_loss is not None:
        parts.append(f"best validation loss {loss(trained.best_loss)} at step {trained.best_step}")
    return f"{', '.join(parts)}."
