"""Real engines: one with a base and an adapter for each module, one for the command line."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
import psutil
import pytest

from engine.client import EngineClient
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.records import Adapter, BaseModel
from engine.protocol.specs import AddPath
from tests.fakes.lora import write_lora
from tests.fakes.tiny_model import write_tiny_model

T = TypeVar("T")
WITHIN_S = 120.0


@dataclass
class Studio:
    client: EngineClient
    base: BaseModel
    adapter: Adapter


def add(client: EngineClient, path: Path, name: str) -> str:
    """Bring a path in and return the id of what it became."""
    job = client.post("/api/imports", AddPath(str(path), name), Job)
    ended = client.wait_for_job(job.id)
    assert ended.state is JobState.DONE, ended.problem
    return ended.subject


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder = tmp_path_factory.mktemp("studio")
    client = EngineClient.attach_or_start(folder / "home")
    for job in client.state().jobs:
        client.send("POST", f"/api/jobs/{job.id}/cancel")  # the built-in model is not needed
    model = write_tiny_model(folder / "tiny")
    base = client.get(f"/api/models/{add(client, model, 'tiny')}", BaseModel)
    write_lora(base, folder / "lora", seed=1)
    parrot = add(client, folder / "lora", "parrot")
    adapter = client.get(f"/api/adapters/{parrot}", Adapter)
    yield Studio(client, base, adapter)
    engine = psutil.Process(client.engine.pid)
    client.send("POST", "/api/engine/stop")
    engine.wait(60)


@dataclass
class CommandLine:
    home: Path

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "engine.cli", *arguments],
            env={**os.environ, "ADAPTER_STUDIO_HOME": str(self.home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, typed: str = "", status: int = 0) -> tuple[str, str]:
        """Standard output and error of a call that has to end with that status."""
        with self.start(*arguments) as process:
            output, errors = process.communicate(typed, WITHIN_S)
        assert process.returncode == status, errors
        return output, errors

    def read(self, answer: type[T], *arguments: str) -> T:
        return msgspec.json.decode(self.run(*arguments, "--json")[0], type=answer)


@pytest.fixture(scope="session")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """The command line over an engine without its built-in model, for all tests of a session."""
    line = CommandLine(tmp_path_factory.mktemp("home"))
    line.run("engine", "start")
    for job in line.read(list[Job], "jobs", "list", "--active"):
        assert job.kind is JobKind.PREPARE_BASE
        line.run("jobs", "cancel", job.id[:8])
    yield line
    line.run("engine", "stop")
    line.run("engine", "status", status=1)


@pytest.fixture(scope="session")
def base(cli: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> BaseModel:
    folder = write_tiny_model(tmp_path_factory.mktemp("model") / "tiny")
    cli.run("models", "add", str(folder), "--name", "Tiny")
    return cli.read(BaseModel, "models", "show", "tiny")
