"""A window with the Runs and Jobs features, attached to an engine that knows some runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.features.jobs.contribution import contribute as jobs
from desktop.features.training.contribution import contribute as training
from desktop.workbench.contributions import EditorKind
from desktop.workbench.page import Page
from tests.desktop.features.conftest import Studio, attach
from tests.desktop.features.run_records import FORECASTS, points, runs_state
from tests.fakes.engine import FakeEngine


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeEngine]:
    engine = FakeEngine(runs_state()).start()
    engine.answer("POST", "/api/forecasts", FORECASTS)
    for id, last in (("r14", 400), ("r13", 600), ("r11", 46), ("r15", 0)):
        engine.answer("GET", f"/api/runs/{id}/metrics", points(last))
    engine.write_engine_file(tmp_path / "home")
    yield engine
    engine.stop()


@pytest.fixture
def waiting(qapp: QApplication, tmp_path: Path, fake: FakeEngine) -> Iterator[Studio]:
    qapp.setStyle("Fusion")
    app = App(tmp_path / "home")

    def others(app: App) -> None:
        for kind in ("adapter", "dataset"):
            app.contributions.add_editor(
                EditorKind(id=kind, icon="layers", make=lambda key: Page(app.theme, key))
            )

    app.start([others, jobs, training])
    app.window.resize(1440, 900)
    app.window.show()
    yield Studio(app, fake, [])
    app.store.close()
    app.window.may_close = lambda: True
    app.window.close()
    shiboken6.delete(app.window)
    shiboken6.delete(app)


@pytest.fixture
def studio(waiting: Studio, qtbot: QtBot) -> Studio:
    """Attached, and the window has the keys."""
    attach(waiting, qtbot)
    waiting.app.window.activateWindow()
    qtbot.waitUntil(waiting.app.window.isActiveWindow)
    return waiting
