"""A window with the Adapters and Chat features, attached to a fake engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.core.engine_process import EngineState
from desktop.features.adapters import contribution as adapters
from desktop.features.chat import contribution as chat
from engine.protocol.records import FileCheck
from tests.desktop.features.adapters import records
from tests.fakes.engine import FakeEngine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[FakeEngine]:
    engine = FakeEngine(records.state(records.HOMELESS)).start()
    engine.write_engine_file(tmp_path / "home")
    intact = [FileCheck(file.name, "intact") for file in records.FILES]
    for id in ("a1", "a2", "a3", "a9"):
        engine.answer("GET", f"/api/adapters/{id}/files", intact)
    yield engine
    engine.stop()


@pytest.fixture
def app(qtbot: QtBot, qapp: QApplication, engine: FakeEngine, tmp_path: Path) -> Iterator[App]:
    qapp.setStyle("Fusion")
    app = App(tmp_path / "home")
    app.start([adapters.contribute, chat.contribute])
    app.window.resize(1440, 900)
    app.window.show()
    app.store.connect_engine()
    qtbot.waitUntil(lambda: app.store.state is EngineState.READY and engine.listeners == 1)
    app.store.flush()
    yield app
    end(app)


def end(app: App) -> None:
    """Take it down whole: a timer that outlives its window would fail the next test."""
    app.store.close()
    app.window.close()
    shiboken6.delete(app.window)
    shiboken6.delete(app)
