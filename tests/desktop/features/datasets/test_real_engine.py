"""Editing with a real engine: what the window asks for is what the next version holds."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.features.datasets import contribution as datasets
from desktop.features.datasets.page import DatasetPage
from engine.client import EngineClient
from engine.protocol.dataset_specs import AddDataset
from engine.protocol.jobs import Job, JobState
from engine.protocol.records import Dataset, RowPage
from tests.desktop.real_window import running_engine, window_on

pytestmark = pytest.mark.slow
WITHIN_MS = 60_000


@pytest.fixture
def client(tmp_path: Path) -> Iterator[EngineClient]:
    with running_engine(tmp_path / "home") as client:
        yield client


@pytest.fixture
def app(qtbot: QtBot, client: EngineClient, tmp_path: Path) -> Iterator[App]:
    with window_on(tmp_path / "home", qtbot, datasets.contribute) as app:
        yield app


def import_talks(client: EngineClient, folder: Path) -> str:
    path = folder / "talks.jsonl"
    with path.open("w") as file:
        for number in range(12):
            talk = [("user", f"Question {number}"), ("assistant", f"Answer {number % 3}")]
            messages = [{"role": role, "content": text} for role, text in talk]
            file.write(json.dumps({"messages": messages}) + "\n")
    job = client.post("/api/datasets", AddDataset(str(path)), Job)
    ended = client.wait_for_job(job.id)
    assert ended.state is JobState.DONE, ended.problem
    return ended.subject


def test_rows_are_found_sorted_edited_saved_and_brought_back(
    app: App, client: EngineClient, qtbot: QtBot, tmp_path: Path
) -> None:
    id = import_talks(client, tmp_path)
    qtbot.waitUntil(lambda: id in app.store.datasets, timeout=WITHIN_MS)
    page = app.open("dataset", id)
    assert isinstance(page, DatasetPage)
    qtbot.waitUntil(lambda: page.rows.index(0, 1).data() == "Question 0", timeout=WITHIN_MS)
    qtbot.waitUntil(lambda: len(page.inspector.labels.bars) == 3)

    page.inspector.labels.chosen.emit("Answer 1")
    page.explore.sort_by("#", descending=True)
    qtbot.waitUntil(lambda: page.rows.index(0, 0).data() == "11")
    assert page.rows.total == 4

    page.editing.edit(page.rows.index(0, 2))
    page.editing.json.field.setPlainText(
        page.editing.json.field.toPlainText().replace("Answer 1", "Another answer")
    )
    page.editing.json.keep()
    page.table.go_to(page.rows.index(1, 0))
    page.editing.remove_chosen()
    page.editing.add_row()
    page.editing.json.field.setPlainText(
        page.editing.json.field.toPlainText().replace('"content": ""', '"content": "New"')
    )
    page.editing.json.keep()
    assert page.editing.strip.text.text() == "3 changes"

    page.editing.saving.save()
    qtbot.waitUntil(lambda: app.store.datasets[id].version == 2, timeout=WITHIN_MS)
    qtbot.waitUntil(page.editing.strip.isHidden, timeout=WITHIN_MS)
    assert app.store.datasets[id].change == "Removed 1 row, Added 1 row, Edited 1 row"
    found = client.get(f"/api/datasets/{id}/rows", RowPage).rows
    texts = [[text for _, text in row.messages] for row in found]
    assert len(texts) == 12
    assert ["Question 10", "Another answer"] in texts
    assert ["Question 7", "Answer 1"] not in texts
    assert texts[-1] == ["New", "New"]

    app.notifications.notices[-1].actions[0].run()
    qtbot.waitUntil(lambda: app.store.datasets[id].version == 3, timeout=WITHIN_MS)
    restored = client.get(f"/api/datasets/{id}", Dataset)
    first = client.get(f"/api/datasets/{id}/rows?version=1", RowPage)
    assert client.get(f"/api/datasets/{id}/rows", RowPage) == first
    assert restored.rows == 12
    assert page.editing.edits.count == 0
