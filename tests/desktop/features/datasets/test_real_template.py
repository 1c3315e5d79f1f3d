"""The whole way with a real engine: choose a template, see its tokens, use it, take it back."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.features.datasets import contribution as datasets
from desktop.features.datasets.page import DatasetPage
from engine.client import EngineClient
from engine.protocol.dataset_specs import AddDataset
from engine.protocol.jobs import Job, JobState
from engine.protocol.specs import AddPath
from tests.desktop.real_window import running_engine, window_on
from tests.fakes.tiny_model import write_tiny_model

pytestmark = pytest.mark.slow
WITHIN_MS = 120_000


@pytest.fixture
def client(tmp_path: Path) -> Iterator[EngineClient]:
    with running_engine(tmp_path / "home") as client:
        tiny = str(write_tiny_model(tmp_path / "tiny"))
        done(client, client.post("/api/imports", AddPath(tiny, kind="model"), Job))
        done(client, client.post("/api/datasets", AddDataset(sample=True), Job))
        yield client


def done(client: EngineClient, job: Job) -> None:
    ended = client.wait_for_job(job.id)
    assert ended.state is JobState.DONE, ended.problem


@pytest.fixture
def studio(qtbot: QtBot, client: EngineClient, tmp_path: Path) -> Iterator[App]:
    with window_on(tmp_path / "home", qtbot, datasets.contribute) as app:
        yield app


def test_a_template_of_the_gallery_is_seen_used_and_taken_back(studio: App, qtbot: QtBot) -> None:
    (id,) = studio.store.datasets
    page = cast(DatasetPage, studio.open("dataset", id))
    seen = page.inspector.box.shown_text
    qtbot.waitUntil(lambda: "team" in seen().replace(" ", ""), timeout=WITHIN_MS)
    own = page.inspector._template.text()
    QTest.mouseClick(page.inspector._template, Qt.MouseButton.LeftButton)
    editing = page.templates.editing
    assert editing is not None
    qtbot.waitUntil(lambda: len(editing.gallery.entries) > 10, timeout=WITHIN_MS)
    actions = editing.editor.menu.actions()
    next(each for each in actions if each.text() == "Text and label\tfits").trigger()
    preview = editing.editor.box.shown_text
    assert "Text:" not in preview().replace(" ", "")
    qtbot.waitUntil(lambda: "Text:" in preview().replace(" ", ""), timeout=WITHIN_MS)

    QTest.keyClicks(editing.editor.text, "[[")
    qtbot.waitUntil(lambda: bool(editing.editor.fault.text()), timeout=WITHIN_MS)
    assert editing.editor.text.marked_line() == 3
    assert not studio.commands.run("datasets.use-template")
    QTest.keyClick(editing.editor.text, Qt.Key.Key_Backspace)
    QTest.keyClick(editing.editor.text, Qt.Key.Key_Backspace)
    qtbot.waitUntil(lambda: not editing.editor.fault.text(), timeout=WITHIN_MS)

    assert studio.commands.run("datasets.use-template")
    qtbot.waitUntil(lambda: not page.templates.is_open, timeout=WITHIN_MS)
    dataset = studio.store.datasets[id]
    assert dataset.version == 2
    assert dataset.template is not None
    assert dataset.template.name == "Text and label"
    name = page.inspector._template.text
    qtbot.waitUntil(lambda: name() == "Text and label", timeout=WITHIN_MS)
    assert "version 2" in page.header.meta.whole_text()

    studio.notifications.notices[-1].actions[0].run()
    qtbot.waitUntil(lambda: studio.store.datasets[id].version == 3, timeout=WITHIN_MS)
    assert studio.store.datasets[id].template is None
    qtbot.waitUntil(lambda: name() == own, timeout=WITHIN_MS)
