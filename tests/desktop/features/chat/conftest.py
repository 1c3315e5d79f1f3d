"""The same window as for adapters, with a kept conversation."""

from collections.abc import Iterator
from typing import cast

import pytest
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.features.chat.page import ChatPage
from tests.desktop.features.adapters.conftest import app, engine
from tests.desktop.features.chat.conversation import CONVERSATION
from tests.fakes.engine import FakeEngine

__all__ = ["app", "engine", "page"]


@pytest.fixture
def page(app: App, engine: FakeEngine, qtbot: QtBot) -> Iterator[ChatPage]:
    """The kept conversation: the base at the left, support-triage at the right."""
    engine.answer("GET", "/api/conversations/c1", CONVERSATION)
    engine.answer("PUT", "/api/conversations/c1", {})
    page = cast(ChatPage, app.open("chat", "c1"))
    qtbot.waitUntil(lambda: len(page.session.turns) == 3)
    yield page
    page.session.stop()
