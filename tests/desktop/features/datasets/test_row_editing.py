from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.features.datasets.page import DatasetPage
from tests.desktop.features.conftest import Studio
from tests.desktop.features.datasets.row_edits import Key, Mod, dots, double_click, marks, write


def test_a_double_click_writes_in_a_cell_and_ctrl_enter_keeps_it(
    studio: Studio, page: DatasetPage
) -> None:
    double_click(page, 1, 1)
    cell = page.editing.cell
    assert cell.isVisible()
    assert cell.toPlainText() == "Ticket 2"
    assert cell.accessibleName() == "prompt of row 2"
    QTest.keyClicks(cell, "Another one")
    QTest.keyClick(cell, Key.Key_Return)
    QTest.keyClicks(cell, "in two lines")
    QTest.keyClick(cell, Key.Key_Return, Mod.ControlModifier)
    assert cell.isHidden()
    assert page.table.hasFocus()
    assert page.rows.index(1, 1).data() == "Another one in two lines"
    assert marks(page, 1) == ["", "changed", "", ""]
    assert studio.ran == []  # Ctrl+Enter is not the page's own here
    assert page.editing.strip.isVisible()
    assert page.editing.strip.text.text() == "1 change"
    assert page.inspector._row.text() == "row 2, as saved"


def test_f2_and_enter_open_a_cell_and_esc_leaves_it(studio: Studio, page: DatasetPage) -> None:
    page.table.setFocus()
    QTest.keyClick(page.table, Key.Key_F2)
    assert page.editing.cell.isVisible()
    QTest.keyClicks(page.editing.cell, "x")
    QTest.keyClick(page.editing.cell, Key.Key_Escape)
    assert page.editing.cell.isHidden()
    QTest.keyClick(page.table, Key.Key_Right)
    QTest.keyClick(page.table, Key.Key_Return)
    assert page.editing.cell.toPlainText() == '{"team": "bug"}'
    QTest.keyClick(page.editing.cell, Key.Key_Escape)
    assert page.editing.edits.count == 0
    assert dots(studio) == [False]


def test_what_was_written_is_kept_when_the_focus_leaves(page: DatasetPage) -> None:
    double_click(page, 0, 1)
    page.editing.cell.setPlainText("Kept")
    page.find_bar.open_bar()
    assert page.editing.cell.isHidden()
    assert page.rows.index(0, 1).data() == "Kept"


def test_f2_and_delete_in_the_rows_leave_the_dataset_alone(
    studio: Studio, page: DatasetPage
) -> None:
    page.table.setFocus()
    commands = studio.app.commands
    assert not commands.get("datasets.remove").enabled()
    assert not commands.get("datasets.rename").enabled()
    page.header.setFocus()
    page.inspector.box.setFocus()
    assert commands.get("datasets.remove").enabled()
    assert not commands.get("datasets.remove-rows").enabled()


def test_delete_marks_the_selected_rows_and_once_more_keeps_them(page: DatasetPage) -> None:
    page.table.setFocus()
    QTest.keyClick(page.table, Key.Key_Down, Mod.ShiftModifier)
    QTest.keyClick(page.table, Key.Key_Delete)
    assert page.editing.edits.changes.removed == {1, 2}
    assert marks(page, 1) == ["to be removed"] * 4
    assert page.rows.index(1, 1).data(Qt.ItemDataRole.AccessibleTextRole) == (
        "Ticket 2, to be removed"
    )
    QTest.keyClick(page.table, Key.Key_Delete)
    assert page.editing.edits.count == 0
    assert page.editing.strip.isHidden()


def test_ctrl_z_takes_back_and_ctrl_shift_z_does_again(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    write(page, 0, 1, "Once")
    write(page, 0, 1, "Twice")
    both = Mod.ControlModifier | Mod.ShiftModifier
    undo, redo = (studio.app.commands.action(f"datasets.{act}-edit") for act in ("undo", "redo"))
    qtbot.waitUntil(undo.isEnabled)
    QTest.keyClick(page.table, Key.Key_Z, Mod.ControlModifier)
    assert page.rows.index(0, 1).data() == "Once"
    QTest.keyClick(page.table, Key.Key_Z, Mod.ControlModifier)
    assert page.rows.index(0, 1).data() == "Ticket 1"
    assert not page.modified
    qtbot.waitUntil(redo.isEnabled)
    QTest.keyClick(page.table, Key.Key_Z, both)
    QTest.keyClick(page.table, Key.Key_Z, both)
    assert page.rows.index(0, 1).data() == "Twice"


def test_a_new_row_opens_at_the_end_and_goes_if_nothing_is_written(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    page.table.setFocus()
    QTest.keyClick(page.table, Key.Key_N, Mod.ControlModifier | Mod.ShiftModifier)
    assert page.rows.rowCount() == 251
    assert page.editing.cell.isVisible()
    assert page.inspector._note.text() == "Tokens appear once the new row is saved."
    QTest.keyClick(page.editing.cell, Key.Key_Escape)
    assert page.rows.rowCount() == 250
    studio.app.commands.run("datasets.add-row")
    QTest.keyClicks(page.editing.cell, "New")
    QTest.keyClick(page.editing.cell, Key.Key_Return, Mod.ControlModifier)
    assert page.rows.index(250, 1).data() == "New"
    assert marks(page, 250) == ["new"] * 4
    page.table.go_to(page.rows.index(250, 2))
    QTest.keyClick(page.table, Key.Key_Delete)
    assert page.rows.rowCount() == 250
