"""Which data folder this command is about, and its engine."""

import os
from pathlib import Path

from engine.client import EngineClient
from engine.protocol.engine_file import data_folder


def use_home(home: str) -> None:
    """Make it the data folder of this process and of every process that it starts."""
    os.environ["ADAPTER_STUDIO_HOME"] = str(Path(home).expanduser().resolve())


def connect() -> EngineClient:
    """The engine of the data folder, started if there is none."""
    return EngineClient.attach_or_start(data_folder())
