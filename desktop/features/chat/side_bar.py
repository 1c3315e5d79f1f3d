"""The Chat side bar: the conversations of today and earlier."""

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from desktop.app import App
from desktop.core import formatting
from desktop.core.store import Store
from desktop.features.chat.actions import ChatActions
from desktop.features.chat.names import summary_text
from desktop.features.chat.sessions import ChatSessions
from desktop.workbench.rows import Row, Section
from desktop.workbench.side_bar import SideBar
from engine.protocol.records import ConversationSummary

ROW_MENU = ("chat.rename", "chat.delete")


class ChatSideBar(SideBar):
    def __init__(self, app: App, sessions: ChatSessions, actions: ChatActions) -> None:
        super().__init__(
            app.theme,
            app.commands,
            app.settings,
            id="chat",
            title="Chat",
            add="chat.new",
            menu=("chat.new", "chat.clear"),
            row_menu=self._row_menu,
            empty="No chats yet. Ask a model something and it is kept here.",
            empty_command="chat.new",
            empty_text="New chat",
            hint="Drop a text file\nto use it as a prompt",
            delete="chat.delete",
            on_drop=self._on_drop,
        )
        self._app, self._actions = app, actions
        self.search.setPlaceholderText("Search chats")
        self.opened.connect(
            lambda id, keep: app.open("chat", sessions.page_key(id), preview=not keep, focus=keep)
        )
        self.selected.connect(self._on_selected)
        app.selection.changed.connect(self._follow)
        app.store.conversations_changed.connect(self.refresh)
        app.store.adapters_changed.connect(self.refresh)
        self.refresh()

    def refresh(self, _: object = None) -> None:
        store = self._app.store
        self.set_sections(sections(store.conversations.values(), store, time.time()))
        self._follow()

    def _on_selected(self, id: str) -> None:
        if id:
            self._app.selection.set("conversation", id)

    def _follow(self) -> None:
        """The current row is what the commands act on, also when a page chose it."""
        chosen = self._app.selection.id("conversation")
        if chosen != self.list.current_id():
            self.list.select(chosen)

    def _row_menu(self, row: Row) -> Sequence[str]:
        return ROW_MENU

    def _on_drop(self, paths: tuple[Path, ...]) -> None:
        self._actions.use_as_prompt(paths)


def sections(
    conversations: Iterable[ConversationSummary], store: Store, now: float
) -> list[Section]:
    """The last used first."""
    today: list[Row] = []
    earlier: list[Row] = []
    for each in sorted(conversations, key=lambda each: (-each.updated_at, each.id)):
        row = Row(id=each.id, title=each.title, detail=summary_text(store, each),
                  icon="comment-discussion", kind="conversation")  # fmt: skip
        is_today = formatting.day(each.updated_at, now) == "today"
        (today if is_today else earlier).append(row)
    return [
        Section(id="today", title="Today", rows=tuple(today)),
        Section(id="earlier", title="Earlier", rows=tuple(earlier)),
    ]
