"""The whole way with a real engine: split, compare, restore, export and mix."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.features.datasets import contribution as datasets
from desktop.features.datasets.export_popover import ExportPopover
from desktop.features.datasets.mix_page import MixPage
from desktop.features.datasets.split_popover import SplitPopover
from desktop.features.datasets.versions_page import VersionsPage
from desktop.features.jobs import contribution as jobs
from desktop.workbench.notifications import Notice
from engine.client import EngineClient
from engine.protocol.dataset_specs import AddDataset
from engine.protocol.jobs import Job, JobState
from engine.protocol.records import Dataset
from tests.desktop.real_window import running_engine, window_on

pytestmark = pytest.mark.slow
WITHIN_MS = 60_000


@pytest.fixture
def client(tmp_path: Path) -> Iterator[EngineClient]:
    with running_engine(tmp_path / "home") as client:
        yield client


@pytest.fixture
def studio(qtbot: QtBot, client: EngineClient, tmp_path: Path) -> Iterator[App]:
    with window_on(tmp_path / "home", qtbot, datasets.contribute, jobs.contribute) as app:
        yield app


def add(client: EngineClient, folder: Path, name: str, rows: int) -> str:
    path = folder / name
    lines = ({"prompt": f"{name} {n}", "completion": f"answer {n % 5}"} for n in range(rows))
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    job = client.post("/api/datasets", AddDataset(path=str(path)), Job)
    ended = client.wait_for_job(job.id)
    assert ended.state is JobState.DONE, ended.problem
    return ended.subject


def choose(app: App, qtbot: QtBot, id: str) -> Dataset:
    qtbot.waitUntil(lambda: id in app.store.datasets, timeout=WITHIN_MS)
    app.store.flush()
    app.selection.set("dataset", id)
    return app.store.datasets[id]


def at_version(app: App, qtbot: QtBot, id: str, version: int) -> Dataset:
    qtbot.waitUntil(lambda: app.store.datasets[id].version == version, timeout=WITHIN_MS)
    return app.store.datasets[id]


def undo(app: App, qtbot: QtBot, words: str) -> None:
    """Take back what the newest toast tells of."""
    qtbot.waitUntil(lambda: any(words in each.text for each in notices_of(app)), timeout=WITHIN_MS)
    notices_of(app)[-1].actions[0].run()


def notices_of(app: App) -> list[Notice]:
    return app.notifications.notices


def split_with(app: App, validation: str) -> None:
    assert app.commands.run("datasets.split")
    popover = app.window.findChild(SplitPopover)
    assert isinstance(popover, SplitPopover)
    field = cast(QLineEdit, popover.fields["validation"].input)
    field.selectAll()
    QTest.keyClicks(field, validation)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_a_split_makes_a_version_that_is_compared_restored_and_taken_back(
    studio: App, client: EngineClient, qtbot: QtBot, tmp_path: Path
) -> None:
    id = add(client, tmp_path, "tickets.jsonl", 60)
    before = choose(studio, qtbot, id)
    studio.open("dataset", id)
    split_with(studio, "30")
    after = at_version(studio, qtbot, id, 2)
    assert (after.train_rows, after.validation_rows) == (30, 30)
    qtbot.waitUntil(lambda: studio.window.findChild(SplitPopover) is None)

    assert studio.commands.run("datasets.versions")
    page = cast(VersionsPage, studio.window.editors.active)
    qtbot.waitUntil(lambda: bool(page.diff.rows.lines), timeout=WITHIN_MS)
    headings = [line.label for line in page.diff.rows.lines if line.kind == "heading"]
    assert headings == ["Settings", "Moved to another side"]
    assert not studio.commands.run("datasets.restore")
    page.list.setFocus()
    QTest.keyClick(page.list, Qt.Key.Key_Down)
    assert page.chosen is not None
    assert page.chosen.version == 1
    assert page.empty.isVisible()
    assert studio.commands.run("datasets.restore")
    restored = at_version(studio, qtbot, id, 3)
    assert (restored.sha256, restored.train_rows) == (before.sha256, before.train_rows)
    undo(studio, qtbot, "is the newest again")
    assert at_version(studio, qtbot, id, 4).validation_rows == 30
    qtbot.waitUntil(lambda: page.chosen is not None and page.chosen.version == 4)


def test_the_toast_of_a_split_takes_it_back(
    studio: App, client: EngineClient, qtbot: QtBot, tmp_path: Path
) -> None:
    id = add(client, tmp_path, "tickets.jsonl", 60)
    before = choose(studio, qtbot, id)
    split_with(studio, "20")
    undo(studio, qtbot, "40 train, 20 validation rows")
    assert at_version(studio, qtbot, id, 3).validation_rows == before.validation_rows


def test_rows_are_exported_to_the_file_that_was_chosen_also_over_another(
    studio: App, client: EngineClient, qtbot: QtBot, tmp_path: Path
) -> None:
    id = add(client, tmp_path, "tickets.jsonl", 60)
    dataset = choose(studio, qtbot, id)
    studio.settings.set("datasets.export-folder", str(tmp_path))
    path = tmp_path / "tickets-validation.csv"
    path.write_text("something else", encoding="utf-8")
    assert studio.commands.run("datasets.export")
    popover = studio.window.findChild(ExportPopover)
    assert isinstance(popover, ExportPopover)
    popover.kinds.setCurrentIndex(1)
    assert "apostrophe" in popover.note.text()
    popover.rows.setCurrentIndex(popover.rows.findData("validation"))
    QTest.keyClick(popover.kinds, Qt.Key.Key_Return)
    dialog = studio.window.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    assert dialog.selectedFiles() == [str(path)]
    dialog.filesSelected.emit([str(path)])  # as when the person has confirmed to replace it
    dialog.reject()
    qtbot.waitUntil(lambda: bool(notices_of(studio)), timeout=WITHIN_MS)
    notice = notices_of(studio)[-1]
    assert notice.text.startswith(
        f"Exported {dataset.validation_rows} rows to tickets-validation.csv · "
    )
    assert notice.actions[0].title == "Show in Folder"
    with path.open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == dataset.validation_rows


def test_a_mix_has_the_rows_that_were_foretold_and_opens(
    studio: App, client: EngineClient, qtbot: QtBot, tmp_path: Path
) -> None:
    tickets = add(client, tmp_path, "tickets.jsonl", 60)
    general = add(client, tmp_path, "general.jsonl", 200)
    choose(studio, qtbot, general)
    choose(studio, qtbot, tickets)
    assert studio.commands.run("datasets.mix")
    page = cast(MixPage, studio.window.editors.active)
    assert list(page.shares) == [tickets]
    assert studio.commands.run("datasets.mix-now")  # one alone is no mix
    row = page.rows[general]
    assert row.check.hasFocus()
    QTest.keyClick(row.check, Qt.Key.Key_Space)
    row.field.setFocus()
    row.field.selectAll()
    QTest.keyClicks(row.field, "20")
    QTest.keyClick(row.field, Qt.Key.Key_Return)
    assert page.rows[tickets].field.text() == "80"
    assert row.rows.text() == "15 rows"
    assert page.total.text() == "100 %, 75 rows in all"
    assert page.fields["name"].value() == "general + tickets"
    assert page.primary is not None
    page.primary()
    qtbot.waitUntil(lambda: len(studio.store.datasets) == 3, timeout=WITHIN_MS)
    (mix,) = (each for each in studio.store.datasets.values() if each.made_of)
    assert (mix.name, mix.rows) == ("general + tickets", 75)
    qtbot.waitUntil(lambda: studio.window.editors.is_open("dataset", mix.id), timeout=WITHIN_MS)
    assert not studio.commands.get("datasets.reread").enabled()
