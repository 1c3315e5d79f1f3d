"""One turn: the prompt and the reply of each column, side by side on the same line."""

from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.core.store import Store
from desktop.core.theme import Theme
from desktop.features.chat.names import adapter_name, footer_text, stamp_tip
from desktop.features.chat.prose import Prose
from desktop.features.chat.reply_view import ReplyView
from desktop.features.chat.session import ChatSession

LONGEST_SHOWN = 6_000  # characters of a prompt


class TurnRow(QWidget):
    """`views` are by column; where a column stands is the session's word."""

    def __init__(self, theme: Theme, session: ChatSession, store: Store, number: int) -> None:
        super().__init__()
        self._session, self._store, self._number = session, store, number
        turn = session.turns[number]
        self.views: list[ReplyView] = []
        cells: dict[int, QWidget] = {}
        for column in range(len(turn.replies)):
            view = ReplyView(
                theme,
                rate=lambda rating, column=column: session.rate(number, column, rating),  # type: ignore[misc]
                retry=lambda column=column: session.retry(number, column),  # type: ignore[misc]
            )
            self.views.append(view)
            cells[session.side_of(number, column)] = Cell(theme, turn.prompt, view)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for side in sorted(cells):
            row.addWidget(cells[side], 1)
        if len(cells) < len(session.columns):
            row.addWidget(QWidget(), 1)  # it was asked of one column; the other stays free
        for column in range(len(turn.replies)):
            self.refresh(column)

    def refresh(self, column: int) -> None:
        """Show the reply as the session has it now."""
        live = self._session.live.get((self._number, column))
        view = self.views[column]
        if live is None:
            reply = self._session.turns[self._number].replies[column]
            view.show_reply(reply, **self._around(column))
        elif not live.pieces:
            view.body.clear()
            view.wait(self._waiting(live.started is not None))
        elif not view.text:
            view.grow(live.text)

    def refresh_state(self) -> None:
        """After a vote, a rating or a rename: nothing of the texts."""
        for column, view in enumerate(self.views):
            if (self._number, column) not in self._session.live:
                reply = self._session.turns[self._number].replies[column]
                view.show_state(reply, **self._around(column))

    def _around(self, column: int) -> dict[str, str]:
        turn = self._session.turns[self._number]
        reply = turn.replies[column]
        if self._session.hidden(self._number):
            return {"footer": "", "author": "", "tip": ""}
        columns = self._session.columns
        now = columns[column] if column < len(columns) else None
        other = reply.adapter != now or len(columns) != len(turn.replies)
        named = other or bool(turn.blind)
        name = adapter_name(self._store, reply.adapter) if named else ""
        text = footer_text(reply)
        return {
            "footer": f"· {text}" if name and text else text,
            "author": name,
            "tip": stamp_tip(self._store, reply.stamp),
        }

    def _waiting(self, started: bool) -> str:
        base, engine = self._session.base, self._store.engine
        if started or base is None:
            return "Reading the prompt…"
        loaded = engine is not None and base.id in engine.loaded_bases
        return "Waiting for the model…" if loaded else f"Loading {base.name}…"


class Cell(QWidget):
    """The prompt above, the reply below."""

    def __init__(self, theme: Theme, prompt: str, view: ReplyView) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 0, 23, 0)
        column.setSpacing(16)
        column.addWidget(Bubble(theme, prompt))
        column.addWidget(view)
        column.addStretch()


class Bubble(QWidget):
    """What the person wrote, on a soft ground no wider than the text needs."""

    def __init__(self, theme: Theme, text: str) -> None:
        super().__init__()
        self._theme = theme
        rest = len(text) - LONGEST_SHOWN
        shown = text if rest <= 0 else f"{text[:LONGEST_SHOWN]} … and {rest:,} characters more"
        self.text = Prose(theme, line=20)
        self.text.setParent(self)
        self.text.append_plain(shown.strip())
        self.text.setAccessibleName(f"You: {shown[:200]}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._fit)

    def _fit(self) -> None:
        px = self._theme.px
        document = self.text.document()
        document.setTextWidth(-1)
        wide = min(ceil(document.idealWidth()) + 1, max(self.width() - 2 * px(14), 1))
        self.text.resize(wide, self.text.height())
        self.text.fit()
        self.text.move(px(14), px(10))
        if self.height() != self.text.height() + px(20):
            self.setFixedHeight(self.text.height() + px(20))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("hover"))
        wide = self.text.width() + 2 * self._theme.px(14)
        painter.drawRoundedRect(QRectF(0, 0, wide, self.height()), 6, 6)
        painter.end()
