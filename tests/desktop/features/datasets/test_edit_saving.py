import json

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.features.datasets.page import DatasetPage
from engine.protocol.dataset_specs import EditDataset, Mapping, RowEdit
from engine.protocol.events import DatasetChanged, JobChanged
from engine.protocol.jobs import JobKind, JobState
from engine.protocol.problems import Problem
from engine.protocol.records import Dataset, Row, RowPage
from tests.desktop.features.conftest import Studio
from tests.desktop.features.datasets.pages import page_path, script
from tests.desktop.features.datasets.row_edits import (
    EDITS,
    NEXT,
    RESTORE,
    TALK,
    Key,
    Mod,
    dots,
    double_click,
    saved,
    write,
)
from tests.desktop.features.records import TICKETS, job, rows


def test_ctrl_s_saves_a_version_that_undo_takes_back(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    write(page, 0, 1, "Better")
    assert dots(studio) == [True]
    edit = job(JobKind.EDIT_DATASET, "d1")
    studio.engine.answer("POST", EDITS, edit, status=202)
    studio.engine.answer("POST", RESTORE, replace(NEXT, version=3))
    qtbot.waitUntil(studio.app.commands.action("workbench.save").isEnabled)
    QTest.keyClick(page.table, Key.Key_S, Mod.ControlModifier)
    qtbot.waitUntil(lambda: EDITS in studio.engine.paths("POST"))
    cells = {"prompt": "Better", "completion": '{"team": "bug"}', "id": "1"}
    assert saved(studio) == EditDataset(1, rows=(RowEdit(1, cells=cells),))
    assert page.editing.strip.text.text() == "Saving 1 change…"
    page.editing.remove_chosen()  # nothing is changed while it is saved
    assert page.editing.edits.count == 1
    studio.engine.send(DatasetChanged(NEXT), JobChanged(replace(edit, state=JobState.DONE)))
    qtbot.waitUntil(lambda: page.editing.strip.isHidden())
    assert dots(studio) == [False]
    assert page.save is None
    notice = studio.app.notifications.notices[-1]
    assert notice.text == "Saved as version 2."
    notice.actions[0].run()
    qtbot.waitUntil(lambda: RESTORE in studio.engine.paths("POST"))
    (restored,) = [each for each in studio.engine.asked if each.path == RESTORE]
    assert restored.read(dict) == {"version": 1}


def test_a_job_that_ends_before_its_version_arrives_is_waited_for(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    write(page, 0, 1, "Better")
    done = job(JobKind.EDIT_DATASET, "d1", state=JobState.DONE)
    studio.engine.answer("POST", EDITS, done, status=202)
    page.editing.saving.save()
    qtbot.waitUntil(lambda: page.editing.saving._made)
    assert page.editing.edits.count == 1
    studio.engine.send(DatasetChanged(NEXT))
    qtbot.waitUntil(lambda: page.editing.edits.count == 0)


def test_a_refused_save_keeps_the_changes_and_says_what_to_do(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    write(page, 0, 1, "Better")
    problem = Problem("datasets.busy", "tickets.jsonl is being changed.", "Wait for its end.")
    studio.engine.refuse("POST", EDITS, problem, status=409)
    page.editing.saving.save()
    words = page.editing.strip.text
    qtbot.waitUntil(lambda: words.text().startswith("Not saved"))
    assert words.text() == "Not saved: tickets.jsonl is being changed. Wait for its end."
    assert page.editing.edits.count == 1
    assert page.editing.strip.save.isEnabled()


def test_a_failed_job_keeps_the_changes(studio: Studio, page: DatasetPage, qtbot: QtBot) -> None:
    write(page, 0, 1, "")
    edit = job(JobKind.EDIT_DATASET, "d1")
    studio.engine.answer("POST", EDITS, edit, status=202)
    page.editing.saving.save()
    qtbot.waitUntil(lambda: EDITS in studio.engine.paths("POST"))
    problem = Problem("datasets.no-rows", "No row is left.", "Keep one.")
    failed = replace(edit, state=JobState.FAILED, problem=problem)
    studio.engine.send(JobChanged(failed))
    words = page.editing.strip.text
    qtbot.waitUntil(lambda: words.text() == "Not saved: No row is left. Keep one.")


def test_changes_to_a_version_that_was_overtaken_stay_over_its_rows(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    write(page, 0, 1, "Better")
    pinned = f"{page_path(0)}&version=1"
    studio.engine.answer("GET", pinned, rows(0))
    studio.engine.answer("GET", "/api/datasets/d1/rows/1/tokens?base=m1&max_length=512&version=1",
                         Problem("x", "x"), status=404)  # fmt: skip
    studio.engine.send(DatasetChanged(replace(NEXT, rows=240)))
    qtbot.waitUntil(lambda: pinned in studio.engine.paths("GET"))
    strip = page.editing.strip
    assert strip.text.text() == (
        "Version 2 came meanwhile; 1 change here is for version 1, which is shown."
        " Restore that version to save, or discard."
    )
    assert strip.save.isHidden()
    again = replace(TICKETS, version=3)
    studio.engine.answer("POST", RESTORE, again)
    QTest.mouseClick(strip.restore, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.editing.edits.version == 3)
    studio.engine.send(DatasetChanged(again))
    qtbot.waitUntil(lambda: strip.save.isVisible())
    assert page.editing.edits.wanted().version == 3
    assert page.editing.edits.count == 1


def test_discarding_what_was_overtaken_shows_the_newest_version_and_can_be_undone(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    write(page, 0, 1, "Better")
    studio.engine.answer("GET", f"{page_path(0)}&version=1", rows(0))
    studio.engine.send(DatasetChanged(NEXT))
    qtbot.waitUntil(lambda: page._pinned == 1)
    studio.app.commands.run("datasets.undo-edit")
    assert (page._pinned, page.editing.edits.version) == (0, 2)
    studio.app.commands.run("datasets.redo-edit")
    assert (page._pinned, page.editing.edits.version) == (1, 1)
    QTest.mouseClick(page.editing.strip.discard, Qt.MouseButton.LeftButton)
    assert (page._pinned, page.editing.edits.version) == (0, 2)
    studio.app.notifications.notices[-1].actions[0].run()
    assert (page._pinned, page.editing.edits.version) == (1, 1)
    qtbot.waitUntil(lambda: page.rows.index(0, 1).data() == "Better")


def test_discarding_is_said_and_can_be_undone(studio: Studio, page: DatasetPage) -> None:
    write(page, 0, 1, "Better")
    assert studio.app.commands.run("datasets.discard-edits")
    assert page.rows.index(0, 1).data() == "Ticket 1"
    notice = studio.app.notifications.notices[-1]
    assert notice.text == "1 change discarded."
    notice.actions[0].run()
    assert page.rows.index(0, 1).data() == "Better"


@pytest.mark.parametrize("how", ["workbench.reopen", "open"])
def test_a_closed_page_comes_back_with_its_changes(
    studio: Studio, page: DatasetPage, qtbot: QtBot, how: str
) -> None:
    write(page, 0, 1, "Better")
    studio.app.commands.run("workbench.close-tab")
    if how == "open":
        studio.app.open("dataset", "d1")
    else:
        studio.app.commands.run(how)
    again = studio.app.window.editors.active
    assert isinstance(again, DatasetPage)
    qtbot.waitUntil(lambda: again.rows.index(0, 1).data() == "Better")
    assert again.modified
    assert again.editing.strip.isVisible()


@pytest.fixture
def talk(studio: Studio, qtbot: QtBot) -> DatasetPage:
    """A page of conversations."""
    dataset: Dataset = replace(
        TICKETS, version=2, sha256="t", columns=("turns",), rows=1,
        mapping=Mapping("messages", messages="turns"),
    )  # fmt: skip
    script(studio)
    row = Row(1, 1, "train", (("user", "Why?"), ("assistant", "So.")), {"turns": json.dumps(TALK)})
    studio.engine.answer("GET", page_path(0), RowPage((row,), (7,), 1, 0))
    studio.engine.send(DatasetChanged(dataset))
    qtbot.waitUntil(lambda: studio.app.store.datasets["d1"] == dataset)
    page = studio.app.open("dataset", "d1")
    assert isinstance(page, DatasetPage)
    qtbot.waitUntil(lambda: page.rows.index(0, 1).data() == "Why?")
    return page


def test_a_conversation_is_written_as_json_and_checked(talk: DatasetPage) -> None:
    double_click(talk, 0, 2)
    editor = talk.editing.json
    assert editor.isVisible()
    assert editor.title.text() == "turns of row 1"
    assert editor.field.toPlainText() == json.dumps(TALK, indent=2)
    editor.field.setPlainText('[{"role": "user"')
    QTest.keyClick(editor.field, Key.Key_Return, Mod.ControlModifier)
    assert editor.isVisible()
    assert editor.error.text().startswith("Line 1, column 17 is no JSON")
    other = [TALK[0], {"role": "assistant", "content": "Otherwise."}]
    editor.field.setPlainText(json.dumps(other, indent=4))
    assert editor.error.isHidden()
    QTest.keyClick(editor.field, Key.Key_Return, Mod.ControlModifier)
    assert editor.isHidden()
    assert talk.table.hasFocus()
    assert talk.rows.index(0, 2).data() == "Otherwise."
    (edit,) = talk.editing.edits.wanted().rows
    assert edit.cells == {"turns": json.dumps(other, separators=(",", ":"))}


def test_a_conversation_that_says_the_same_is_no_change(talk: DatasetPage) -> None:
    double_click(talk, 0, 1)
    talk.editing.json.keep()
    assert talk.editing.edits.count == 0
    double_click(talk, 0, 1)
    talk.editing.json.field.setPlainText("no")
    QTest.keyClick(talk.editing.json.field, Key.Key_Escape)
    assert talk.editing.json.isHidden()
    assert talk.editing.edits.count == 0


def test_a_new_conversation_begins_with_a_question_and_an_answer(talk: DatasetPage) -> None:
    talk.editing.add_row()
    editor = talk.editing.json
    assert [each["role"] for each in json.loads(editor.field.toPlainText())] == [
        "user", "assistant",
    ]  # fmt: skip
    editor.field.setPlainText(json.dumps(TALK))
    editor.keep()
    assert talk.editing.edits.wanted().rows == (
        RowEdit(0, cells={"turns": json.dumps(TALK, separators=(",", ":"))}),
    )
    talk.editing.add_row()
    editor.leave()
    assert talk.rows.rowCount() == 2


def test_a_half_written_conversation_is_not_lost_with_its_tab(
    studio: Studio, talk: DatasetPage
) -> None:
    double_click(talk, 0, 1)
    talk.editing.json.field.setPlainText("[ half")
    assert dots(studio) == [True]
    studio.app.commands.run("workbench.close-tab")
    studio.app.commands.run("workbench.reopen")
    assert studio.app.window.editors.active is talk
    assert talk.editing.json.field.toPlainText() == "[ half"
    talk.editing.save()
    assert talk.editing.json.error.text()
    talk.editing.json.leave()
    assert dots(studio) == [False]


def test_saving_takes_what_is_being_written_along(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    studio.engine.answer("POST", EDITS, job(JobKind.EDIT_DATASET, "d1"), status=202)
    double_click(page, 0, 1)
    QTest.keyClicks(page.editing.cell, "Last words")
    assert dots(studio) == [True]
    qtbot.waitUntil(studio.app.commands.action("workbench.save").isEnabled)
    QTest.keyClick(page.editing.cell, Key.Key_S, Mod.ControlModifier)
    qtbot.waitUntil(lambda: EDITS in studio.engine.paths("POST"))
    (edit,) = saved(studio).rows
    assert edit.cells is not None
    assert edit.cells["prompt"] == "Last words"


def test_rows_that_are_not_read_yet_are_not_removed_by_halves(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    path = page_path(0, "&sort=prompt")
    studio.engine.answer("GET", path, rows(0))
    page.explore.sort_by("prompt")
    qtbot.waitUntil(lambda: page.rows.index(0, 1).data() == "Ticket 1")
    page.table.selectAll()
    page.editing.remove_chosen()
    assert page.editing.edits.count == 0
    assert "not read yet" in studio.app.notifications.notices[-1].text
    page.explore.unsort()
    page.table.selectAll()
    page.editing.remove_chosen()
    assert page.editing.edits.count == 250


def test_the_dot_and_ctrl_s_are_of_the_rows_and_of_the_template(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    assert studio.app.commands.run("datasets.edit-template")
    editing = page.templates.editing
    assert editing is not None
    QTest.keyClicks(editing.editor.text, "{user}{assistant}")
    qtbot.waitUntil(lambda: dots(studio) == [True])
    assert page.save == page.templates.save_template
    write(page, 0, 1, "Better")
    assert page.save == page.templates.save_template  # the editor is open before the rows
    editing.editor.left.emit()
    page.editing.edits.edit(Row(5, 5, "train", (), {"prompt": "a"}), "prompt", "b")
    assert page.save == page.editing.save
    page.editing.edits.discard()
    assert dots(studio) == [True]
    assert page.save == page.templates.save_template
