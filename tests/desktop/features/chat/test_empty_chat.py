"""What a chat without turns offers."""

from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.features.chat.page import ChatPage
from engine.protocol.records import Row, RowPage
from engine.protocol.specs import ChatRequest
from tests.fakes.engine import FakeEngine

SEEN = Row(1, 1, "train", (("user", "Seen in training"), ("assistant", "{}")))
LONG = Row(2, 2, "validation", (("user", "long " * 100), ("assistant", "{}")))
SYSTEM = Row(3, 3, "validation", (("system", "Be brief"), ("user", "Hi"), ("assistant", "{}")))
HELD_OUT = [
    Row(number, number, "validation", (("user", f"Ticket {number} & more"), ("assistant", "{}")))
    for number in range(4, 9)
]


@pytest.fixture
def new(app: App, engine: FakeEngine, qtbot: QtBot) -> ChatPage:
    rows = (SEEN, LONG, SYSTEM, *HELD_OUT)
    engine.answer("GET", "/api/datasets/d1/rows?limit=100", RowPage(rows, (), len(rows), 0))
    app.commands.run("chat.new")
    return cast(ChatPage, app.window.editors.active)


def test_the_base_alone_offers_no_prompts(new: ChatPage, engine: FakeEngine) -> None:
    assert new.transcript.empty.buttons == []
    assert not any(path.startswith("/api/datasets/d1/rows") for path in engine.paths("GET"))


def test_an_adapter_offers_short_prompts_that_it_was_not_trained_on(
    new: ChatPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    new.session.set_columns((None, "a3"))
    empty = new.transcript.empty
    qtbot.waitUntil(lambda: len(empty.buttons) == 3)
    assert "both" in empty.text()
    assert [button.text() for button in empty.buttons] == [
        f"Ticket {number} && more" for number in (4, 5, 6)
    ]
    QTest.mouseClick(empty.buttons[1], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "/api/chat" in engine.paths("POST"))
    request = next(each for each in engine.asked if each.path == "/api/chat").read(ChatRequest)
    assert request.messages[-1].content == "Ticket 5 & more"
    assert empty.isHidden()
    new.session.stop()


def test_another_column_takes_the_prompts_away(new: ChatPage, qtbot: QtBot) -> None:
    new.session.set_columns(("a3",))
    empty = new.transcript.empty
    qtbot.waitUntil(lambda: len(empty.buttons) == 3)
    new.session.set_columns((None,))
    assert empty.buttons == []
    assert empty.text() == "Ask the base model something, or pick an adapter above."
