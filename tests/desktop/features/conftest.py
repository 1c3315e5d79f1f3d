"""A window with the features under test, attached to a fake engine."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.core.commands import Command
from desktop.core.engine_process import EngineState
from desktop.features.datasets.contribution import contribute as datasets
from desktop.features.models.contribution import contribute as models
from desktop.features.settings.contribution import contribute as settings
from desktop.features.welcome.contribution import contribute as welcome
from desktop.workbench.contributions import EditorKind
from desktop.workbench.page import Page
from tests.desktop.features.records import state
from tests.fakes.engine import FakeEngine


@dataclass
class Studio:
    """The window, its engine, and what other features would have been asked to do."""

    app: App
    engine: FakeEngine
    ran: list[str]


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeEngine]:
    engine = FakeEngine(state()).start()
    engine.write_engine_file(tmp_path / "home")
    yield engine
    engine.stop()


@pytest.fixture
def waiting(qapp: QApplication, tmp_path: Path, fake: FakeEngine) -> Iterator[Studio]:
    """Not attached yet, as every window is for a moment."""
    qapp.setStyle("Fusion")
    app = App(tmp_path / "home")
    ran: list[str] = []

    def others(app: App) -> None:
        """What the training and chat features bring, as far as these features use it."""
        for id in ("runs.new", "chat.new", "chat.with-adapter"):
            app.commands.add(Command(id=id, title=id, run=lambda id=id: ran.append(id)))  # type: ignore[misc]
        for kind in ("run", "adapter"):
            app.contributions.add_editor(
                EditorKind(id=kind, icon="pulse", make=lambda key: Page(app.theme, key))
            )

    app.start([others, datasets, models, settings, welcome])
    app.window.resize(1440, 900)
    app.window.show()
    yield Studio(app, fake, ran)
    app.store.close()
    app.window.close()
    shiboken6.delete(app.window)
    shiboken6.delete(app)


@pytest.fixture
def studio(waiting: Studio, qtbot: QtBot) -> Studio:
    attach(waiting, qtbot)
    return waiting


def attach(studio: Studio, qtbot: QtBot) -> None:
    store = studio.app.store
    store.connect_engine()
    qtbot.waitUntil(lambda: store.state is EngineState.READY and studio.engine.listeners == 1)
    store.flush()
