"""The one way in which a window or a command starts an engine that outlives it."""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from engine.protocol.engine_file import engine_command

TAKEN = 3  # exit status of an engine whose data folder another one holds


def start_log(home: Path) -> Path:
    """What an engine printed before its own log was open."""
    return home / "logs" / "engine-start.log"


def launch_engine(home: Path, command: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """Start a detached engine on that data folder and return at once; it may still fail.

    `command` replaces the engine's own command line. Raises OSError when the folder cannot be
    made or the program cannot be started.
    """
    log_path = start_log(home)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    log_path.parent.mkdir(mode=0o700, exist_ok=True)
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    with log_path.open("wb") as log_file:
        return subprocess.Popen(
            command or engine_command(home.resolve()),
            stdin=subprocess.DEVNULL,
            stdout=log_file,
            stderr=log_file,
            # "-m" looks into the current folder first: one without a person's own modules.
            cwd=log_path.parent,
            start_new_session=True,
            creationflags=flags,
        )


def last_words(home: Path) -> str:
    """The last line an engine printed before its own log was open, or nothing.

    Of an exception only what it says: its class is in the log.
    """
    lines = start_log(home).read_text("utf-8", "replace").strip().splitlines()
    return re.sub(r"^[\w.]*[A-Z]\w*: ", "", lines[-1].strip()).rstrip(".") if lines else ""
