import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget

from tests.desktop.features.conftest import Studio


@pytest.mark.parametrize("place", ["run", "new-run"])
def test_everything_that_takes_the_focus_has_a_name(studio: Studio, place: str) -> None:
    studio.app.open(place, "r14" if place == "run" else "")
    studio.app.window.show_panel(True, "jobs")
    studio.app.window.show_activity("runs")
    nameless = [
        widget
        for widget in studio.app.window.findChildren(QWidget)
        if widget.isVisible() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not _name(widget)
    ]  # fmt: skip
    assert nameless == []


def _name(widget: QWidget) -> str:
    found = QAccessible.queryAccessibleInterface(widget)
    return found.text(QAccessible.Text.Name) if found is not None else ""
