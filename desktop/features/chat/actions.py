"""What the commands of the Chat feature do."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from desktop.app import App
from desktop.core.base_at_hand import base_at_hand
from desktop.core.commands import Choice
from desktop.features.chat.names import adapters_of, checkpoint_run, fits, ready_models
from desktop.features.chat.sessions import ChatSessions
from desktop.workbench.record_changes import RecordChanges
from engine.protocol.adapter_words import method_words
from engine.protocol.records import Adapter, BaseModel, ModelStatus

if TYPE_CHECKING:
    from desktop.features.chat.page import ChatPage


class ChatActions:
    """They act on the chat page in front, or open a new chat."""

    def __init__(self, app: App, sessions: ChatSessions) -> None:
        self._app, self._sessions = app, sessions
        self._changes = RecordChanges(app.theme, app.client, app.notifications, app.window)

    @property
    def page(self) -> "ChatPage | None":
        """The chat page in front."""
        tab = self._app.window.editors.active_tab
        if tab is None or tab.kind != "chat" or tab.page is None:
            return None
        return cast("ChatPage", tab.page)

    def new(self) -> "ChatPage":
        return cast("ChatPage", self._app.open("chat", self._sessions.new_key()))

    def with_adapter(self) -> None:
        """A new chat with the base at the left and the selected adapter at the right."""
        adapter = self._app.selection.adapter
        base = self.base_for(adapter) if adapter is not None else None
        if adapter is None or base is None:
            return
        self._sessions.pins.ensure(base, adapter.id)
        page = self.new()
        page.session.set_base(base.id)
        page.session.set_columns((None, adapter.id))

    def with_checkpoint(self) -> None:
        """A new chat with the base at the left and the chosen checkpoint at the right."""
        chosen, base = self._app.selection.id("checkpoint"), self._base_of_checkpoint()
        if base is None:
            return
        page = self.new()
        page.session.set_base(base.id)
        page.session.set_columns((None, chosen))

    def _base_of_checkpoint(self) -> BaseModel | None:
        run = checkpoint_run(self._app.store, self._app.selection.id("checkpoint"))
        base = self._app.store.models.get(run.spec.base) if run is not None else None
        return base if base is not None and base.status is ModelStatus.READY else None

    def can_chat_with_checkpoint(self) -> bool:
        return self._base_of_checkpoint() is not None

    def base_for(self, adapter: Adapter) -> BaseModel | None:
        """The base that it fits and that can answer."""
        base = self._app.store.models.get(adapter.base)
        if base is None or base.status is not ModelStatus.READY or not fits(adapter, base):
            return None
        return base

    def can_chat_with_adapter(self) -> bool:
        adapter = self._app.selection.adapter
        return adapter is not None and self.base_for(adapter) is not None

    def why_no_chat(self) -> str:
        adapter = self._app.selection.adapter
        if adapter is None:
            return "Choose an adapter first."
        base = self._app.store.models.get(adapter.base)
        if base is not None and base.status is ModelStatus.PREPARING:
            return f"{base.name} is being prepared."
        return f"It needs another base: {adapter.base_name or 'one that is not known'}."

    def base(self) -> BaseModel | None:
        """Of the page in front, else the one a new chat would have."""
        page = self.page
        if page is not None:
            return page.session.base
        return base_at_hand(self._app.store, self._app.selection)

    def switch_choices(self) -> list[Choice]:
        """The base alone, then its adapters, those with a pill first."""
        base = self.base()
        if base is None:
            return []
        found = {adapter.id: adapter for adapter in adapters_of(self._app.store, base)}
        order = [*self._sessions.pins.shown(base), *self._sessions.pins.others(base)]
        choices = [
            Choice(id="", title="Base only", icon="circle-slash", detail=base.name,
                   run=partial(self.switch_to, None))
        ]  # fmt: skip
        choices += [
            Choice(id=id, title=found[id].name, icon="layers",
                   detail=f"v{found[id].version} · {method_words(found[id])}",
                   run=partial(self.switch_to, id))
            for id in order
        ]  # fmt: skip
        return choices

    def switch_to(self, adapter: str | None) -> None:
        page = self.page
        if page is None:
            page = self.new()
        page.switch_to(adapter)
        page.focus_first()

    def base_choices(self) -> list[Choice]:
        return [
            Choice(id=base.id, title=base.name, icon="package",
                   run=partial(self._set_base, base.id))
            for base in ready_models(self._app.store)
        ]  # fmt: skip

    def _set_base(self, base: str) -> None:
        page = self.page or self.new()
        page.session.set_base(base)

    def can_switch_to(self, number: int) -> bool:
        page = self.page
        return page is not None and number <= len(page.pills.pills)

    def switch_to_pill(self, number: int) -> None:
        if self.page is not None:
            self.page.switch_to_pill(number)

    def compare(self) -> None:
        if self.page is not None:
            self.page.compare()

    def toggle_blind(self) -> None:
        if self.page is not None:
            self.page.toggle_blind()

    def can_vote(self) -> bool:
        return self.page is not None and self.page.session.can_vote

    def vote(self, choice: str) -> None:
        if self.page is not None:
            self.page.session.vote(choice)

    def busy(self) -> bool:
        return self.page is not None and self.page.session.busy

    def stop(self) -> None:
        if self.page is not None:
            self.page.session.stop()

    def can_clear(self) -> bool:
        return self.page is not None and bool(self.page.session.turns)

    def clear(self) -> None:
        page = self.page
        if page is not None:
            turns = len(page.session.turns)
            bring_back = page.session.clear()
            self._app.notifications.undo(
                "1 turn removed." if turns == 1 else f"{turns} turns removed.", bring_back
            )

    def rename(self) -> None:
        chosen = self._app.selection.conversation
        if chosen is not None:
            self._changes.rename("conversations", chosen.id, chosen.title)

    def delete(self) -> None:
        chosen = self._app.selection.conversation
        if chosen is not None:
            remove = partial(self._changes.remove, "conversations", chosen.id, chosen.title)
            self._sessions.finish(chosen.id, remove)

    def use_as_prompt(self, paths: tuple[Path, ...]) -> None:
        """Text files into the field of the chat in front, or of a new one."""
        from desktop.features.chat.prompt_box import read_text

        texts = [read_text(path) for path in paths if path.is_file()]
        if texts:
            (self.page or self.new()).write("\n".join(texts))
