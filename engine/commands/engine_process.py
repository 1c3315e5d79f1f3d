"""`adapter-studio engine`."""

import time

import click
from msgspec import Struct

from engine.client import EngineClient
from engine.commands.connection import connect
from engine.commands.figures import duration, size
from engine.commands.output import json_option, note, print_facts, print_json
from engine.protocol.engine_file import EngineFile, data_folder, process_is
from engine.protocol.problems import Refused
from engine.protocol.records import EngineInfo

engine = click.Group("engine")
STOP_TIMEOUT_S = 30.0
STEP_S = 0.02


class EngineStatus(Struct, frozen=True):
    """What `engine status --json` prints: both are null while no engine runs."""

    engine: EngineInfo | None
    file: EngineFile | None  # with port and token


@engine.command("start")
def start_engine() -> None:
    """Start the engine unless it runs.

    It ends by itself when nothing needs it.
    """
    note(f"The engine answers at {connect().engine.base_url}.")


@engine.command("stop")
def stop_engine() -> None:
    """Stop the engine.

    Trainings save a checkpoint and go on with the next engine.
    """
    client = EngineClient.attach(data_folder())
    if client is None:
        note("No engine runs.")
        return
    client.send("POST", "/api/engine/stop")
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while process_is(client.engine.pid, client.engine.started_at):
        if time.monotonic() > deadline:
            raise Refused(
                "engine.no-stop",
                f"The engine (process {client.engine.pid}) still saves its work.",
                "Wait a little, or end that process; nothing that was saved is lost.",
            )
        time.sleep(STEP_S)
    note("The engine stopped.")


@engine.command("status")
@json_option
def show_status(as_json: bool) -> int:
    """Show whether and where the engine runs.

    This is where programs find its address and token. Exit status 1: it does not run.
    """
    client = EngineClient.attach(data_folder())
    status = (
        EngineStatus(client.state().engine, client.engine) if client else EngineStatus(None, None)
    )
    if as_json:
        print_json(status)
    elif status.engine is None or status.file is None:
        print_facts([("Engine", "does not run"), ("Data folder", str(data_folder()))])
    else:
        print_facts(_facts(status.engine, status.file))
    return 0 if client else 1


def _facts(info: EngineInfo, file: EngineFile) -> list[tuple[str, str]]:
    memory = f"{size(info.memory_used_bytes)} of {size(info.memory_total_bytes)} used"
    return [
        ("Engine", f"up for {duration(time.time() - info.started_at)}, process {info.pid}"),
        ("Version", info.version),
        ("Data folder", info.home),
        ("API", file.base_url),
        ("OpenAI API", f"{file.base_url}/v1"),
        ("Token", file.token),
        ("Device", f"{info.device}, {info.threads} threads"),
        ("Memory", memory),
        ("Free disk", size(info.disk_free_bytes)),
    ]
