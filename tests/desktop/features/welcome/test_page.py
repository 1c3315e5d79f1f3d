from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.core.engine_process import EngineState
from desktop.features.welcome.drop_zone import DropZone
from desktop.features.welcome.page import WelcomePage
from desktop.features.welcome.rows import LineRow
from desktop.features.welcome.workstation import base_tick, engine_tick, room_tick
from engine.protocol.events import (
    AdapterChanged,
    DatasetChanged,
    EngineChanged,
    JobChanged,
    ModelChanged,
    RunChanged,
)
from engine.protocol.jobs import JobKind, JobState
from engine.protocol.problems import Problem
from tests.desktop.features.conftest import Studio
from tests.desktop.features.records import (
    ADAPTER,
    ENGINE,
    PREPARING,
    SAMPLE,
    job,
    run,
)


@pytest.fixture
def page(studio: Studio) -> WelcomePage:
    page = studio.app.open("welcome")
    assert isinstance(page, WelcomePage)
    return page


def test_it_is_the_first_page_and_has_one_blue_button(studio: Studio, page: WelcomePage) -> None:
    assert studio.app.contributions.welcome == ("welcome", "")
    assert page.first_visit
    assert page.first_focus is not None
    assert page.first_focus.property("kind") == "primary"
    assert page.first_focus.isEnabled()


def test_the_sample_goes_from_rows_to_a_chat_while_the_base_is_still_prepared(
    studio: Studio, page: WelcomePage, qtbot: QtBot
) -> None:
    engine, app = studio.engine, studio.app
    engine.send(ModelChanged(PREPARING))
    qtbot.waitUntil(lambda: app.store.models["m1"] == PREPARING)
    engine.answer("POST", "/api/datasets", job(JobKind.IMPORT_DATASET, "d2"), status=202)
    engine.answer("POST", "/api/runs", run(), status=201)
    assert page.primary is not None
    page.primary()
    qtbot.waitUntil(lambda: "/api/datasets" in engine.paths("POST"))
    engine.send(
        DatasetChanged(SAMPLE), JobChanged(job(JobKind.IMPORT_DATASET, "d2", state=JobState.DONE))
    )
    qtbot.waitUntil(lambda: app.window.editors.is_open("run", "r1"))
    spec = next(each for each in engine.asked if each.path == "/api/runs").read(dict)
    assert (spec["base"], spec["dataset"], spec["preset"]) == ("m1", "d2", "quick")
    assert spec["learning_rate"] == 5e-4
    assert studio.ran == []
    engine.send(AdapterChanged(ADAPTER), RunChanged(run(adapter="a1", state=JobState.DONE)))
    qtbot.waitUntil(lambda: studio.ran == ["chat.with-adapter"])
    assert app.selection.id("adapter") == "a1"


def test_a_sample_that_is_there_is_not_added_again(
    studio: Studio, page: WelcomePage, qtbot: QtBot
) -> None:
    studio.engine.send(DatasetChanged(SAMPLE))
    qtbot.waitUntil(lambda: "d2" in studio.app.store.datasets)
    studio.engine.answer("POST", "/api/runs", run(), status=201)
    studio.app.commands.run("welcome.try-sample")
    qtbot.waitUntil(lambda: studio.app.window.editors.is_open("run", "r1"))
    assert "/api/datasets" not in studio.engine.paths("POST")


def test_a_second_click_shows_the_run_that_goes_on(
    studio: Studio, page: WelcomePage, qtbot: QtBot
) -> None:
    studio.engine.send(RunChanged(run(state=JobState.RUNNING)))
    qtbot.waitUntil(lambda: "r1" in studio.app.store.runs)
    studio.app.settings.set("welcome.sample-run", "r1")
    studio.app.commands.run("welcome.try-sample")
    assert studio.app.window.editors.is_open("run", "r1")
    assert studio.engine.paths("POST") == []


def test_a_refused_sample_is_said_and_can_be_tried_again(
    studio: Studio, page: WelcomePage, qtbot: QtBot
) -> None:
    studio.engine.refuse("POST", "/api/datasets", Problem("disk.full", "The disk is full."))
    studio.app.commands.run("welcome.try-sample")
    qtbot.waitUntil(lambda: bool(studio.app.notifications.notices))
    assert studio.app.commands.get("welcome.try-sample").enabled()


def test_a_failed_run_opens_no_chat(studio: Studio, page: WelcomePage, qtbot: QtBot) -> None:
    studio.engine.send(RunChanged(run(state=JobState.RUNNING)))
    qtbot.waitUntil(lambda: "r1" in studio.app.store.runs)
    studio.app.settings.set("welcome.sample-run", "r1")
    studio.engine.send(RunChanged(run(state=JobState.FAILED)))
    qtbot.waitUntil(lambda: studio.app.settings.get("welcome.sample-run", "x") == "")
    assert studio.ran == []


def test_after_the_first_run_recent_and_commands_are_left(
    studio: Studio, page: WelcomePage, qtbot: QtBot
) -> None:
    studio.engine.send(AdapterChanged(ADAPTER))
    qtbot.waitUntil(lambda: not page.first_visit and page._first_visit.isHidden())

    def names() -> list[str]:
        return [row.text() for row in page.findChildren(LineRow) if row.isVisible()]

    qtbot.waitUntil(lambda: "tickets r16" in names())
    assert "New chat with the base model" in names()
    assert page._workstation.isHidden()


def test_the_drop_zone_is_a_real_target(studio: Studio, page: WelcomePage, qtbot: QtBot) -> None:
    zone = page.findChild(DropZone)
    assert isinstance(zone, DropZone)
    studio.engine.answer("POST", "/api/imports", job(JobKind.IMPORT_DATASET, "d9"), status=202)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(Path("/data/phrases.csv")))])
    plain = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton)
    enter = QDragEnterEvent(zone.rect().center(), *plain, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(zone, enter)
    assert enter.isAccepted()
    drop = QDropEvent(QPointF(zone.rect().center()), *plain, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(zone, drop)
    qtbot.waitUntil(lambda: "/api/imports" in studio.engine.paths("POST"))


def test_the_ticks_say_what_is_there(studio: Studio, page: WelcomePage) -> None:
    ticks = [tick(studio.app) for tick in (base_tick, engine_tick, room_tick)]
    assert [tick.state for tick in ticks] == ["ok", "ok", "ok"]
    assert [tick.right for tick in ticks] == [
        "134.5 M parameters, 269 MB",
        "CPU, 2 threads",
        "6.9 GB memory, 38 GB disk free",
    ]


def test_a_failing_tick_turns_into_its_remedy(
    studio: Studio, page: WelcomePage, qtbot: QtBot
) -> None:
    app, engine = studio.app, studio.engine
    failed = job(JobKind.PREPARE_BASE, "m1", state=JobState.FAILED,
                 problem=Problem("x", "The disk is full."))  # fmt: skip
    engine.send(
        ModelChanged(PREPARING),
        JobChanged(failed),
        EngineChanged(replace(ENGINE, disk_free_bytes=500_000_000)),
    )
    qtbot.waitUntil(lambda: base_tick(app).state == "error" and room_tick(app).state == "warning")
    assert (base_tick(app).right, base_tick(app).remedy) == ("The disk is full.", "Try again")
    assert room_tick(app).remedy == "Show the data folder"
    engine.answer("POST", "/api/jobs/j1/resume", {})
    again = base_tick(app).run
    assert again is not None
    again()
    qtbot.waitUntil(lambda: "/api/jobs/j1/resume" in engine.paths("POST"))
    app.store.state = EngineState.GONE
    assert engine_tick(app).remedy == "Restart"
