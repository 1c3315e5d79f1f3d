"""`adapter-studio runs tensorboard`: TensorBoard on this machine, for these runs."""

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from engine.commands.connection import connect
from engine.commands.names import find_run
from engine.commands.output import note
from engine.protocol.problems import Refused
from engine.protocol.records import Run
from engine.protocol.run_comparison import events_folder

PROGRAM = "tensorboard"
HOW_TO_GET = "TensorBoard is not installed here. To get it: pip install tensorboard"


@click.command("tensorboard")
@click.argument("runs", nargs=-1)
@click.option("--print-only", is_flag=True, help="Print the folders and start nothing.")
def show_board(runs: tuple[str, ...], print_only: bool) -> None:
    """Look at runs in TensorBoard.

    RUN is a name, an id or a number like "#3"; without one all runs are shown. It listens on
    127.0.0.1 alone, and ends with Ctrl+C.
    """
    known = connect().state().runs
    chosen = [find_run(known, each) for each in runs] or list(known)
    shown = [run for run in chosen if Path(events_folder(run)).is_dir()]
    if not shown:
        raise Refused(
            "runs.no-events",
            "There are no figures for TensorBoard yet.",
            "They are written from the first step of a run on.",
        )
    for run in shown:
        print(events_folder(run))
    program = find_program()
    if print_only:
        return
    if program is None:
        note(HOW_TO_GET)
        return
    # Foreground, and its own words are the user's: the address to open, and how to end it.
    subprocess.run(board_command(program, shown), check=False)


def find_program() -> str | None:
    """Beside this Python first, where pip puts it, then on the PATH."""
    beside = shutil.which(PROGRAM, path=str(Path(sys.executable).parent))
    return beside or shutil.which(PROGRAM)


def board_command(program: str, runs: Sequence[Run]) -> list[str]:
    """Named by number and name, without the commas and colons that TensorBoard separates by."""
    folders = (f"{run.number}-{_plain(run.name)}:{events_folder(run)}" for run in runs)
    return [program, "--logdir_spec", ",".join(folders), "--host", "127.0.0.1"]


def _plain(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name)
