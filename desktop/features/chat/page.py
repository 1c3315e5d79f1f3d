"""The chat page: switcher, columns, turns, vote and field around one conversation."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from desktop.app import App
from desktop.features.chat.column_head import ColumnHead
from desktop.features.chat.empty_chat import EmptyChat
from desktop.features.chat.menus import column_menu, more_menu
from desktop.features.chat.names import (
    adapter_name,
    adapters_of,
    checkpoint_run,
    column_detail,
    ready_models,
    tally,
)
from desktop.features.chat.pill_row import PillRow, PillText
from desktop.features.chat.prompt_box import PromptBox
from desktop.features.chat.sampling_popover import SamplingPopover
from desktop.features.chat.sessions import ChatSessions
from desktop.features.chat.system_row import SystemRow
from desktop.features.chat.transcript import Transcript
from desktop.features.chat.vote_row import VoteRow
from desktop.workbench.buttons import Button
from desktop.workbench.fields import Switch
from desktop.workbench.hairline import hairline
from desktop.workbench.label import Label
from desktop.workbench.page import Page


class ChatPage(Page):
    """`key` as ChatSessions has it."""

    def __init__(self, app: App, sessions: ChatSessions, key: str) -> None:
        super().__init__(app.theme, sessions.title(key), "comment-discussion")
        self._app, self._sessions = app, sessions
        self.session = sessions.session(key)
        self.blind = app.settings.get("chat.blind", False)
        self.pills = PillRow(app.theme, partial(more_menu, app, sessions.pins, self))
        self.system = SystemRow(app.theme)
        self.heads = [
            ColumnHead(app.theme, letter, partial(column_menu, app, sessions.pins, self, column))
            for column, letter in enumerate("AB")
        ]
        empty = EmptyChat(app.theme, self.session, app.store, app.client)
        empty.asked.connect(self.ask)
        self.transcript = Transcript(app.theme, self.session, app.store, empty)
        self.votes = VoteRow(app.theme, self.session.vote)
        self.prompt = PromptBox(app.theme, lambda: app.settings.get("chat.enter-sends", True))
        self.sampling = Button(app.theme, "Sampling", icon="settings", run=self._show_sampling)
        self.sampling.setCheckable(True)
        self.blind_switch = Switch(app.theme, "Blind")
        self.popover: SamplingPopover | None = None
        self.primary = self.send
        self.first_focus = self.prompt.field
        self._lay_out()
        self._connect()
        self.prompt.field.setPlainText(sessions.draft(self.session.id))
        self.refresh()

    # Layout.

    def _lay_out(self) -> None:
        tools = QWidget()
        tools.setFixedHeight(self.theme.px(47))
        row = QHBoxLayout(tools)
        row.setContentsMargins(24, 0, 24, 0)
        row.setSpacing(8)
        row.addWidget(self.pills, 1)
        row.addSpacing(12)
        row.addWidget(Label("Blind", "meta", "text2"))
        row.addWidget(self.blind_switch)
        row.addSpacing(8)
        row.addWidget(self.sampling)
        heads = QHBoxLayout()
        heads.setSpacing(0)
        self._head_line = hairline(vertical=True)
        heads.addWidget(self.heads[0], 1)
        heads.addWidget(self._head_line)
        heads.addWidget(self.heads[1], 1)
        self._vote_line = hairline()
        foot = QVBoxLayout()
        foot.setContentsMargins(24, 0, 24, 16)
        foot.addWidget(self.prompt)
        for widget in (tools, hairline(), self.system):
            self.body.addWidget(widget)
        self.body.addLayout(heads)
        self.body.addWidget(hairline())
        self.body.addWidget(self.transcript, 1)
        self.body.addWidget(self._vote_line)
        self.body.addWidget(self.votes)
        self.body.addLayout(foot)

    def _connect(self) -> None:
        store, session = self._app.store, self.session
        self.pills.chosen.connect(self.switch_to)
        self.pills.pinned.connect(self._pin)
        self.pills.unpinned.connect(self._unpin)
        for column, head in enumerate(self.heads):
            head.dropped.connect(partial(self.set_column, column))
        self.system.edited.connect(session.set_system)
        self.prompt.sent.connect(self.send)
        self.prompt.stopped.connect(session.stop)
        self.prompt.field.textChanged.connect(self._on_text)
        self.blind_switch.clicked.connect(lambda: self._app.commands.run("chat.blind"))
        session.changed.connect(self.refresh)
        session.reset.connect(self.refresh)
        for signal in (store.adapters_changed, store.models_changed, store.state_changed):
            signal.connect(self.refresh)
        store.adapters_changed.connect(self.transcript.refresh_names)
        self._app.settings.changed.connect(self._on_setting)

    # What is shown.

    def refresh(self, _: object = None) -> None:
        """Everything around the turns."""
        store, session = self._app.store, self.session
        self.describe(session.conversation.title or "New chat")
        self._adopt_base()
        texts = [PillText(None, "Base only")]
        texts += [
            PillText(id, adapter_name(store, id), column_detail(store, id)) for id in self.pinned()
        ]
        self.pills.show_pills(texts, self.active_adapter())
        self.system.show_system(session.conversation.system)
        two = self.two_columns
        self._show_heads()
        self.votes.setVisible(two and bool(session.turns))
        self._vote_line.setVisible(two and bool(session.turns))
        self._show_vote()
        self.blind_switch.setChecked(self.blind and two)
        self.prompt.set_busy(session.busy)
        self.prompt.field.setPlaceholderText(self._placeholder())
        self.set_busy(session.loading)
        if self._app.window.editors.active is self:
            self.shown()
        self._app.commands.refresh()

    def _adopt_base(self) -> None:
        """A chat opened before any model was there takes the first that comes."""
        models = ready_models(self._app.store)
        if not self.session.conversation.base and models and not self.session.loading:
            self.session.set_base(models[0].id)

    def _show_heads(self) -> None:
        two = self.two_columns
        self.heads[1].setVisible(two)
        self._head_line.setVisible(two)
        for side, head in enumerate(self.heads[: len(self.session.columns)]):
            name, detail = self._head_texts(side)
            head.show_column(name, detail, violet=side == 1, letter=two)

    def _head_texts(self, side: int) -> tuple[str, str]:
        """Who answers there; in blind mode only after the vote, for the turn just voted on."""
        session, store = self.session, self._app.store
        adapter = session.columns[side]
        last = len(session.turns) - 1
        if self.blind and self.two_columns:
            if last < 0 or not session.turns[last].blind or session.hidden(last):
                return f"Answer {'AB'[side]}", "hidden until the vote"
            adapter = session.turns[last].replies[session.side_of(last, side)].adapter
        elif not self.two_columns and adapter is None and session.base is not None:
            return session.base.name, "no adapter"
        return adapter_name(store, adapter), column_detail(store, adapter)

    def _show_vote(self) -> None:
        session = self.session
        turn = session.turns[-1] if session.turns else None
        if turn is None:
            return
        number = len(session.turns) - 1
        side = turn.vote
        if turn.vote in ("a", "b"):
            side = "ab"[session.side_of(number, "ab".index(turn.vote))]
        sentence = "Which answer is better?"
        if turn.vote:
            sentence = f"So far: {tally(self._app.store, session.turns)}."
        self.votes.show_vote(sentence, side, on=session.can_vote)

    def _placeholder(self) -> str:
        if self.session.base is None:
            return "Add a base model first"
        if self.two_columns:
            return "Ask both…"
        adapter = self.session.columns[0]
        asked = (
            self.session.base.name if adapter is None else adapter_name(self._app.store, adapter)
        )
        return f"Ask {asked}…"

    def shown(self) -> None:
        self._app.selection.set("adapter", self.active_adapter() or "")
        self._app.selection.set("conversation", self.session.id)

    # Columns and the switcher.

    @property
    def two_columns(self) -> bool:
        return len(self.session.columns) > 1

    def pinned(self) -> list[str]:
        """The adapters with a pill, then the checkpoints that answer here."""
        shown = self._sessions.pins.shown(self.session.base)
        found = (id for id in self.session.columns if checkpoint_run(self._app.store, id))
        return [*shown, *dict.fromkeys(id for id in found if id is not None)]

    def target(self) -> int:
        """The column a pill sets: the one that has the focus, else the last."""
        focus = QApplication.focusWidget()
        if focus is not None and self.two_columns:
            if focus in self.heads:
                return self.heads.index(focus)
            column = self.transcript.column_of(focus)
            if column is not None:
                return column
        return len(self.session.columns) - 1

    def active_adapter(self) -> str | None:
        return self.session.columns[-1]

    def switch_to(self, adapter: str | None) -> None:
        """What a pill, Alt and a number, and the palette do."""
        self.set_column(self.target(), adapter)

    def switch_to_pill(self, number: int) -> None:
        """1 is the base alone."""
        choices = [None, *self.pinned()]
        if number <= len(choices):
            self.switch_to(choices[number - 1])

    def set_column(self, column: int, adapter: str | None) -> None:
        base = self.session.base
        found = self._app.store.adapters.get(adapter) if adapter is not None else None
        if found is not None and base is not None:
            if found not in adapters_of(self._app.store, base):
                self._app.notifications.show(
                    f"'{found.name}' was made for {found.base_name or 'another base'}, "
                    f"not for {base.name}.",
                    "warning",
                )
                return
            self._sessions.pins.ensure(base, found.id)
        self.session.set_column(column, adapter)
        self.touched.emit()

    def compare(self) -> None:
        """One column or two: the base at the left, so that the difference is seen."""
        columns = self.session.columns
        if len(columns) > 1:
            self.session.set_columns((columns[1],))
        else:
            pinned = self.pinned()
            second = columns[0] or (pinned[-1] if pinned else None)
            self.session.set_columns((None, second))

    def toggle_blind(self) -> None:
        self.blind = not (self.blind and self.two_columns)
        self._app.settings.set("chat.blind", self.blind)
        if self.blind and not self.two_columns:
            self.compare()
        self.refresh()

    def _pin(self, adapter: str, place: int) -> None:
        base = self.session.base
        if base is not None:
            self._sessions.pins.pin(base, adapter, place)

    def _unpin(self, adapter: str) -> None:
        base = self.session.base
        if base is not None:
            self._sessions.pins.unpin(base, adapter)

    def _on_setting(self, name: str) -> None:
        if name == "chat.pins":
            self.refresh()

    def _show_sampling(self) -> None:
        """The button stays pressed while the popover is open."""
        self.popover = SamplingPopover(
            self.theme, self, self.session.conversation.sampling, self.session.set_sampling
        )
        self.sampling.setChecked(True)
        self.popover.closed.connect(lambda: self.sampling.setChecked(False))
        self.popover.show_under(self.sampling)

    # Writing and sending.

    def send(self) -> None:
        session = self.session
        if session.base is None:
            self.show_band("error", "There is no base model to ask.", self._add_model())
            return
        self.hide_band()
        if self.ask(self.prompt.field.toPlainText()):
            self.prompt.field.clear()

    def ask(self, prompt: str) -> bool:
        asked = self.session.ask(prompt, blind=self.blind)
        if asked:
            self.touched.emit()
        return asked

    def _add_model(self) -> tuple[str, partial[bool]] | None:
        if "models.add" not in self._app.commands:
            return None
        return "Add a model folder", partial(self._app.commands.run, "models.add")

    def write(self, text: str) -> None:
        """Put a text into the field, after what is there."""
        self.prompt.field.moveCursor(self.prompt.field.textCursor().MoveOperation.End)
        self.prompt.field.insertPlainText(text)
        self.prompt.field.setFocus()

    def _on_text(self) -> None:
        text = self.prompt.field.toPlainText()
        self._sessions.set_draft(self.session.id, text)
        if text:
            self.touched.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._app.commands.run("chat.stop"):
            return
        super().keyPressEvent(event)
