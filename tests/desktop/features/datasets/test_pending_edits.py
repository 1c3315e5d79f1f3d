from pathlib import Path

from PySide6.QtWidgets import QApplication

from desktop.core.settings import Settings
from desktop.features.datasets.pending_edits import SETTING, Changes, EditBook, PendingEdits
from engine.protocol.dataset_specs import EditDataset, RowEdit
from engine.protocol.records import Row

ROW = Row(4, 9, "train", (), {"prompt": "Why?", "completion": "So.", "id": "4"})


def test_an_edited_cell_goes_with_all_cells_of_its_row() -> None:
    edits = PendingEdits()
    edits.follow(3)
    edits.edit(ROW, "prompt", "How?")
    edits.edit(ROW, "completion", "Thus.")
    cells = {"prompt": "How?", "completion": "Thus.", "id": "4"}
    assert edits.wanted() == EditDataset(3, rows=(RowEdit(4, cells=cells),))
    assert edits.count == 1


def test_a_cell_that_is_as_it_was_is_no_change() -> None:
    edits = PendingEdits()
    edits.edit(ROW, "prompt", "Why?")
    assert not edits.stack.canUndo()
    edits.edit(ROW, "prompt", "How?")
    edits.edit(ROW, "prompt", "Why?")
    assert edits.changes == Changes()
    edits.edit(ROW, "more", "x")
    edits.edit(ROW, "more", "")
    assert edits.changes == Changes()


def test_every_step_is_undone_and_done_again_by_itself() -> None:
    edits = PendingEdits()
    edits.edit(ROW, "prompt", "How?")
    edits.remove([7, 8])
    edits.add()
    edits.edit_added(0, "prompt", "New")
    states = []
    while edits.stack.canUndo():
        states.append(edits.changes)
        edits.stack.undo()
    assert edits.changes == Changes()
    assert len(states) == 4
    for state in reversed(states):
        edits.stack.redo()
        assert edits.changes == state


def test_rows_that_are_all_marked_are_kept_again() -> None:
    edits = PendingEdits()
    edits.remove([2, 3])
    edits.remove([3, 5])
    assert edits.changes.removed == {2, 3, 5}
    edits.remove([2, 3])
    assert edits.changes.removed == {5}


def test_an_added_row_that_is_removed_is_just_gone() -> None:
    edits = PendingEdits()
    for text in ("a", "b", "c"):
        edits.edit_added(edits.add(), "prompt", text)
    edits.remove((), added=[1])
    assert edits.changes.added == ({"prompt": "a"}, {"prompt": "c"})
    assert edits.changes.removed == frozenset()


def test_what_is_saved_names_each_row_once_and_no_empty_one() -> None:
    edits = PendingEdits()
    edits.edit(ROW, "prompt", "How?")
    edits.remove([4, 1])
    edits.edit_added(edits.add(), "prompt", "New")
    edits.add()
    assert edits.wanted().rows == (
        RowEdit(1, remove=True),
        RowEdit(4, remove=True),
        RowEdit(0, cells={"prompt": "New"}),
    )
    assert edits.count == 3


def test_discarding_is_a_step_like_any_other() -> None:
    edits = PendingEdits()
    edits.remove([1])
    edits.discard()
    assert edits.count == 0
    edits.stack.undo()
    assert edits.changes.removed == {1}


def test_they_stay_with_their_version_while_there_are_any() -> None:
    edits = PendingEdits()
    edits.follow(1)
    edits.remove([1])
    edits.follow(2)
    assert edits.version == 1
    edits.discard()
    edits.follow(2)
    assert edits.version == 2
    edits.stack.undo()
    assert edits.changes == Changes(1, removed=frozenset({1}))
    edits.carry(3)
    assert (edits.version, edits.count, edits.stack.canUndo()) == (3, 1, False)
    edits.forget(4)
    assert edits.changes == Changes(4)


def test_pending_edits_outlive_the_window(qapp: QApplication, tmp_path: Path) -> None:
    path = tmp_path / "desktop.json"
    settings = Settings(path)
    edits = EditBook(settings, settings).of("d1")
    edits.follow(2)
    edits.edit(ROW, "prompt", "How?")
    edits.remove([9])
    edits.edit_added(edits.add(), "prompt", "New\nline")
    settings.save()
    kept = Settings(path)
    again = EditBook(kept, kept).of("d1")
    assert (again.version, again.changes) == (2, edits.changes)
    assert again.wanted() == edits.wanted()
    edits.forget(3)
    assert settings.get(SETTING, {"d1": 1}) == {}


def test_a_book_gives_a_dataset_the_same_edits_and_others_their_own(
    qapp: QApplication, tmp_path: Path
) -> None:
    book = EditBook(Settings(tmp_path / "desktop.json"))
    book.of("d1").remove([1])
    assert book.of("d1").count == 1
    assert book.of("d2").count == 0


def test_what_another_version_of_the_window_kept_is_left_alone(
    qapp: QApplication, tmp_path: Path
) -> None:
    settings = Settings(tmp_path / "desktop.json")
    settings.set(SETTING, {"d1": {"version": "two"}})
    assert EditBook(settings, settings).of("d1").changes == Changes()
