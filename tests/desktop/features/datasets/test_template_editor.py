import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.features.datasets.page import DatasetPage
from desktop.features.datasets.template_editing import TemplateEditing
from desktop.workbench.record_changes import RenamePopover
from engine.protocol.dataset_specs import EditDataset, Template
from engine.protocol.events import DatasetChanged, JobChanged
from engine.protocol.jobs import JobKind, JobState
from engine.protocol.problems import Problem
from engine.protocol.records import GalleryTemplate, Token, TokenView
from tests.desktop.features.conftest import Studio
from tests.desktop.features.records import TICKETS, job, view
from tests.fakes.engine import Asked

PREVIEW = "/api/datasets/d1/rows/1/tokens"
LABEL = Template("Text and label", "fields", "Text: {user}\n[[{assistant}]]", task="classification")
MINE = Template("Mine", "fields", "{user} [[{assistant}]]")
RULES = Template("Rules", "fields", "{system}{user}[[{assistant}]]", task="classification")
GALLERY = (
    GalleryTemplate(LABEL, "A text, then its label.", ("user", "assistant")),
    GalleryTemplate(RULES, "", ("system", "user", "assistant")),
    GalleryTemplate(MINE, own=True),
)
FAULT = Problem(
    "template.invalid", "Line 2 of the template: '[[' is never closed.", "Write ']]' there."
)


@pytest.fixture
def editing(studio: Studio, page: DatasetPage, qtbot: QtBot) -> TemplateEditing:
    studio.engine.answer("GET", "/api/templates", GALLERY)
    studio.engine.answer("POST", PREVIEW, view(1))
    assert studio.app.commands.run("datasets.edit-template")
    editing = page.templates.editing
    assert editing is not None
    qtbot.waitUntil(lambda: bool(editing.gallery.entries))
    qtbot.waitUntil(lambda: "team" in editing.editor.box.shown_text())
    return editing


def previews(studio: Studio) -> list[dict[str, object]]:
    asked = [each for each in studio.engine.asked if each.path == PREVIEW]
    return [each.read(dict)["template"] for each in asked]


def posted(studio: Studio, path: str) -> Asked:
    return next(each for each in studio.engine.asked if (each.method, each.path) == ("POST", path))


def choose(editing: TemplateEditing, name: str) -> None:
    """As the menu does it."""
    actions = editing.editor.menu.actions()
    next(each for each in actions if each.text().split("\t")[0] == name).trigger()


def usable(studio: Studio) -> bool:
    return studio.app.commands.get("datasets.use-template").enabled()


def test_the_templates_name_opens_the_editor_in_the_inspectors_place(
    page: DatasetPage, qtbot: QtBot
) -> None:
    width = page.inspector.width()
    QTest.mouseClick(page.inspector._template, Qt.MouseButton.LeftButton)
    editing = page.templates.editing
    assert editing is not None
    assert editing.editor.isVisible()
    assert page.inspector.isHidden()
    assert page.table.isVisible()
    assert editing.editor.width() > width
    qtbot.waitUntil(lambda: QApplication.focusWidget() is editing.editor.text)


def test_there_is_one_blue_button_at_a_time(
    page: DatasetPage, editing: TemplateEditing, studio: Studio
) -> None:
    assert page.train.property("kind") == "flat"
    QTest.keyClick(editing.editor.text, Qt.Key.Key_Escape)
    assert page.train.property("kind") == "primary"
    assert page.inspector.isVisible()


def test_the_gallery_says_what_fits(editing: TemplateEditing) -> None:
    entries = {each.text(): each.isEnabled() for each in editing.editor.menu.actions()}
    assert entries["Text and label\tfits"]
    assert not entries["Rules\tneeds a column system"]
    assert entries["The model's own template"]


def test_a_chosen_template_is_previewed_at_once(
    studio: Studio, editing: TemplateEditing, qtbot: QtBot
) -> None:
    answer = TokenView(1, (Token("Text:", False), Token(" bug", True)), 0, LABEL.name)
    studio.engine.answer("POST", PREVIEW, answer)
    choose(editing, "Text and label")
    qtbot.waitUntil(lambda: "Text:" in editing.editor.box.shown_text())
    assert editing.editor.text.text == LABEL.text
    assert editing.editor.loss.text() == "Carries loss, 1 token"
    assert editing.editor.description.whole_text() == "A text, then its label."
    assert previews(studio)[-1] == {
        "name": LABEL.name, "syntax": "fields", "text": LABEL.text, "task": "classification",
        "columns": {}, "roles": {},
    }  # fmt: skip
    assert usable(studio)


def test_typing_asks_for_one_preview_after_the_last_key(
    studio: Studio, editing: TemplateEditing, qtbot: QtBot
) -> None:
    before = len(previews(studio))
    QTest.keyClicks(editing.editor.text, "{user}{assistant}")
    assert editing.preview.pending
    qtbot.waitUntil(lambda: not editing.preview.pending)
    assert len(previews(studio)) == before + 1
    sent = previews(studio)[-1]
    assert (sent["text"], sent["name"]) == ("{user}{assistant}", "Own template")


