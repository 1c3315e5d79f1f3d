from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.features.models.actions import ModelActions
from desktop.features.models.contribution import is_model, offer
from desktop.features.models.page import ModelPage
from desktop.workbench.side_bar import SideBar
from engine.protocol.events import AdapterChanged, JobChanged, ModelChanged, RecordRemoved
from engine.protocol.jobs import JobKind, JobState
from engine.protocol.problems import Problem
from engine.protocol.records import ModelStatus
from tests.desktop.features.conftest import Studio
from tests.desktop.features.records import ADAPTER, BASE, PREPARING, job

MISSING = replace(BASE, id="m2", name="own", source="folder", status=ModelStatus.MISSING)


def side_bar(studio: Studio) -> SideBar:
    studio.app.window.show_activity("models", focus=True)
    bar = studio.app.window.side_bar("models")
    assert isinstance(bar, SideBar)
    return bar


def page(studio: Studio, id: str) -> ModelPage:
    page = studio.app.open("model", id)
    assert isinstance(page, ModelPage)
    return page


def test_folders_with_a_config_and_gguf_files_are_offered_as_models(tmp_path: Path) -> None:
    model, adapter = tmp_path / "model", tmp_path / "adapter"
    for folder in (model, adapter):
        folder.mkdir()
        (folder / "config.json").write_text("{}")
    (adapter / "adapter_config.json").write_text("{}")
    gguf = tmp_path / "a.GGUF"
    gguf.write_bytes(b"GGUF")
    assert offer((model,)) == offer((gguf,)) == "Add as base model"
    assert offer((adapter,)) == offer((tmp_path,)) == offer((model, tmp_path)) == ""
    assert is_model(model / "config.json")


def test_a_row_says_what_the_model_is_and_that_it_is_ready(studio: Studio) -> None:
    row = side_bar(studio).list.rows.sections[0].rows[0]
    assert (row.detail, row.state_icon) == ("134.5 M · llama · Apache-2.0", "pass-filled")


def test_a_base_in_preparation_shows_its_progress(studio: Studio, qtbot: QtBot) -> None:
    bar, shown = side_bar(studio), page(studio, "m1")
    studio.engine.send(
        ModelChanged(PREPARING),
        JobChanged(job(JobKind.PREPARE_BASE, "m1", progress=0.4, detail="Writing the weights")),
    )
    qtbot.waitUntil(lambda: bar.list.rows.sections[0].rows[0].progress == 0.4)
    assert shown._bar.isVisible()
    assert shown._meta.whole_text() == "Preparing: writing the weights"
    assert not studio.app.commands.run("models.chat")


def test_chat_starts_with_this_base_and_no_adapter(studio: Studio) -> None:
    shown = page(studio, "m1")
    assert shown.primary is not None
    shown.primary()
    assert studio.ran == ["chat.new"]


def test_its_adapters_are_listed(studio: Studio, qtbot: QtBot) -> None:
    shown = page(studio, "m1")
    studio.engine.send(AdapterChanged(ADAPTER))
    qtbot.waitUntil(lambda: shown._adapters.isVisible())
    assert shown._adapters.rows.sections[0].rows[0].title == "tickets r16"


def test_the_built_in_model_stays(studio: Studio) -> None:
    bar = side_bar(studio)
    bar.list.select("m1")
    QTest.keyClick(bar.list, Qt.Key.Key_Delete)
    assert studio.engine.paths("DELETE") == []
    assert studio.app.commands.get("models.remove").why_off == "The built-in model stays."


def test_a_missing_folder_can_be_located_and_takes_the_old_ones_place(
    studio: Studio, qtbot: QtBot, tmp_path: Path
) -> None:
    studio.engine.send(ModelChanged(MISSING))
    qtbot.waitUntil(lambda: "m2" in studio.app.store.models)
    shown = page(studio, "m2")
    assert shown._chip.text() == "Missing"
    assert shown._band.isVisible()
    studio.engine.answer("DELETE", "/api/models/m2", {"undo": "t1"})
    studio.engine.answer("POST", "/api/imports", job(JobKind.ADD_MODEL, "m3"), status=202)
    actions = studio.app.findChild(ModelActions)
    assert isinstance(actions, ModelActions)
    actions.move(MISSING, tmp_path)
    qtbot.waitUntil(lambda: "/api/imports" in studio.engine.paths("POST"))
    studio.engine.send(
        RecordRemoved("model", "m2"),
        ModelChanged(replace(MISSING, id="m3", status=ModelStatus.READY)),
        JobChanged(job(JobKind.ADD_MODEL, "m3", state=JobState.DONE)),
    )
    qtbot.waitUntil(lambda: studio.app.window.editors.is_open("model", "m3"))
    assert not studio.app.window.editors.is_open("model", "m2")


def test_a_folder_that_is_refused_leaves_the_missing_model_where_it_was(
    studio: Studio, qtbot: QtBot, tmp_path: Path
) -> None:
    problem = Problem("models.pickle-weights", "Its weights are pickles.", "Convert them.")
    studio.engine.answer("DELETE", "/api/models/m2", {"undo": "t1"})
    studio.engine.answer("POST", "/api/trash/t1/restore", {})
    studio.engine.refuse("POST", "/api/imports", problem)
    actions = studio.app.findChild(ModelActions)
    assert isinstance(actions, ModelActions)
    actions.move(MISSING, tmp_path)
    qtbot.waitUntil(lambda: "/api/trash/t1/restore" in studio.engine.paths("POST"))
    assert "pickles" in studio.app.notifications.notices[-1].text


def test_the_status_bar_names_the_base_and_opens_it(studio: Studio, qtbot: QtBot) -> None:
    item = next(
        each for _, each in studio.app.window.status._items if each.status.text == BASE.name
    )
    item.click()
    assert studio.app.window.editors.is_open("model", "m1")
