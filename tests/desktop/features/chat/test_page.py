from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.features.adapters import contribution as adapters
from desktop.features.chat import contribution as chat
from desktop.features.chat.page import ChatPage
from desktop.features.chat.prose import Prose
from desktop.features.chat.side_bar import ChatSideBar
from desktop.workbench.rows import ROW_MIME
from engine.protocol.dataset_specs import Template
from engine.protocol.events import RecordRemoved
from engine.protocol.records import Conversation
from engine.protocol.specs import ChatRequest, SamplingSpec
from tests.desktop.features.adapters.conftest import end
from tests.desktop.features.chat.test_session import ANSWER
from tests.fakes.engine import FakeEngine

ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def new(app: App, qtbot: QtBot) -> Iterator[ChatPage]:
    app.window.activateWindow()
    app.commands.run("chat.new")
    page = cast(ChatPage, app.window.editors.active)
    yield page
    page.session.stop()


def asked(engine: FakeEngine) -> list[ChatRequest]:
    return [each.read(ChatRequest) for each in engine.asked if each.path == "/api/chat"]


def drop_row(target: QWidget, adapter: str, at: QPoint) -> None:
    data = QMimeData()
    data.setData(ROW_MIME, f"adapter {adapter}".encode())
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    QApplication.sendEvent(target, QDragEnterEvent(at, copy, data, left, none))
    QApplication.sendEvent(target, QDropEvent(QPointF(at), copy, data, left, none))


def columns(page: ChatPage) -> list[str | None]:
    return list(page.session.columns)


def test_a_new_chat_begins_with_the_base_alone_and_the_focus_in_the_field(new: ChatPage) -> None:
    assert columns(new) == [None]
    assert new.session.conversation.base == "m1"
    assert new.transcript.empty.text() == (
        "Ask the base model something, or pick an adapter above."
    )
    assert QApplication.focusWidget() is new.prompt.field


