"""A conversation under way: what is asked, what streams in, what is kept. No widgets."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from desktop.core.engine_client import EngineClient, Stream
from desktop.core.sse import SseEvent
from desktop.core.store import Store
from desktop.features.chat.names import checkpoint_run, fits, title_from
from desktop.features.chat.saver import Saver
from engine.protocol.events import ChatDelta, ChatDone, ChatEvent, ChatFailed, ChatStarted
from engine.protocol.problems import Problem
from engine.protocol.records import BaseModel, Conversation, Reply, Turn
from engine.protocol.specs import ChatRequest, Message, SamplingSpec

BROKE_OFF = Problem("chat.broke-off", "The reply broke off.", "Try again.")
NO_BASE = Problem("chat.no-base", "There is no base model to ask.", "Add a model folder.")
DECODER = msgspec.json.Decoder(ChatEvent)


@dataclass
class Live:
    """A reply under way."""

    adapter: str | None
    stream: Stream | None = None
    started: ChatStarted | None = None
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)


class ChatSession(QObject):
    """Lives as long as the window, so that a reply goes on when its tab is closed.

    Columns are numbered 0 and 1 and keep their own history; on which side of the screen a
    column stands in a blind turn is `side_of`.
    """

    changed = Signal()  # title, base, columns, system, sampling or busy
    reset = Signal()  # all turns
    turn_added = Signal()
    reply_changed = Signal(int, int)  # turn, column: begun, loaded, failed or done
    reply_grew = Signal(int, int, str)  # turn, column, text
    turn_changed = Signal(int)  # a rating or a vote

    def __init__(
        self, client: EngineClient, store: Store, conversation: Conversation, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._client, self._store = client, store
        self.conversation = conversation
        self.live: dict[tuple[int, int], Live] = {}
        self.loading = False
        self._saver = Saver(client, lambda: self.conversation, self)

    # What there is.

    @property
    def id(self) -> str:
        return self.conversation.id

    @property
    def turns(self) -> tuple[Turn, ...]:
        return self.conversation.turns

    @property
    def columns(self) -> tuple[str | None, ...]:
        return self.conversation.columns

    @property
    def base(self) -> BaseModel | None:
        return self._store.models.get(self.conversation.base)

    @property
    def busy(self) -> bool:
        return bool(self.live)

    def side_of(self, turn: int, column: int) -> int:
        return 1 - column if self.turns[turn].blind == "ba" else column

    def hidden(self, turn: int) -> bool:
        """Whether the names of that turn are still to be guessed."""
        return bool(self.turns[turn].blind) and not self.turns[turn].vote

    # What the person sets.

    def load(self, failed: Callable[[Problem], object]) -> None:
        """Read a kept conversation from the engine; until then nothing can be asked."""
        self.loading = True
        self._client.get(f"/api/conversations/{self.id}", Conversation, self._loaded,
                         failed=failed, owner=self)  # fmt: skip

    def _loaded(self, conversation: Conversation) -> None:
        self.loading = False
        self.conversation = conversation
        self.reset.emit()
        self.changed.emit()

    def begin_anew(self) -> None:
        """There is nothing to read: it is a new one."""
        self.loading = False
        self.changed.emit()

    def set_base(self, base: str) -> None:
        """Adapters that do not fit it leave their columns."""
        model = self._store.models.get(base)
        columns = tuple(self._fitting(column, model) for column in self.columns)
        self._change(base=base, columns=columns)

    def _fitting(self, adapter: str | None, base: BaseModel | None) -> str | None:
        found = self._store.adapters.get(adapter) if adapter is not None else None
        run = checkpoint_run(self._store, adapter)
        if run is not None and base is not None:
            return adapter if run.spec.base == base.id else None
        return adapter if found and base and fits(found, base) else None

    def set_column(self, column: int, adapter: str | None) -> None:
        """From the next reply on; one that streams goes on as it began."""
        columns = list(self.columns)
        columns[min(column, len(columns) - 1)] = adapter
        self._change(columns=tuple(columns))

    def set_columns(self, columns: tuple[str | None, ...]) -> None:
        self._change(columns=columns)

    def set_system(self, system: str) -> None:
        self._change(system=system)

    def set_sampling(self, sampling: SamplingSpec) -> None:
        self._change(sampling=sampling)

    def follow_title(self, title: str) -> None:
        """Take the title that the engine has."""
        if title != self.conversation.title:
            self.conversation = replace(self.conversation, title=title)
            self.changed.emit()

    def _change(self, **values: object) -> None:
        new = replace(self.conversation, **values)
        if new != self.conversation:
            self.conversation = new
            self.changed.emit()
            if self.turns:
                self.save()

    # Asking.

    def ask(self, prompt: str, *, blind: bool = False) -> bool:
        """Ask every column. False while replies stream or when nothing was written."""
        if self.busy or self.loading or not prompt.strip():
            return False
        sides = random.choice(("ab", "ba")) if blind and len(self.columns) == 2 else ""
        turn = Turn(prompt, tuple(Reply(each, "") for each in self.columns), blind=sides)
        title = self.conversation.title or title_from(prompt)
        created = self.conversation.created_at or time.time()
        self.conversation = replace(
            self.conversation, title=title, created_at=created, turns=(*self.turns, turn)
        )
        number = len(self.turns) - 1
        for column, adapter in enumerate(self.columns):
            self.live[number, column] = Live(adapter)
        self.turn_added.emit()
        for column in range(len(self.columns)):
            self._start(number, column)
        self.changed.emit()
        self.save()  # what was asked is kept even if the window closes before the answer
        return True

    def retry(self, turn: int, column: int) -> None:
        """Ask again for a reply that failed, with the adapter it was asked of."""
        if (turn, column) in self.live or turn != len(self.turns) - 1:
            return
        reply = self.turns[turn].replies[column]
        self._put_reply(turn, column, Reply(reply.adapter, ""))
        self.live[turn, column] = Live(reply.adapter)
        self.reply_changed.emit(turn, column)
        self._start(turn, column)
        self.changed.emit()

    def messages(self, turn: int, column: int) -> tuple[Message, ...]:
        """The system prompt, the column's own earlier turns, and what is asked now."""
        found = [Message("system", self.conversation.system)] if self.conversation.system else []
        for earlier in self.turns[:turn]:
            reply = earlier.replies[min(column, len(earlier.replies) - 1)]
            if reply.text and not reply.problem:
                found += [Message("user", earlier.prompt), Message("assistant", reply.text)]
        return (*found, Message("user", self.turns[turn].prompt))

    def _start(self, turn: int, column: int) -> None:
        live = self.live[turn, column]
        if self.base is None:
            self._fail(turn, column, NO_BASE)
            return
        request = ChatRequest(
            base=self.conversation.base,
            messages=self.messages(turn, column),
            adapter=live.adapter,
            sampling=self.conversation.sampling,
        )
        live.stream = self._client.stream(
            "POST",
            "/api/chat",
            request,
            on_event=lambda event: self._on_event(turn, column, event),
            ended=lambda problem: self._on_ended(turn, column, problem),
            owner=self,
        )

    def _on_event(self, turn: int, column: int, event: SseEvent) -> None:
        live = self.live.get((turn, column))
        if live is None:
            return
        match DECODER.decode(event.data):
            case ChatStarted() as started:
                live.started = started
                self.reply_changed.emit(turn, column)
            case ChatDelta(text=text):
                live.pieces.append(text)
                self.reply_grew.emit(turn, column, text)
            case ChatDone(text=text, stamp=stamp):
                self._end(turn, column, Reply(live.adapter, text, stamp))
            case ChatFailed(problem=problem):
                self._fail(turn, column, problem)

    def _on_ended(self, turn: int, column: int, problem: Problem | None) -> None:
        if (turn, column) in self.live:
            self._fail(turn, column, problem or BROKE_OFF)

    def _fail(self, turn: int, column: int, problem: Problem) -> None:
        live = self.live[turn, column]
        said = f"{problem.message} {problem.hint}".strip()
        self._end(turn, column, Reply(live.adapter, live.text, problem=said))

    def _end(self, turn: int, column: int, reply: Reply) -> None:
        self.live.pop((turn, column), None)
        self._put_reply(turn, column, reply)
        self.reply_changed.emit(turn, column)
        if not self.live:
            self.save()
        self.changed.emit()

    def stop(self) -> None:
        """End the replies that stream; what was said stays."""
        for (turn, column), live in list(self.live.items()):
            if live.stream is not None:
                live.stream.abort()
            self._end(turn, column, Reply(live.adapter, live.text))

    def leave(self) -> None:
        """The conversation is gone: end what streams and keep nothing."""
        for live in self.live.values():
            if live.stream is not None:
                live.stream.abort()
        self.live = {}
        self.deleteLater()

    # Judging and keeping.

    def rate(self, turn: int, column: int, rating: int) -> None:
        """1 preferred, -1 rejected; the same again takes it back."""
        reply = self.turns[turn].replies[column]
        new = 0 if reply.rating == rating else rating
        self._put_reply(turn, column, replace(reply, rating=new))
        self.turn_changed.emit(turn)
        self.save()

    @property
    def can_vote(self) -> bool:
        """Once both have said something on the newest turn."""
        replies = self.turns[-1].replies if self.turns else ()
        return not self.busy and len(replies) == 2 and all(reply.text for reply in replies)

    def vote(self, choice: str) -> None:
        """On the newest turn: "a" and "b" are sides of the screen, kept as columns."""
        if not self.can_vote:
            return
        number = len(self.turns) - 1
        if choice in ("a", "b"):
            choice = "ab"[self.side_of(number, "ab".index(choice))]
        turn = self.turns[number]
        self._put_turn(number, replace(turn, vote="" if turn.vote == choice else choice))
        self.turn_changed.emit(number)
        self.changed.emit()
        self.save()

    def clear(self) -> Callable[[], None]:
        """Remove all turns; the answer brings them back."""
        self.stop()
        old = self.turns

        def bring_back() -> None:
            self.conversation = replace(self.conversation, turns=(*old, *self.turns))
            self.reset.emit()
            self.changed.emit()
            self.save()

        self.conversation = replace(self.conversation, turns=())
        self.reset.emit()
        self.changed.emit()
        self.save()
        return bring_back

    def _put_reply(self, turn: int, column: int, reply: Reply) -> None:
        replies = list(self.turns[turn].replies)
        replies[column] = reply
        self._put_turn(turn, replace(self.turns[turn], replies=tuple(replies)))

    def _put_turn(self, number: int, turn: Turn) -> None:
        turns = list(self.turns)
        turns[number] = turn
        self.conversation = replace(self.conversation, turns=tuple(turns))

    def finish(self, then: Callable[[], object]) -> None:
        """End what streams, and go on once the engine has all of it."""
        if self.busy:
            self.stop()
        self._saver.when_idle(then)

    def save(self) -> None:
        """Ask the engine to keep all of it."""
        self._saver.save()
