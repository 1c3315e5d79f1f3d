"""How a client finds the engine: the data folder and `engine.json` in it."""

import os
import sys
from pathlib import Path

import msgspec
import platformdirs
import psutil
from msgspec import Struct


class EngineFile(Struct, frozen=True):
    """`engine.json`: mode 0600, there only while its engine lives."""

    pid: int
    started_at: float  # the process's start time, so that a reused pid is not taken for it
    port: int
    token: str  # 256 bits in hexadecimal
    protocol: int

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def data_folder() -> Path:
    """`ADAPTER_STUDIO_HOME`, else the platform's user data folder; not created here."""
    home = os.environ.get("ADAPTER_STUDIO_HOME")
    return Path(home) if home else platformdirs.user_data_path("adapter-studio", appauthor=False)


def engine_file_path(home: Path) -> Path:
    return home / "engine.json"


def read_engine_file(home: Path) -> EngineFile | None:
    """The file of an engine whose process is alive, or None; says nothing about its health."""
    try:
        found = msgspec.json.decode(engine_file_path(home).read_bytes(), type=EngineFile)
    except (OSError, msgspec.MsgspecError):
        return None
    return found if process_is(found.pid, found.started_at) else None


def process_is(pid: int, started_at: float) -> bool:
    """Whether that very process still runs: the pid with that start time, and no zombie."""
    try:
        process = psutil.Process(pid)
        return (
            abs(process.create_time() - started_at) < 1.0
            and process.status() != psutil.STATUS_ZOMBIE
        )
    except psutil.Error:
        return False


def engine_command(home: Path) -> list[str]:
    """The command line that starts a detached engine on that data folder."""
    return [sys.executable, "-m", "engine", "--home", str(home)]
