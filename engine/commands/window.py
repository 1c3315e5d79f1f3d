"""`adapter-studio open`: the window, a process of its own that this one only starts."""

import os
import subprocess
import sys

import click

from engine.protocol.problems import Refused


@click.command()
@click.argument("paths", nargs=-1)
def open_window(paths: tuple[str, ...]) -> int:
    """Open the window, and there whatever is named: datasets, models, adapters."""
    if sys.platform.startswith("linux") and not _display():
        raise Refused(
            "display.none",
            "There is no display to open a window on.",
            "Run 'adapter-studio tour' to see the whole job in this terminal.",
        )
    # "-P": a folder called desktop in the current folder must not be taken for ours.
    return subprocess.call([sys.executable, "-P", "-m", "desktop", *paths])


def _display() -> bool:
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
