import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.desktop.features.conftest import Studio


@pytest.mark.parametrize(
    "place", ["welcome", "model", "dataset", "dataset-versions", "dataset-mix", "settings"]
)
def test_everything_that_takes_the_focus_has_a_name(
    studio: Studio, qtbot: QtBot, place: str
) -> None:
    page = studio.app.open(
        place, {"model": "m1", "dataset": "d1", "dataset-versions": "d1"}.get(place, "")
    )
    for tab in ("problems", "output", "resources"):
        studio.app.window.show_panel(True, tab)
    nameless = [
        widget
        for widget in page.findChildren(QWidget)
        if widget.isVisible()
        and widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not _name(widget)
    ]
    assert nameless == []


def _name(widget: QWidget) -> str:
    found = QAccessible.queryAccessibleInterface(widget)
    return found.text(QAccessible.Text.Name) if found is not None else ""
