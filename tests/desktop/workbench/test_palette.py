from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.app import App
from desktop.core.commands import Command
from desktop.workbench.palette import Palette
from desktop.workbench.palette_match import match
from desktop.workbench.palette_rows import ENTRY


def listed(palette: Palette) -> list[str]:
    return [palette.list.item(row).data(ENTRY).title for row in range(palette.list.count())]


def test_fragments_match_in_any_order() -> None:
    assert match("Adapters: Merge Adapter into Base…", "base mer") == ((10, 3), (29, 4))
    assert match("Adapters: Export", "export export") is None
    assert match("Runs: Stop Run", "") == ()


@given(st.text(max_size=20), st.text(max_size=10))
def test_matches_lie_within_the_text_and_never_overlap(text: str, query: str) -> None:
    spans = match(text, query) or ()
    ends = [0]
    for start, size in spans:
        assert start >= ends[-1]
        ends.append(start + size)
    assert ends[-1] <= len(text.casefold())


def test_commands_stand_behind_the_sign_places_without_it(app: App) -> None:
    palette = app.window.palette_box
    app.commands.run("workbench.palette")
    assert palette.isVisible()
    assert palette.field.text() == ">"
    QTest.keyClicks(palette.field, "export")
    assert listed(palette) == ["Adapters: Export Adapter…"]
    app.commands.run("workbench.go-to")
    QTest.keyClicks(palette.field, "sql")
    assert listed(palette) == ["sql-writer r8"]
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert app.window.editors.is_open("run", "r15")


def test_the_last_used_come_first_and_are_marked(app: App) -> None:
    app.commands.run("adapters.verify")
    app.window.palette_box.open(">adapter")
    first = app.window.palette_box.list.item(0).data(ENTRY)
    assert (first.title, first.detail) == ("Adapters: Verify Adapter Files", "recently used")


def test_a_command_that_is_off_is_shown_with_its_reason_when_typed_whole(app: App) -> None:
    app.selection.set("run", "")
    palette = app.window.palette_box
    palette.open(">finish with")
    assert all(not title.startswith("Runs: Finish") for title in listed(palette))
    palette.open(">Runs: Finish with the Best Checkpoint")
    entry = palette.list.item(0).data(ENTRY)
    assert entry.detail == "Choose a run first."
    assert entry.run is None


def test_a_choice_is_a_second_step_and_backspace_goes_back(app: App) -> None:
    palette = app.window.palette_box
    palette.open(">choose preset")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert listed(palette) == ["Quick", "Balanced", "Thorough"]
    QTest.keyClick(palette.field, Qt.Key.Key_Backspace)
    assert palette.field.text() == ">"
    palette.open(">choose preset")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    QTest.keyClicks(palette.field, "thor")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert app.settings.get("example.preset", "") == "Thorough"
    assert not palette.isVisible()


def test_a_command_with_choices_called_by_key_asks_in_the_palette(app: App) -> None:
    app.commands.run("runs.preset")
    assert listed(app.window.palette_box) == ["Quick", "Balanced", "Thorough"]


def test_escape_gives_the_focus_back(app: App, flush: Callable[[], None]) -> None:
    page = app.open("run", "r14")
    assert page.first_focus is not None
    app.window.activateWindow()
    page.first_focus.setFocus()
    flush()
    app.commands.run("workbench.palette")
    QTest.keyClick(app.window.palette_box.field, Qt.Key.Key_Escape)
    flush()
    assert page.first_focus.hasFocus()


def test_arrows_go_round(app: App) -> None:
    palette = app.window.palette_box
    palette.open(">")
    QTest.keyClick(palette.field, Qt.Key.Key_Up)
    assert palette.list.currentRow() == palette.list.count() - 1
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.list.currentRow() == 0


def test_every_listed_command_can_be_found_by_its_title(app: App) -> None:
    app.commands.add(Command(id="x.y", title="X: Only Here", run=lambda: None))
    for command in app.commands:
        if command.listed and command.enabled():
            app.window.palette_box.open(f">{command.title}")
            found = [title.rstrip("…") for title in listed(app.window.palette_box)]
            assert command.title.rstrip("…") in found