def test_enter_sends_and_the_answer_is_shown_and_kept(
    new: ChatPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    engine.stream("POST", "/api/chat", *ANSWER)
    QTest.keyClicks(new.prompt.field, "Good day to you. ")
    QTest.keyClick(new.prompt.field, Qt.Key.Key_Return)
    path = f"/api/conversations/{new.session.id}"
    qtbot.waitUntil(lambda: path in engine.paths("PUT"))
    assert new.prompt.field.toPlainText() == ""
    assert asked(engine)[0].messages[-1].content == "Good day to you. "
    view = new.transcript.rows[-1].views[0]
    assert view.footer.whole_text() == "100 ms to first token · 51 tok/s · 3 tokens"
    put = next(each for each in engine.asked if each.path == path)
    assert put.read(Conversation).title == "Good day to you"


def test_shift_enter_begins_a_line_and_then_enter_does_too(
    new: ChatPage, engine: FakeEngine
) -> None:
    field = new.prompt.field
    QTest.keyClicks(field, "one")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(field, "two")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.toPlainText() == "one\ntwo\n"
    assert not new.session.busy
    engine.stream("POST", "/api/chat", *ANSWER)
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert new.session.busy


def test_the_setting_makes_enter_a_new_line(new: ChatPage, app: App) -> None:
    app.settings.set("chat.enter-sends", False)
    QTest.keyClicks(new.prompt.field, "one")
    QTest.keyClick(new.prompt.field, Qt.Key.Key_Return)
    assert new.prompt.field.toPlainText() == "one\n"


def test_alt_and_a_number_switch_the_adapter(new: ChatPage, app: App) -> None:
    texts = [pill.accessibleName() for pill in new.pills.pills]
    assert texts == ["Base only", "house-style r16", "sql-writer r8", "support-triage r16"]
    QApplication.processEvents()
    QTest.keyClick(new.prompt.field, Qt.Key.Key_3, ALT)
    assert columns(new) == ["a2"]
    assert app.selection.id("adapter") == "a2"
    QTest.keyClick(new.prompt.field, Qt.Key.Key_1, ALT)
    assert columns(new) == [None]


def test_a_pill_is_chosen_with_the_mouse(new: ChatPage) -> None:
    QTest.mouseClick(new.pills.pills[3], Qt.MouseButton.LeftButton)
    assert columns(new) == ["a3"]
    assert [pill.isChecked() for pill in new.pills.pills] == [False, False, False, True]


def test_with_two_columns_a_pill_sets_b_or_the_column_that_has_the_focus(page: ChatPage) -> None:
    page.switch_to("a2")
    assert columns(page) == [None, "a2"]
    page.heads[0].setFocus()
    page.switch_to("a1")
    assert columns(page) == ["a1", "a2"]


def test_compare_puts_the_base_beside_the_adapter_and_back(new: ChatPage, app: App) -> None:
    new.switch_to("a2")
    assert app.commands.run("chat.compare")
    assert columns(new) == [None, "a2"]
    assert new.heads[1].isVisible()
    app.commands.run("chat.compare")
    assert columns(new) == ["a2"]
    assert not new.heads[1].isVisible()


def test_chat_with_an_adapter_shows_the_difference_at_once(app: App) -> None:
    app.selection.set("adapter", "a3")
    assert app.commands.run("chat.with-adapter")
    page = cast(ChatPage, app.window.editors.active)
    assert columns(page) == [None, "a3"]
    assert page.heads[1].name == "support-triage r16"


def test_a_template_of_the_adapters_own_is_named_in_the_head(new: ChatPage, app: App) -> None:
    template = Template("Text and label", "fields", "{user}[[{assistant}]]")
    adapter = replace(app.store.adapters["a3"], template=template)
    app.store.adapters["a3"] = adapter
    app.selection.set("adapter", "a3")
    app.commands.run("chat.with-adapter")
    page = cast(ChatPage, app.window.editors.active)
    assert page.heads[1].accessibleName().endswith("v3 · LoRA, rank 16 · Template: Text and label")


def test_an_adapter_row_dropped_on_the_pills_takes_that_place(new: ChatPage) -> None:
    drop_row(new.pills.viewport(), "a3", QPoint(new.pills.pills[0].width() + 12, 10))
    texts = [pill.accessibleName() for pill in new.pills.pills]
    assert texts == ["Base only", "support-triage r16", "house-style r16", "sql-writer r8"]


def test_an_adapter_row_dropped_on_a_head_is_loaded_in_that_column(page: ChatPage) -> None:
    drop_row(page.heads[0], "a1", QPoint(40, 10))
    assert columns(page) == ["a1", "a3"]


def test_an_adapter_of_another_base_is_refused_in_words(page: ChatPage, app: App) -> None:
    drop_row(page.heads[0], "a9", QPoint(40, 10))
    assert columns(page) == [None, "a3"]
    assert app.notifications.notices[-1].text == (
        "'poet r4' was made for Qwen2-0.5B, not for SmolLM2-135M-Instruct."
    )


def test_blind_mode_hides_the_names_until_the_vote(
    page: ChatPage, app: App, engine: FakeEngine, qtbot: QtBot
) -> None:
    app.commands.run("chat.blind")
    assert page.blind_switch.isChecked()
    assert [head.name for head in page.heads] == ["Answer A", "Answer B"]
    engine.stream("POST", "/api/chat", *ANSWER)
    page.prompt.field.setPlainText("Which is which?")
    page.send()
    qtbot.waitUntil(lambda: not page.session.busy)
    views = page.transcript.rows[-1].views
    assert [view.footer.whole_text() for view in views] == ["", ""]
    assert [view.author.whole_text() for view in views] == ["", ""]
    QApplication.processEvents()
    QTest.keyClick(page.prompt.field, Qt.Key.Key_A, ALT)
    assert [view.author.whole_text() for view in views] == ["Base model", "support-triage r16"]
    winner = "Base model" if page.session.turns[-1].blind == "ab" else "support-triage r16"
    assert page.votes.sentence.whole_text() == f"So far: {winner} 1."
    assert page.votes.buttons["a"].isChecked()


def test_escape_stops_the_reply(page: ChatPage, engine: FakeEngine, qtbot: QtBot) -> None:
    engine.stream("POST", "/api/chat", *ANSWER[:2], None)
    page.prompt.field.setPlainText("A story")
    page.send()
    qtbot.waitUntil(lambda: all(live.pieces for live in page.session.live.values()))
    QTest.keyClick(page.prompt.field, Qt.Key.Key_Escape)
    assert not page.session.busy


def test_while_the_base_loads_the_page_says_so(
    page: ChatPage, app: App, engine: FakeEngine
) -> None:
    assert app.store.engine is not None
    app.store.engine = replace(app.store.engine, loaded_bases=())
    engine.stream("POST", "/api/chat", None)
    page.session.ask("Hello")
    view = page.transcript.rows[-1].views[0]
    assert view.waiting.text() == "Loading SmolLM2-135M-Instruct…"


def test_what_is_written_survives_a_restart(
    new: ChatPage, app: App, engine: FakeEngine, qtbot: QtBot, tmp_path: Path
) -> None:
    new.prompt.field.setPlainText("half a thought")
    new.switch_to("a2")
    app.settings.save()
    key = "new:" + new.session.id
    again = App(tmp_path / "home")
    again.store.replace(engine.current_state())
    again.start([adapters.contribute, chat.contribute])
    page = again.window.editors.page("chat", key)
    assert isinstance(page, ChatPage)
    found = (page.prompt.field.toPlainText(), columns(page))
    end(again)
    assert found == ("half a thought", ["a2"])


def test_sampling_applies_from_the_next_turn_and_can_be_reset(
    page: ChatPage, engine: FakeEngine
) -> None:
    page._show_sampling()
    popover = page.popover
    assert popover is not None
    QTest.keyClick(popover.input("temperature").first, Qt.Key.Key_Right)
    assert page.session.conversation.sampling.temperature == pytest.approx(0.25)
    field = popover.input("max_tokens").first
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, "0")
    assert page.session.conversation.sampling.max_tokens == 256
    assert field.property("bad")
    QTest.keyClicks(field, "64")
    assert page.session.conversation.sampling.max_tokens == 64
    popover.reset.click()
    assert page.session.conversation.sampling == SamplingSpec()
    popover.close()


