"""The whole way with a real engine and a real model: import, compare, keep, delete, bring back."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.features.adapters import contribution as adapters
from desktop.features.chat import contribution as chat
from desktop.features.chat.page import ChatPage
from engine.client import EngineClient
from engine.protocol.jobs import Job, JobState
from engine.protocol.records import BaseModel
from engine.protocol.specs import AddPath
from tests.desktop.real_window import running_engine, window_on
from tests.fakes.lora import write_lora
from tests.fakes.tiny_model import write_tiny_model

pytestmark = pytest.mark.slow
WITHIN_MS = 120_000


@pytest.fixture
def client(tmp_path: Path) -> Iterator[EngineClient]:
    with running_engine(tmp_path / "home", built_in=True) as client:
        yield client


@pytest.fixture
def studio(qtbot: QtBot, client: EngineClient, tmp_path: Path) -> Iterator[App]:
    with window_on(tmp_path / "home", qtbot, adapters.contribute, chat.contribute) as app:
        yield app


def add_base(client: EngineClient, folder: Path) -> BaseModel:
    for job in client.state().jobs:
        client.send("POST", f"/api/jobs/{job.id}/cancel")  # the built-in model is not needed
    job = client.post("/api/imports", AddPath(str(folder), kind="model"), Job)
    ended = client.wait_for_job(job.id)
    assert ended.state is JobState.DONE, ended.problem
    return client.get(f"/api/models/{ended.subject}", BaseModel)


def test_an_imported_adapter_is_compared_with_its_base(
    studio: App, client: EngineClient, qtbot: QtBot, tmp_path: Path
) -> None:
    base = add_base(client, write_tiny_model(tmp_path / "tiny"))
    write_lora(base, tmp_path / "strange", seed=1)
    assert studio.window.take_paths((tmp_path / "strange",))
    qtbot.waitUntil(lambda: bool(studio.store.adapters), timeout=WITHIN_MS)
    (adapter,) = studio.store.adapters.values()
    qtbot.waitUntil(lambda: studio.window.editors.is_open("adapter", adapter.id))

    assert studio.commands.run("chat.with-adapter")
    page = cast(ChatPage, studio.window.editors.active)
    sampling = page.session.conversation.sampling
    page.session.set_sampling(type(sampling)(temperature=0.0, max_tokens=12))
    page.prompt.field.setPlainText("Say something.")
    page.send()
    qtbot.waitUntil(lambda: not page.session.busy, timeout=WITHIN_MS)
    plain, tuned = page.session.turns[-1].replies
    assert plain.problem == tuned.problem == ""
    assert plain.stamp is not None
    assert tuned.stamp is not None
    assert (plain.stamp.adapter_hash, tuned.stamp.adapter_hash) == (None, adapter.hash)
    assert plain.text != tuned.text

    id = page.session.id
    qtbot.waitUntil(lambda: id in studio.store.conversations)
    assert studio.store.conversations[id].title == "Say something"
    studio.commands.run("chat.delete")
    qtbot.waitUntil(lambda: id not in studio.store.conversations)
    qtbot.waitUntil(lambda: not studio.window.editors.is_open("chat", "new:" + id))
    qtbot.waitUntil(lambda: bool(studio.notifications.notices))
    studio.notifications.notices[-1].actions[0].run()
    qtbot.waitUntil(lambda: id in studio.store.conversations)
    again = cast(ChatPage, studio.open("chat", id))
    qtbot.waitUntil(lambda: len(again.session.turns) == 1)
    assert again.session.turns[0].replies[1].text == tuned.text