def test_a_faulty_template_is_marked_and_cannot_be_used(
    studio: Studio, editing: TemplateEditing, qtbot: QtBot
) -> None:
    studio.engine.refuse("POST", PREVIEW, FAULT)
    QTest.keyClicks(editing.editor.text, "{user}\r[[{assistant}")
    qtbot.waitUntil(lambda: bool(editing.editor.fault.text()))
    assert editing.editor.fault.text() == f"{FAULT.message} {FAULT.hint}"
    assert editing.editor.text.marked_line() == 2
    assert len(editing.editor.text.extraSelections()) == 1
    assert "team" in editing.editor.box.shown_text()
    assert not usable(studio)
    why = studio.app.commands.get("datasets.use-template").why_off
    assert why == "Correct the template first."
    studio.engine.answer("POST", PREVIEW, view(1))
    QTest.keyClicks(editing.editor.text, "]]")
    qtbot.waitUntil(lambda: usable(studio))
    assert editing.editor.text.marked_line() == 0
    assert editing.editor.fault.text() == ""


def test_an_unchanged_template_cannot_be_used(studio: Studio, editing: TemplateEditing) -> None:
    assert not usable(studio)
    why = studio.app.commands.get("datasets.use-template").why_off
    assert why == "This template is in use."


def test_a_name_writes_itself_at_the_cursor(editing: TemplateEditing) -> None:
    choose(editing, "Text and label")
    text = editing.editor.text
    text.moveCursor(QTextCursor.MoveOperation.Start)
    chip = next(each for each in editing.editor.chips.chips if each.name == "completion")
    chip.click()
    assert text.text == "{completion}" + LABEL.text
    editing.editor._syntaxes.buttons()[1].click()
    chip = next(each for each in editing.editor.chips.chips if each.name == "id")
    chip.click()
    assert text.text == "{completion}{{ id }}" + LABEL.text


def test_what_is_chosen_is_marked_as_learned(editing: TemplateEditing) -> None:
    text = editing.editor.text
    QTest.keyClicks(text, "{user}")
    text.selectAll()
    text.learn_selection()
    assert text.text == "[[{user}]]"


def test_lit_marks_reach_lines_above_the_one_that_is_typed_in(editing: TemplateEditing) -> None:
    text = editing.editor.text
    text.insertPlainText("{user}\n\U0001f600 {assistant}")

    def blue(line: int) -> list[tuple[int, int]]:
        layout = text.document().findBlockByNumber(line).layout()
        soft = text._theme.colour("accentSoft")
        return [
            (each.start, each.length)
            for each in layout.formats()
            if each.format.background().color() == soft
        ]

    assert blue(0) == []
    assert blue(1) == [(3, 11)]
    QTest.keyClicks(text, "\r[[x")
    assert blue(1) == []
    assert blue(2) == [(0, 2), (2, 1)]


def test_the_preview_follows_the_row(
    studio: Studio, page: DatasetPage, editing: TemplateEditing, qtbot: QtBot
) -> None:
    studio.engine.answer("POST", "/api/datasets/d1/rows/2/tokens", view(2))
    studio.app.commands.run("datasets.next-row")
    qtbot.waitUntil(lambda: editing.editor.row.text() == "row 2")
    qtbot.waitUntil(lambda: "/api/datasets/d1/rows/2/tokens" in studio.engine.paths("POST"))


def test_using_it_makes_a_version_that_can_be_taken_back(
    studio: Studio, page: DatasetPage, editing: TemplateEditing, qtbot: QtBot
) -> None:
    edit = job(JobKind.EDIT_DATASET, "d1")
    studio.engine.answer("POST", "/api/datasets/d1/edits", edit, status=202)
    studio.engine.answer("POST", "/api/datasets/d1/restore", TICKETS)
    choose(editing, "Text and label")
    qtbot.waitUntil(lambda: not editing.preview.pending)
    assert page.primary is not None
    page.primary()
    qtbot.waitUntil(lambda: "/api/datasets/d1/edits" in studio.engine.paths("POST"))
    sent = posted(studio, "/api/datasets/d1/edits").read(EditDataset)
    assert (sent.version, sent.template) == (1, LABEL)
    assert page.templates.is_open
    new = replace(TICKETS, version=2, template=replace(LABEL, columns={"user": "prompt"}))
    done = replace(edit, state=JobState.DONE)
    studio.engine.send(DatasetChanged(new), JobChanged(done))
    qtbot.waitUntil(lambda: not page.templates.is_open)
    assert not editing.changed
    notice = studio.app.notifications.notices[-1]
    assert notice.text == "tickets.jsonl uses the template 'Text and label'."
    notice.actions[0].run()
    qtbot.waitUntil(lambda: "/api/datasets/d1/restore" in studio.engine.paths("POST"))
    assert posted(studio, "/api/datasets/d1/restore").read(dict) == {"version": 1}


