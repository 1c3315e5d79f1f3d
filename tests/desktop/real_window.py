"""A real engine process and a window on it, for tests of the two together."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.core.engine_process import EngineState
from engine.client import EngineClient
from tests.desktop.features.adapters.conftest import end

WITHIN_MS = 120_000


@contextmanager
def running_engine(home: Path, *, built_in: bool = False) -> Iterator[EngineClient]:
    """Ended with the block; without `built_in` the model that nobody needs is not prepared."""
    client = EngineClient.attach_or_start(home, timeout_s=60)
    process = psutil.Process(client.engine.pid)
    if not built_in:
        for job in client.state().jobs:
            client.send("POST", f"/api/jobs/{job.id}/cancel")
    yield client
    client.send("POST", "/api/engine/stop")
    process.wait(60)


@contextmanager
def window_on(home: Path, qtbot: QtBot, *features: Callable[[App], None]) -> Iterator[App]:
    """The application with these features alone, attached to the engine of the data folder."""
    qt = QApplication.instance()
    assert isinstance(qt, QApplication)
    qt.setStyle("Fusion")
    app = App(home)
    app.start(list(features))
    app.window.resize(1440, 900)
    app.window.show()
    app.store.connect_engine()
    qtbot.waitUntil(lambda: app.store.state is EngineState.READY, timeout=WITHIN_MS)
    yield app
    end(app)
