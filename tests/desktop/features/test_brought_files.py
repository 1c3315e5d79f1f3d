from pathlib import Path

from pytestqt.qtbot import QtBot

from engine.protocol.jobs import JobKind
from tests.desktop.features.conftest import Studio, attach
from tests.desktop.features.records import job

CSV = Path("/data/phrases.csv")


def test_files_that_come_before_the_engine_are_taken_once_it_is_there(
    waiting: Studio, qtbot: QtBot
) -> None:
    waiting.engine.answer("POST", "/api/imports", job(JobKind.IMPORT_DATASET, "d9"), status=202)
    waiting.app.take((CSV,))
    assert waiting.engine.paths("POST") == []
    attach(waiting, qtbot)
    qtbot.waitUntil(lambda: waiting.engine.paths("POST") == ["/api/imports"])
    assert waiting.app.notifications.notices == []