def test_a_use_waits_for_the_preview_that_is_under_way(
    studio: Studio, editing: TemplateEditing, qtbot: QtBot
) -> None:
    studio.engine.refuse("POST", PREVIEW, FAULT)
    QTest.keyClicks(editing.editor.text, "{user}[[")
    editing.use()
    qtbot.waitUntil(lambda: bool(editing.editor.fault.text()))
    assert "/api/datasets/d1/edits" not in studio.engine.paths("POST")


def test_what_was_written_is_there_again(
    studio: Studio, page: DatasetPage, editing: TemplateEditing, qtbot: QtBot
) -> None:
    QTest.keyClicks(editing.editor.text, "{user}{assistant}")
    assert page.modified
    studio.app.open("model", "m1")
    studio.app.open("dataset", "d1")
    assert editing.editor.text.text == "{user}{assistant}"
    editing.editor.left.emit()
    studio.engine.send(DatasetChanged(replace(TICKETS, version=2, sha256="9")))
    qtbot.waitUntil(lambda: page._shown is not None and page._shown.version == 2)
    studio.app.commands.run("datasets.edit-template")
    assert editing.editor.text.text == "{user}{assistant}"


def test_saving_a_page_with_a_pending_text_goes_on_with_it(
    studio: Studio, page: DatasetPage, editing: TemplateEditing
) -> None:
    QTest.keyClicks(editing.editor.text, "{user}{assistant}")
    editing.editor.left.emit()
    assert studio.app.commands.run("workbench.save")
    assert page.templates.is_open


def test_a_text_that_was_written_comes_back_after_another_was_chosen(
    studio: Studio, editing: TemplateEditing
) -> None:
    QTest.keyClicks(editing.editor.text, "{user}{assistant}")
    choose(editing, "Text and label")
    assert editing.editor.text.text == LABEL.text
    studio.app.notifications.notices[-1].actions[0].run()
    assert editing.editor.text.text == "{user}{assistant}"


def test_it_is_saved_under_a_name_and_taken_back(
    studio: Studio, editing: TemplateEditing, qtbot: QtBot
) -> None:
    saved = replace(LABEL, name="Tickets")
    taken = Problem("template.taken", "'Text and label' comes with the application.", "Another.")
    studio.engine.refuse("PUT", "/api/templates/Text%20and%20label", taken, 409)
    studio.engine.answer("PUT", "/api/templates/Tickets", GalleryTemplate(saved, own=True))
    choose(editing, "Text and label")
    studio.app.commands.run("datasets.save-template")
    popover = studio.app.window.findChild(RenamePopover)
    assert isinstance(popover, RenamePopover)
    QTest.keyClick(popover.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: taken.message in popover._error.text())
    popover.field.setText("Tickets")
    QTest.keyClick(popover.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: editing.draft.template == saved)
    assert studio.app.window.findChild(RenamePopover) is None
    studio.engine.answer("DELETE", "/api/templates/Tickets", {"undo": "u1"})
    studio.app.notifications.notices[-1].actions[0].run()
    qtbot.waitUntil(lambda: "/api/templates/Tickets" in studio.engine.paths("DELETE"))


def test_an_own_template_is_removed_with_the_delete_key_and_brought_back(
    studio: Studio, editing: TemplateEditing, qtbot: QtBot
) -> None:
    studio.engine.answer("DELETE", "/api/templates/Mine", {"undo": "u1"})
    studio.engine.answer("POST", "/api/trash/u1/restore", GALLERY[2])
    editing.editor.gallery.click()
    menu = editing.editor.menu
    mine = next(each for each in menu.actions() if each.data() == "Mine")
    menu.setActiveAction(mine)
    QTest.keyClick(menu, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: bool(studio.app.notifications.notices))
    studio.app.notifications.notices[-1].actions[0].run()
    qtbot.waitUntil(lambda: "/api/trash/u1/restore" in studio.engine.paths("POST"))


def test_only_own_templates_can_be_removed(studio: Studio, editing: TemplateEditing) -> None:
    remove = studio.app.commands.get("datasets.remove-template")
    choose(editing, "Text and label")
    assert not remove.enabled()
    choose(editing, "Mine")
    assert remove.enabled()


def test_the_limit_is_chosen_and_remembered_for_the_dataset(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    path = "/api/datasets/d1/rows/1/tokens?base=m1&max_length=256"
    tokens = tuple(Token(f" t{at}", True) for at in range(200))
    studio.engine.answer("GET", path, replace(view(1), cut=250, cut_tokens=tokens))
    menu = page.inspector.limit_button.menu
    assert menu is not None
    assert [each.text() for each in menu.actions()][:2] == ["256 tokens", "512 tokens"]
    assert menu.actions()[-1].text() == "8,192 tokens"
    menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: "cut here, limit 256" in page.inspector.box.shown_text())
    assert "+ 50 more" in page.inspector.box.shown_text()
    assert page.inspector._cut.text() == "Cut, 250"
    assert page.inspector._cut.isVisible()
    qtbot.waitUntil(lambda: page.inspector.histogram._limit == 256)
    assert studio.app.settings.get("datasets.limit.d1", 0) == 256
