"""The New run page, driven by keys and clicks."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.features.jobs.contribution import contribute as jobs
from desktop.features.training.contribution import contribute as training
from desktop.features.training.new_run_page import NewRunPage
from desktop.workbench.rows import ROW_MIME
from engine.protocol.dataset_specs import Template
from engine.protocol.events import DatasetChanged, JobChanged, MeasurementAdded
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.method_specs import METHODS, kind_of
from engine.protocol.options import get_value
from engine.protocol.problems import Problem
from engine.protocol.records import Dataset
from engine.protocol.specs import AddPath, TrainSpec
from tests.desktop.features.conftest import Studio
from tests.desktop.features.records import TICKETS
from tests.desktop.features.run_records import FORECASTS, forecast, run


@pytest.fixture
def page(studio: Studio, qtbot: QtBot) -> NewRunPage:
    """Opened for a dataset, its forecast there."""
    studio.app.selection.set("dataset", "d1")
    studio.app.commands.run("runs.new")
    page = studio.app.window.editors.active
    assert isinstance(page, NewRunPage)
    qtbot.waitUntil(lambda: page.card.time.text() != "No forecast yet" and bool(asked(studio)))
    qtbot.waitUntil(lambda: bool(page.forecasts.latest))
    return page


def asked(studio: Studio) -> list[list[TrainSpec]]:
    return [each.read(list[TrainSpec]) for each in studio.engine.asked
            if each.path == "/api/forecasts"]  # fmt: skip


def started(studio: Studio) -> list[TrainSpec]:
    return [each.read(TrainSpec) for each in studio.engine.asked if each.path == "/api/runs"]


def field(page: NewRunPage, path: str) -> QLineEdit:
    widget = page.form.form.field(path).input
    assert isinstance(widget, QLineEdit)
    return widget


def enter(page: NewRunPage, path: str, text: str) -> None:
    field(page, path).selectAll()
    QTest.keyClicks(field(page, path), text)


def test_ctrl_n_opens_it_with_what_is_at_hand(studio: Studio, page: NewRunPage) -> None:
    assert page.form.base.currentText() == "SmolLM2-135M-Instruct"
    assert page.form.dataset.currentText() == "tickets.jsonl"
    assert page.form.presets.cards["balanced"].isChecked()
    assert page.form.name.placeholderText() == "tickets r16"
    assert page.modified
    assert page.first_focus is page.form.methods.rows["lora"]


def test_the_forecast_is_of_the_settings_and_of_every_preset(
    studio: Studio, page: NewRunPage
) -> None:
    specs = asked(studio)[-1]
    assert [spec.epochs for spec in specs[:4]] == [5.0, 3.0, 5.0, 10.0]
    assert [kind_of(spec.method) for spec in specs[4:]] == [each.kind for each in METHODS]
    assert {(spec.base, spec.dataset) for spec in specs} == {("m1", "d1")}
    assert page.card.time.text() == "1 h 21 min"
    assert page.card.source.text() == "at 120 tok/s, measured on this machine"
    assert page.card.values["Trainable"].text() == "4.88 M, 3.6 %"
    assert page.form.presets.cards["quick"].accessibleDescription() == "3 epochs, 27 min"
    assert "1.5 GB of memory" in page.form.methods.rows["lora"].accessibleDescription()


def test_edits_in_quick_succession_ask_once(studio: Studio, page: NewRunPage, qtbot: QtBot) -> None:
    before = len(asked(studio))
    enter(page, "method.rank", "24")
    qtbot.waitUntil(lambda: len(asked(studio)) > before)
    qtbot.wait(150)
    assert len(asked(studio)) == before + 1
    assert get_value(asked(studio)[-1][0], "method.rank") == 24


def test_an_edit_makes_the_preset_custom_and_there_is_a_way_back(page: NewRunPage) -> None:
    presets = page.form.presets
    enter(page, "method.rank", "24")
    assert not any(card.isChecked() for card in presets.cards.values())
    assert presets.back.isVisible()
    assert presets.back.text() == "Back to Balanced"
    QTest.mouseClick(presets.back, Qt.MouseButton.LeftButton)
    assert presets.cards["balanced"].isChecked()
    assert not presets.back.isVisible()
    assert field(page, "method.rank").text() == "16"


def test_editing_a_value_back_is_the_preset_again(page: NewRunPage) -> None:
    enter(page, "method.rank", "24")
    enter(page, "method.rank", "16")
    assert page.form.presets.cards["balanced"].isChecked()


def test_a_preset_is_chosen_by_key(page: NewRunPage) -> None:
    card = page.form.presets.cards["thorough"]
    card.setFocus()
    QTest.keyClick(card, Qt.Key.Key_Return)
    assert field(page, "method.rank").text() == "32"
    assert page.form.name.placeholderText() == "tickets r32"


def test_ctrl_enter_starts_the_run_and_opens_it(
    studio: Studio, page: NewRunPage, qtbot: QtBot
) -> None:
    studio.engine.answer("POST", "/api/runs", run(16, JobState.QUEUED), status=201)
    enter(page, "method.rank", "24")
    QTest.keyClicks(page.form.name, "mine")
    QTest.keyClick(studio.app.window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: studio.app.window.editors.is_open("run", "r16"))
    spec = started(studio)[0]
    assert (spec.base, spec.dataset, spec.name) == ("m1", "d1", "mine")
    assert (get_value(spec, "method.rank"), spec.epochs, spec.preset) == (24, 5.0, "custom")
    assert not studio.app.window.editors.is_open("new-run")
    assert studio.app.settings.get("runs.draft", {}) == {}


def test_start_goes_to_the_first_bad_field(studio: Studio, page: NewRunPage) -> None:
    enter(page, "batch_size", "0")
    assert field(page, "batch_size").property("bad")
    QTest.mouseClick(page.card.start, Qt.MouseButton.LeftButton)
    assert field(page, "batch_size").hasFocus()
    assert started(studio) == []
    assert page.card.time.text() == "No forecast"


def test_start_without_a_dataset_asks_for_one(studio: Studio, qtbot: QtBot) -> None:
    studio.app.commands.run("runs.new")
    page = studio.app.window.editors.active
    assert isinstance(page, NewRunPage)
    page.start()
    assert page.form.dataset.hasFocus()
    assert page.form.dataset.property("bad")
    page.form.dataset.activated.emit(page.form.dataset.findData("d1"))
    assert not page.form.dataset.property("bad")


def test_a_name_with_a_colon_is_refused_before_it_is_sent(studio: Studio, page: NewRunPage) -> None:
    QTest.keyClicks(page.form.name, "a:b")
    page.start()
    assert page.form.name.hasFocus()
    assert started(studio) == []


def test_what_the_engine_refuses_stands_in_the_band(
    studio: Studio, page: NewRunPage, qtbot: QtBot
) -> None:
    studio.engine.refuse("POST", "/api/runs", Problem("x", "It has no rows.", "Choose another."))
    page.start()
    qtbot.waitUntil(lambda: page._band.isVisible())
    assert page._band._label.text() == "It has no rows. Choose another."
    assert page.card.start.isEnabled()


def test_more_memory_than_is_free_is_asked_about_once(
    studio: Studio, page: NewRunPage, qtbot: QtBot
) -> None:
    much = [forecast(100.0, memory_bytes=6_000_000_000), *FORECASTS[1:]]
    studio.engine.answer("POST", "/api/forecasts", much)
    page.forecasts.refresh()
    qtbot.waitUntil(lambda: page.forecasts.latest[0].memory_bytes == 6_000_000_000)
    page.start()
    assert page._band.isVisible()
    assert started(studio) == []
    page.start()
    qtbot.waitUntil(lambda: len(started(studio)) == 1)


def test_what_is_not_measured_yet_is_asked_again_when_it_is(
    studio: Studio, page: NewRunPage, qtbot: QtBot
) -> None:
    studio.engine.answer("POST", "/api/forecasts", [forecast(None)] * 4)
    page.forecasts.refresh()
    qtbot.waitUntil(lambda: page.card.time.text() == "Measuring on this machine…")
    studio.engine.answer("POST", "/api/forecasts", [forecast(None, tokens_per_epoch=None)] * 4)
    page.forecasts.refresh()
    qtbot.waitUntil(lambda: page.card.time.text() == "Counting tokens…")
    studio.engine.answer("POST", "/api/forecasts", FORECASTS)
    studio.engine.send(MeasurementAdded("m1"))
    qtbot.waitUntil(lambda: page.card.time.text() == "1 h 21 min")


def test_the_draft_survives_the_window(studio: Studio, page: NewRunPage, tmp_path: Path) -> None:
    enter(page, "method.rank", "24")
    studio.app.settings.save()
    other = App(tmp_path / "home")
    other.start([jobs, training])
    draft: dict[str, Any] = other.settings.get("runs.draft", {})
    assert draft["values"]["method.rank"] == 24
    assert draft["dataset"] == "d1"
    assert other.window.editors.is_open("new-run")


def test_a_dropped_dataset_row_sets_the_dataset(page: NewRunPage) -> None:
    data = QMimeData()
    data.setData(ROW_MIME, b"dataset d2")
    page.dropEvent(drop(data))
    assert page.form.dataset.currentText() == "sample-tickets.jsonl"


def test_a_dropped_file_is_added_and_set_once_it_is_read(
    studio: Studio, page: NewRunPage, qtbot: QtBot
) -> None:
    job = Job("j9", JobKind.IMPORT_DATASET, "Import new.jsonl", subject="d9")
    studio.engine.answer("POST", "/api/imports", job, status=202)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/data/new.jsonl")])
    page.dropEvent(drop(data))
    qtbot.waitUntil(lambda: "/api/imports" in studio.engine.paths("POST"))
    sent = next(each for each in studio.engine.asked if each.path == "/api/imports")
    assert sent.read(AddPath).path == str(Path("/data/new.jsonl"))
    new = Dataset("d9", "new.jsonl", 1, "/d9", "9", "/data/new.jsonl", train_rows=9)
    done = msgspec.structs.replace(job, state=JobState.DONE)
    studio.engine.send(DatasetChanged(new), JobChanged(done))
    qtbot.waitUntil(lambda: page.form.dataset.currentText() == "new.jsonl")


def test_in_a_narrow_page_the_forecast_stands_below(studio: Studio, page: NewRunPage) -> None:
    wide = page.card.mapTo(page, page.card.rect().topLeft()).x()
    studio.app.window.resize(1100, 760)
    QTest.qWait(10)
    assert page.card.mapTo(page, page.card.rect().topLeft()).x() < wide / 2


def drop(data: QMimeData) -> QDropEvent:
    return QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                      Qt.KeyboardModifier.NoModifier)  # fmt: skip


def test_a_dataset_with_a_template_of_its_own_names_it(
    studio: Studio, page: NewRunPage, qtbot: QtBot
) -> None:
    hint = page.form._dataset_field._hint
    assert not hint.isVisible()
    template = Template("Text and label", "fields", "{user}[[{assistant}]]")
    studio.engine.send(DatasetChanged(msgspec.structs.replace(TICKETS, template=template)))
    qtbot.waitUntil(lambda: hint.text() == "Template: Text and label")
    assert hint.isVisible()
    page.form._dataset_field.show_error("Choose a dataset.")
    page.form._dataset_field.show_error("")
    assert hint.text() == "Template: Text and label"
