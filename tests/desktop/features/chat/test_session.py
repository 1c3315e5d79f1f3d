import random

from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.features.chat.names import tally
from desktop.features.chat.page import ChatPage
from engine.protocol.events import (
    ChatDelta,
    ChatDone,
    ChatFailed,
    ChatStarted,
    ConversationChanged,
)
from engine.protocol.problems import Problem
from engine.protocol.records import Conversation, ConversationSummary, Reply
from engine.protocol.specs import ChatRequest, Message
from tests.desktop.features.chat.conversation import CONVERSATION, stamp
from tests.fakes.engine import FakeEngine

ANSWER = (
    ChatStarted(None, None, 0.0),
    ChatDelta("Good "),
    ChatDelta("day."),
    ChatDone("Good day.", stamp(None, 100, 3)),
)


def requests(engine: FakeEngine) -> list[ChatRequest]:
    return [each.read(ChatRequest) for each in engine.asked if each.path == "/api/chat"]


def kept(engine: FakeEngine) -> Conversation:
    last = [each for each in engine.asked if each.method == "PUT"][-1]
    found: Conversation = last.read(Conversation)
    return found


def test_every_column_is_asked_with_its_own_history(
    page: ChatPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    engine.stream("POST", "/api/chat", *ANSWER)
    assert page.session.ask("And now?")
    qtbot.waitUntil(lambda: not page.session.busy)
    left, right = sorted(requests(engine), key=lambda each: each.adapter or "")
    assert (left.base, left.adapter, right.adapter) == ("m1", None, "a3")
    assert left.messages[0] == Message("system", "Classify the ticket. Answer in JSON.")
    assert left.messages[2].content.startswith("I understand that you were charged")
    assert right.messages[2].content == '{"team": "billing", "priority": "high"}'
    assert left.messages[-1] == Message("user", "And now?")
    assert len(left.messages) == 8
    assert left.sampling.repetition_penalty == 1.1


def test_the_turn_is_kept_once_all_have_answered(
    page: ChatPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    engine.stream("POST", "/api/chat", *ANSWER)
    page.session.ask("And now?")
    qtbot.waitUntil(lambda: "PUT" in [each.method for each in engine.asked])
    assert kept(engine).turns[-1].prompt == "And now?"
    qtbot.waitUntil(lambda: all(reply.text for reply in kept(engine).turns[-1].replies))
    turn = kept(engine).turns[-1]
    assert [reply.text for reply in turn.replies] == ["Good day.", "Good day."]
    assert [reply.adapter for reply in turn.replies] == [None, "a3"]
    assert turn.replies[0].stamp is not None


def test_stopping_keeps_what_was_said_and_closes_the_connection(
    page: ChatPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    engine.stream("POST", "/api/chat", ChatStarted(None, None, 0.0), ChatDelta("Once upon"), None)
    page.session.ask("A story")
    qtbot.waitUntil(lambda: all(live.pieces for live in page.session.live.values()))
    page.session.stop()
    assert not page.session.busy
    assert [reply.text for reply in page.session.turns[-1].replies] == ["Once upon"] * 2
    assert page.transcript.rows[-1].views[0].footer.whole_text() == "stopped"
    qtbot.waitUntil(lambda: engine.closed_streams == 2)


def test_a_failure_stands_in_the_place_of_the_reply_and_can_be_retried(
    page: ChatPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    problem = Problem("chat.memory", "The model ran out of memory.", "Close other programs.")
    engine.stream("POST", "/api/chat", ChatStarted(None, None, 0.0), ChatFailed(problem))
    page.session.ask("Hello")
    qtbot.waitUntil(lambda: not page.session.busy)
    view = page.transcript.rows[-1].views[0]
    assert view.failure.label.text() == "The model ran out of memory. Close other programs."
    engine.stream("POST", "/api/chat", *ANSWER)
    view.failure.retry.click()
    qtbot.waitUntil(lambda: not page.session.busy)
    replies = page.session.turns[-1].replies
    assert (replies[0].text, replies[0].problem) == ("Good day.", "")
    assert replies[1].problem
    assert len(requests(engine)) == 3


def test_what_the_engine_refuses_is_shown_with_its_hint(
    page: ChatPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    problem = Problem("models.missing", "The folder has gone.", "Put it back.")
    engine.refuse("POST", "/api/chat", problem, 409)
    page.session.ask("Hello")
    qtbot.waitUntil(lambda: not page.session.busy)
    assert page.session.turns[-1].replies[0].problem == "The folder has gone. Put it back."


def test_a_failed_turn_is_no_part_of_the_history(page: ChatPage) -> None:
    session = page.session
    failed = replace(session.turns[0], replies=(Reply(None, "", problem="x"), Reply("a3", "ok")))
    session.conversation = replace(session.conversation, turns=(failed, *session.turns[1:]))
    assert len(session.messages(2, 0)) == len(session.messages(2, 1)) - 2


def test_a_swap_while_a_reply_streams_takes_effect_on_the_next(
    page: ChatPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    engine.stream("POST", "/api/chat", ChatStarted(None, None, 0.0), ChatDelta("Once"), None)
    page.session.ask("A story")
    qtbot.waitUntil(lambda: len(requests(engine)) == 2)
    page.session.set_column(1, "a2")
    assert page.session.live[3, 1].adapter == "a3"
    page.session.stop()
    assert page.session.turns[-1].replies[1].adapter == "a3"
    engine.stream("POST", "/api/chat", *ANSWER)
    page.session.ask("Another")
    qtbot.waitUntil(lambda: not page.session.busy)
    assert {each.adapter for each in requests(engine)[2:]} == {None, "a2"}


def test_an_adapter_of_another_base_leaves_its_column(page: ChatPage) -> None:
    page.session.set_base("m2")
    assert page.session.columns == (None, None)


def test_a_rating_is_kept_and_the_same_again_takes_it_back(
    page: ChatPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    page.session.rate(2, 1, 1)
    qtbot.waitUntil(lambda: "PUT" in [each.method for each in engine.asked])
    assert kept(engine).turns[2].replies[1].rating == 1
    page.session.rate(2, 1, 1)
    assert page.session.turns[2].replies[1].rating == 0


def test_a_blind_vote_for_a_side_is_kept_for_the_column_that_stood_there(page: ChatPage) -> None:
    session = page.session
    exchanged = replace(session.turns[2], blind="ba")
    session.conversation = replace(session.conversation, turns=(*session.turns[:2], exchanged))
    assert session.side_of(2, 1) == 0
    before = session.hidden(2)
    session.vote("a")
    assert session.turns[2].vote == "b"
    assert (before, session.hidden(2)) == (True, False)


def test_blind_sides_are_drawn_anew_for_each_turn(
    page: ChatPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    engine.stream("POST", "/api/chat", *ANSWER)
    random.seed(7)
    for number in range(6):
        assert page.session.ask(f"Question {number}", blind=True)
        qtbot.waitUntil(lambda: not page.session.busy)
    assert {turn.blind for turn in page.session.turns[3:]} == {"ab", "ba"}


def test_the_tally_counts_by_name(page: ChatPage, app: App) -> None:
    votes = ("b", "b", "tie")
    turns = tuple(
        replace(turn, vote=vote) for turn, vote in zip(CONVERSATION.turns, votes, strict=True)
    )
    assert tally(app.store, turns) == "support-triage r16 2, tie 1"


def test_a_new_name_from_the_engine_survives_the_next_turn(
    page: ChatPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    engine.send(ConversationChanged(ConversationSummary("c1", "Refunds", (None, "a3"), 3, 9.0)))
    qtbot.waitUntil(lambda: page.title == "Refunds")
    engine.stream("POST", "/api/chat", *ANSWER)
    page.session.ask("And now?")
    qtbot.waitUntil(lambda: "PUT" in [each.method for each in engine.asked])
    assert kept(engine).title == "Refunds"


def test_clearing_can_be_taken_back(page: ChatPage, app: App) -> None:
    assert app.commands.run("chat.clear")
    assert not page.transcript.rows
    app.notifications.notices[-1].actions[0].run()
    assert len(page.session.turns) == 3
    assert len(page.transcript.rows) == 3


def test_a_reply_goes_on_when_its_tab_is_closed(
    app: App, page: ChatPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    session = page.session
    engine.stream("POST", "/api/chat", *ANSWER)
    session.ask("And now?")
    app.commands.run("workbench.close-tab")
    qtbot.waitUntil(lambda: not session.busy)
    assert session.turns[-1].replies[0].text == "Good day."
    again = app.open("chat", "c1")
    assert isinstance(again, ChatPage)
    assert again.session is session


def test_a_chat_is_deleted_only_after_what_is_on_its_way_has_arrived(
    page: ChatPage, app: App, engine: FakeEngine, qtbot: QtBot
) -> None:
    engine.answer("DELETE", "/api/conversations/c1", {"undo": "t1"})
    engine.stream("POST", "/api/chat", ChatStarted(None, None, 0.0), ChatDelta("Once"), None)
    page.session.ask("A story")
    qtbot.waitUntil(lambda: all(live.pieces for live in page.session.live.values()))
    app.commands.run("chat.delete")
    assert not page.session.busy
    qtbot.waitUntil(lambda: "DELETE" in [each.method for each in engine.asked])
    changes = [each.method for each in engine.asked if each.path == "/api/conversations/c1"]
    assert changes[-1] == "DELETE"
    assert kept(engine).turns[-1].replies[0].text == "Once"
