"""All conversations that were opened, by id, and what of them is not with the engine yet."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import msgspec
from PySide6.QtCore import QObject

from desktop.app import App
from desktop.core.base_at_hand import base_at_hand
from desktop.core.engine_process import EngineState
from desktop.features.chat.pins import Pins
from desktop.features.chat.session import ChatSession
from engine.protocol.problems import Problem
from engine.protocol.records import Conversation

NEW = "new:"
MOST_DRAFTS = 50


class ChatSessions(QObject):
    """Made once. A page's key is the conversation's id, with "new:" before it for a new one."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self._app = app
        self._sessions: dict[str, ChatSession] = {}
        self._unread: set[str] = set()
        self.pins = Pins(app.settings, app.store)
        app.store.conversations_changed.connect(self._on_conversations)
        app.store.state_changed.connect(self._read)

    def session(self, key: str) -> ChatSession:
        """The one of that key; a kept conversation is read from the engine."""
        id = key.removeprefix(NEW)
        if id not in self._sessions:
            self._sessions[id] = self._make(id)
        return self._sessions[id]

    def finish(self, id: str, then: Callable[[], object]) -> None:
        """Before a conversation is deleted: nothing of it may still be on its way."""
        session = self._sessions.get(id)
        if session is None:
            then()
        else:
            session.finish(then)

    def _make(self, id: str) -> ChatSession:
        app = self._app
        setup = self._setup(id)
        base = base_at_hand(app.store, app.selection)
        new = Conversation(id, title="", base=base.id if base else "")
        session = ChatSession(app.client, app.store, setup or new, self)
        if setup is None and (app.store.state is not EngineState.READY or self._kept(id)):
            session.loading = True
            self._unread.add(id)
            self._sessions[id] = session
            self._read()
        session.changed.connect(lambda: self._keep_setup(session))
        return session

    def _kept(self, id: str) -> bool:
        return id in self._app.store.conversations

    def _read(self) -> None:
        """Read what a restored tab showed, as soon as there is an engine to ask."""
        if self._app.store.state is not EngineState.READY:
            return
        for id in list(self._unread):
            self._unread.discard(id)
            session = self._sessions.get(id)
            if session is not None and self._kept(id):
                session.load(failed=partial(self._not_read, id))
            elif session is not None:
                session.begin_anew()

    def _not_read(self, id: str, problem: Problem) -> None:
        self._unread.add(id)
        self._app.notifications.problem(problem)

    def page_key(self, id: str) -> str:
        """The key of the tab that shows it, if it began there as a new one."""
        return NEW + id if self._app.window.editors.is_open("chat", NEW + id) else id

    def new_key(self) -> str:
        return NEW + uuid4().hex

    def title(self, key: str) -> str:
        summary = self._app.store.conversations.get(key.removeprefix(NEW))
        return summary.title if summary is not None else "New chat"

    def _on_conversations(self, ids: set[str]) -> None:
        """Names come from the engine; what is gone there goes here as well."""
        for id in ids:
            summary = self._app.store.conversations.get(id)
            session = self._sessions.get(id)
            if summary is not None and session is not None:
                session.follow_title(summary.title)
            elif summary is None:
                self._forget(id)

    def _forget(self, id: str) -> None:
        session = self._sessions.pop(id, None)
        if session is not None:
            session.leave()
        for key in (id, NEW + id):
            self._app.window.editors.close_page("chat", key)

    # What is written but not sent, and how a new chat is set up, outlive the window.

    def draft(self, id: str) -> str:
        return str(self._drafts().get(id, ""))

    def set_draft(self, id: str, text: str) -> None:
        drafts = {key: value for key, value in self._drafts().items() if key != id}
        if text:
            drafts[id] = text
        self._app.settings.set("chat.drafts", dict(list(drafts.items())[-MOST_DRAFTS:]))

    def _drafts(self) -> dict[str, Any]:
        found: dict[str, Any] = self._app.settings.get("chat.drafts", {})
        return found

    def _keep_setup(self, session: ChatSession) -> None:
        kept: dict[str, Any] = self._app.settings.get("chat.new", {})
        kept = {key: value for key, value in kept.items() if key != session.id}
        if not session.turns and session.id not in self._app.store.conversations:
            kept[session.id] = msgspec.to_builtins(session.conversation)
        self._app.settings.set("chat.new", dict(list(kept.items())[-MOST_DRAFTS:]))

    def _setup(self, id: str) -> Conversation | None:
        kept: dict[str, Any] = self._app.settings.get("chat.new", {})
        try:
            return msgspec.convert(kept[id], Conversation) if id in kept else None
        except msgspec.ValidationError:
            return None
