"""An engine with a two-layer base model and one adapter, shared by the tests of a module."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from engine.client import EngineClient
from engine.protocol.jobs import Job, JobState
from engine.protocol.records import Adapter, BaseModel
from engine.protocol.specs import AddPath
from tests.fakes.lora import write_lora
from tests.fakes.tiny_model import write_tiny_model


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
