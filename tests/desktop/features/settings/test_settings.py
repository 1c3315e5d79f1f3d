import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.features.settings.output import Output
from desktop.features.settings.page import SettingsPage
from desktop.features.settings.resources import Resources
from desktop.features.settings.secret import Secret
from engine.protocol.events import EngineChanged, JobChanged, LogAdded
from engine.protocol.jobs import JobKind, JobState
from tests.desktop.features.conftest import Studio
from tests.desktop.features.records import ENGINE, job
from tests.fakes.engine import TOKEN


@pytest.fixture
def page(studio: Studio) -> SettingsPage:
    QTest.keyClick(studio.app.window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    page = studio.app.open("settings")
    assert isinstance(page, SettingsPage)
    return page


def test_the_gear_opens_the_page_and_leaves_the_side_bar(studio: Studio) -> None:
    before = studio.app.window.activity
    studio.app.commands.run("settings.show")
    assert studio.app.window.editors.is_open("settings")
    assert studio.app.window.activity == before


def test_a_theme_takes_effect_at_once_and_follows_its_command(
    studio: Studio, page: SettingsPage
) -> None:
    QTest.keyClick(page.look, Qt.Key.Key_Down)
    page.look.activated.emit(page.look.currentIndex())
    assert studio.app.theme.choice == "light"
    studio.app.theme.choose("dark")
    assert page.look.currentText() == "Dark"
    studio.app.theme.zoom_by(1)
    assert page.zoom.currentText() == "110 %"
    studio.app.theme.set_zoom(1.0)


def test_the_enter_key_is_kept(studio: Studio, page: SettingsPage) -> None:
    page.enter.setCurrentIndex(1)
    page.enter.activated.emit(1)
    assert studio.app.settings.get("chat.enter-sends", True) is False


def test_the_token_is_hidden_and_can_be_copied(page: SettingsPage) -> None:
    secret = page.findChild(Secret)
    assert isinstance(secret, Secret)
    assert TOKEN not in secret.text()
    secret.copy_button.click()
    assert QGuiApplication.clipboard().text() == TOKEN
    secret.show_button.click()
    assert secret.text() == TOKEN


def test_the_licences_of_fonts_and_icons_are_named(page: SettingsPage) -> None:
    shown = " ".join(label.text() for label in page.findChildren(QLabel))
    assert "CC BY 4.0" in shown
    assert "SIL Open Font License 1.1" in shown


def test_output_follows_the_engine_and_shows_a_jobs_log(studio: Studio, qtbot: QtBot) -> None:
    studio.app.commands.run("output.show")
    output = studio.app.window.panel.tab("output")
    assert isinstance(output, Output)
    studio.engine.answer("GET", "/api/jobs/j1/log", b"step 1\nstep 2\n")
    studio.engine.send(
        LogAdded("engine", "Engine ready", 5.0),
        LogAdded("j1", "not the engine's", 5.0),
        JobChanged(job(JobKind.TRAIN, "r1", title="Train tickets", state=JobState.FAILED)),
    )
    qtbot.waitUntil(lambda: "Engine ready" in output.text.toPlainText())
    assert "not the engine's" not in output.text.toPlainText()
    qtbot.waitUntil(lambda: output.choice.count() == 2)
    assert output.choice.itemText(1) == "Train tickets (failed)"
    output.choice.activated.emit(1)
    qtbot.waitUntil(lambda: output.text.toPlainText() == "step 1\nstep 2")


def test_resources_show_memory_disk_and_loaded_bases(studio: Studio, qtbot: QtBot) -> None:
    studio.app.commands.run("workbench.resources")
    resources = studio.app.window.panel.tab("resources")
    assert isinstance(resources, Resources)
    assert resources.memory.figures.text() == "0.9 of 7.8 GB, 6.9 GB free"
    studio.engine.send(EngineChanged(replace(ENGINE, loaded_bases=("m1",))))
    qtbot.waitUntil(lambda: resources.bases.text() == "SmolLM2-135M-Instruct")
