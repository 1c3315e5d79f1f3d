"""Everything here runs without a screen."""

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.app import App
from tests.desktop.example import contribute, example_state, fill_store
from tests.fakes.engine import FakeEngine

os.environ["QT_QPA_PLATFORM"] = "offscreen"


@pytest.fixture(autouse=True)
def collected_here() -> Iterator[None]:
    """Collect garbage in this thread alone.

    The fake engine's threads would otherwise delete Qt's objects beside the event loop.
    """
    gc.disable()
    yield
    gc.collect(1)
    gc.enable()


@pytest.fixture
def app(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[App]:
    """An App with the example contribution, as if an engine had answered."""
    qapp.setStyle("Fusion")
    app = App(tmp_path / "home")
    app.start([contribute])
    app.window.resize(1440, 900)
    app.window.show()
    fill_store(app)
    yield app
    app.store.close()
    app.window.close()
    shiboken6.delete(app.window)
    shiboken6.delete(app)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[FakeEngine]:
    engine = FakeEngine(example_state()).start()
    engine.write_engine_file(tmp_path / "home")
    yield engine
    engine.stop()


@pytest.fixture
def flush(app: App, qapp: QApplication) -> Callable[[], None]:
    """Let the store tell and the widgets lay themselves out."""

    def run() -> None:
        app.store.flush()
        for _ in range(5):
            qapp.processEvents()

    return run