def test_the_system_prompt_is_opened_and_edited(page: ChatPage) -> None:
    page.system.toggle.click()
    page.system.field.setPlainText("Answer in French.")
    assert page.session.conversation.system == "Answer in French."
    assert page.session.messages(2, 0)[0].content == "Answer in French."


def test_a_text_file_dropped_on_the_field_becomes_the_prompt(new: ChatPage, tmp_path: Path) -> None:
    path = tmp_path / "ticket.txt"
    path.write_text("My parcel is lost.", "utf-8")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    assert new.prompt.field.canInsertFromMimeData(data)
    new.prompt.field.insertFromMimeData(data)
    assert new.prompt.field.toPlainText() == "My parcel is lost."


def test_the_side_bar_lists_today_and_earlier(app: App, page: ChatPage) -> None:
    app.window.show_activity("chat")
    bar = cast(ChatSideBar, app.window.side_bar("chat"))
    sections = bar.list.rows.sections
    assert [(each.title, len(each.rows)) for each in sections] == [("Today", 3), ("Earlier", 2)]
    assert sections[0].rows[0].detail == "A / B · 6 turns"
    assert sections[1].rows[0].detail == "Base model · 2 turns"
    assert bar.list.current_id() == "c1"


def test_a_deleted_chat_closes_and_can_be_brought_back(
    app: App, page: ChatPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    engine.answer("DELETE", "/api/conversations/c1", {"undo": "t1"})
    engine.answer("POST", "/api/trash/t1/restore", {})
    assert app.commands.run("chat.delete")
    engine.send(RecordRemoved("conversation", "c1"))
    qtbot.waitUntil(lambda: not app.window.editors.is_open("chat", "c1"))
    app.notifications.notices[-1].actions[0].run()
    qtbot.waitUntil(lambda: "/api/trash/t1/restore" in engine.paths("POST"))


def test_a_click_on_a_chat_finds_the_tab_where_it_began(
    new: ChatPage, app: App, engine: FakeEngine, qtbot: QtBot
) -> None:
    tabs = len(app.window.editors.groups[0].tabs)
    app.window.show_activity("chat")
    bar = cast(ChatSideBar, app.window.side_bar("chat"))
    bar.opened.emit(new.session.id, True)
    assert len(app.window.editors.groups[0].tabs) == tabs


def test_a_long_conversation_shows_its_end_and_makes_the_rest_when_asked(
    page: ChatPage, qtbot: QtBot
) -> None:
    session = page.session
    session.conversation = replace(session.conversation, turns=session.turns * 15)
    session.reset.emit()
    assert len(page.transcript.rows) == 6
    qtbot.waitUntil(lambda: page.transcript._earlier.isVisible())
    assert len(page.transcript.rows) == 30
    bar = page.transcript.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() > 0)
    assert page.transcript._earlier.text() == "Show 15 earlier turns"
    page.transcript._earlier.click()
    qtbot.waitUntil(lambda: len(page.transcript.rows) == 45)


def test_everything_that_takes_the_focus_has_a_name(page: ChatPage) -> None:
    for widget in page.findChildren(QWidget):
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.isVisible():
            interface = QAccessible.queryAccessibleInterface(widget)
            name = interface.text(QAccessible.Text.Name) if interface else "no interface"
            assert name, f"{widget} has no name"


def test_a_click_into_the_transcript_makes_its_column_the_target(page: ChatPage) -> None:
    view = page.transcript.rows[-1].views[0]
    prose = view.body.findChildren(Prose)[0]
    QTest.mouseClick(prose.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert page.target() == 0


def test_a_restored_chat_is_read_once_the_engine_is_there(
    page: ChatPage, app: App, engine: FakeEngine, qtbot: QtBot, tmp_path: Path
) -> None:
    app.settings.save()
    again = App(tmp_path / "home")
    again.start([adapters.contribute, chat.contribute])
    restored = again.window.editors.page("chat", "c1")
    assert isinstance(restored, ChatPage)
    asked_early = restored.session.ask("Too early")
    again.store.connect_engine()
    qtbot.waitUntil(lambda: len(restored.session.turns) == 3)
    title = restored.title
    end(again)
    assert (asked_early, title) == (False, "Ticket triage")


def test_a_checkpoint_of_a_run_answers_beside_the_base(app: App) -> None:
    assert not app.commands.run("chat.with-checkpoint")
    app.selection.set("checkpoint", "r14@325")
    assert app.commands.run("chat.with-checkpoint")
    tab = app.window.editors.active_tab
    assert tab is not None
    page = cast(ChatPage, tab.page)
    assert columns(page) == [None, "r14@325"]
    assert page.heads[1].accessibleName() == "Column B: support-triage r16, step 325 checkpoint"
    pill = page.pills.pills[-1]
    assert (pill.accessibleName(), pill.isChecked()) == ("support-triage r16, step 325", True)
    page.session.set_base("m2")
    assert columns(page) == [None, None]


def test_a_pill_says_what_its_adapter_is(new: ChatPage) -> None:
    assert new.pills.pills[1].toolTip().splitlines()[1] == "v2 · LoRA, rank 16"
