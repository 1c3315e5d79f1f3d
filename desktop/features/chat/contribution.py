"""Chat: conversations with a base and its adapters, one or two at a time."""

from collections.abc import Iterable
from functools import partial

from PySide6.QtWidgets import QWidget

from desktop.app import App
from desktop.core.commands import Command
from desktop.core.engine_process import EngineState
from desktop.features.chat.actions import ChatActions
from desktop.features.chat.sessions import NEW, ChatSessions
from desktop.workbench.at_hand import at_hand
from desktop.workbench.contributions import (
    Activity,
    EditorKind,
    PaletteItem,
    PaletteProvider,
)
from desktop.workbench.page import Page

OPEN_FIRST = "Open a chat first."


def contribute(app: App) -> None:
    """Add everything the Chat feature brings to the workbench."""
    sessions = ChatSessions(app)
    actions = ChatActions(app, sessions)
    add_new(app, actions)
    add_switching(app, actions)
    add_judging(app, actions)
    add_keeping(app, actions)
    app.contributions.add_activity(
        Activity(id="chat", title="Chat", icon="comment-discussion", order=5, keys="Ctrl+Shift+5",
                 side_bar=lambda: make_side_bar(app, sessions, actions))
    )  # fmt: skip
    app.contributions.add_editor(
        EditorKind(
            id="chat",
            icon="comment-discussion",
            make=lambda key: make_page(app, sessions, key),
            title=sessions.title,
            there=lambda key: is_there(app, key),
        )
    )
    app.contributions.add_provider(PaletteProvider(id="chat", items=lambda: places(app, sessions)))
    app.contributions.add_to_menu("File", "chat.new", group=1)
    app.contributions.add_to_menu("Edit", "chat.rename", "chat.clear", "chat.delete", group=7)
    app.contributions.add_to_menu("View", "chat.compare", "chat.blind", group=6)
    app.contributions.empty_editor.append("chat.new")


def add_new(app: App, actions: ChatActions) -> None:
    app.commands.add(
        Command(id="chat.new", title="Chat: New Chat", icon="comment-discussion", keys="Ctrl+T",
                run=actions.new),
        Command(id="chat.with-adapter", title="Chat: Chat with the Adapter",
                icon="comment-discussion", run=actions.with_adapter,
                enabled=actions.can_chat_with_adapter, reason=actions.why_no_chat),
        Command(id="chat.with-checkpoint", title="Chat: Chat with the Checkpoint",
                icon="comment-discussion", run=actions.with_checkpoint,
                enabled=actions.can_chat_with_checkpoint,
                reason="Choose a checkpoint of a run whose base is here."),
    )  # fmt: skip


def add_switching(app: App, actions: ChatActions) -> None:
    app.commands.add(
        Command(id="chat.switch", title="Chat: Switch Adapter…", icon="layers",
                choices=actions.switch_choices, enabled=lambda: actions.base() is not None,
                reason="Add a base model first."),
        Command(id="chat.base", title="Chat: Choose Base Model…", icon="package",
                choices=actions.base_choices, enabled=lambda: actions.base() is not None,
                reason="Add a base model first."),
        Command(id="chat.compare", title="Chat: One or Two Columns", icon="split-horizontal",
                run=actions.compare, enabled=lambda: actions.page is not None,
                reason=OPEN_FIRST),
        Command(id="chat.blind", title="Chat: Blind Mode", icon="circle-slash",
                keys="Ctrl+Shift+B", run=actions.toggle_blind,
                enabled=lambda: actions.page is not None, reason=OPEN_FIRST),
    )  # fmt: skip
    for number in range(1, 10):
        app.commands.add(
            Command(id=f"chat.switch-{number}", title=f"Chat: Switch to Pill {number}",
                    keys=f"Alt+{number}", listed=False,
                    run=partial(actions.switch_to_pill, number),
                    enabled=partial(actions.can_switch_to, number), reason=OPEN_FIRST)
        )  # fmt: skip


def add_judging(app: App, actions: ChatActions) -> None:
    votes = (
        ("a", "Chat: Answer A Is Better", "Alt+A"),
        ("tie", "Chat: Call It a Tie", "Alt+0"),
        ("b", "Chat: Answer B Is Better", "Alt+B"),
        ("neither", "Chat: Neither Answer Is Good", ""),
    )
    for choice, title, keys in votes:
        app.commands.add(
            Command(id=f"chat.vote-{choice}", title=title, keys=keys, icon="thumbsup",
                    run=partial(actions.vote, choice), enabled=actions.can_vote,
                    reason="Ask both columns something first.")
        )  # fmt: skip


def add_keeping(app: App, actions: ChatActions) -> None:
    def chosen() -> bool:
        return app.selection.conversation is not None

    app.commands.add(
        Command(id="chat.stop", title="Chat: Stop the Reply", icon="debug-stop",
                run=actions.stop, enabled=actions.busy, reason="No reply is under way."),
        Command(id="chat.clear", title="Chat: Clear Turns", icon="discard", run=actions.clear,
                enabled=actions.can_clear, reason="There is nothing to clear."),
        Command(id="chat.rename", title="Chat: Rename Chat…", icon="edit", keys="F2",
                run=actions.rename, reason="Choose a chat first.",
                enabled=lambda: chosen() and at_hand(app.window, kind="chat", activity="chat")),
        Command(id="chat.delete", title="Chat: Delete Chat", icon="trash", run=actions.delete,
                enabled=chosen, reason="Choose a chat first."),
    )  # fmt: skip


def is_there(app: App, key: str) -> bool:
    if key.startswith(NEW):
        return True
    return app.store.state is not EngineState.READY or key in app.store.conversations


def make_side_bar(app: App, sessions: ChatSessions, actions: ChatActions) -> QWidget:
    from desktop.features.chat.side_bar import ChatSideBar

    return ChatSideBar(app, sessions, actions)


def make_page(app: App, sessions: ChatSessions, key: str) -> Page:
    from desktop.features.chat.page import ChatPage

    return ChatPage(app, sessions, key)


def places(app: App, sessions: ChatSessions) -> Iterable[PaletteItem]:
    found = sorted(app.store.conversations.values(), key=lambda each: -each.updated_at)
    for each in found:
        yield PaletteItem(
            id=each.id, title=each.title, icon="comment-discussion", detail="chat",
            run=lambda id=each.id: app.open("chat", sessions.page_key(id)),  # type: ignore[misc]
        )  # fmt: skip
