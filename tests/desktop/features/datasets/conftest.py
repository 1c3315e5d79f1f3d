import pytest
from pytestqt.qtbot import QtBot

from desktop.features.datasets.page import DatasetPage
from tests.desktop.features.conftest import Studio
from tests.desktop.features.datasets.pages import script


@pytest.fixture
def page(studio: Studio, qtbot: QtBot) -> DatasetPage:
    script(studio)
    page = studio.app.open("dataset", "d1")
    assert isinstance(page, DatasetPage)
    qtbot.waitUntil(lambda: page.inspector.histogram.isVisible())
    qtbot.waitUntil(lambda: "team" in page.inspector.box.shown_text())
    return page
