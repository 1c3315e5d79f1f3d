"""A chat without turns: what to do here, and prompts that the adapter has never seen."""

from collections.abc import Sequence
from functools import partial
from textwrap import shorten

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.engine_client import EngineClient
from desktop.core.store import Store
from desktop.core.theme import Theme
from desktop.features.chat.names import adapter_name
from desktop.features.chat.session import ChatSession
from desktop.workbench.buttons import Button
from desktop.workbench.label import Label
from engine.protocol.records import Adapter, RowPage

EXAMPLES, LOOKED_AT = 3, 100  # prompts offered; rows among which they are sought
LONGEST = 300  # characters of a prompt that is offered
SHOWN = 90  # characters on its button
SIDE, PADDING = 24, 16  # px beside the buttons and in them


class EmptyChat(QWidget):
    """`asked` carries the prompt that was chosen."""

    asked = Signal(str)

    def __init__(
        self, theme: Theme, session: ChatSession, store: Store, client: EngineClient
    ) -> None:
        super().__init__()
        self._theme, self._session, self._store, self._client = theme, session, store, client
        self._source = ""  # the dataset whose rows are offered or asked for
        self.buttons: list[Button] = []
        self._prompts: tuple[str, ...] = ()
        self._sentence = Label("", "body", "text3")
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lead = Label("Prompts it has never seen in training:", "meta", "text3")
        self._lead.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lead.hide()
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(SIDE, 0, SIDE, 0)
        self._lines.setSpacing(8)
        self._lines.addWidget(self._sentence)
        self._lines.addSpacing(12)
        self._lines.addWidget(self._lead)

    def text(self) -> str:
        return self._sentence.text()

    def refresh(self) -> None:
        """After another column or adapter; asks the engine for rows only where they are new."""
        self._sentence.setText(self._words())
        adapter = self._trained()
        source = adapter.dataset if adapter else ""
        if source == self._source:
            return
        self._source = source
        self._offer(())
        if source:
            self._client.get(
                f"/api/datasets/{source}/rows?limit={LOOKED_AT}",
                RowPage,
                partial(self._take, source),
                failed=lambda _: None,  # nothing is offered then
                owner=self,
            )

    def _words(self) -> str:
        columns = self._session.columns
        if len(columns) > 1:
            return "Ask both the same thing and see what the training changed."
        if columns[0] is None:
            return "Ask the base model something, or pick an adapter above."
        return f"Ask {adapter_name(self._store, columns[0])} something."

    def _trained(self) -> Adapter | None:
        """The adapter of a column whose dataset still has the rows and sides it was trained on."""
        for id in reversed(self._session.columns):
            adapter = self._store.adapters.get(id or "")
            dataset = self._store.datasets.get(adapter.dataset) if adapter else None
            if adapter and dataset and dataset.sha256 == adapter.dataset_sha256:
                return adapter
        return None

    def _take(self, source: str, page: RowPage) -> None:
        if source != self._source:
            return
        prompts = [
            row.messages[0][1]
            for row in page.rows
            if row.split == "validation" and row.messages[0][0] == "user"
        ]
        self._offer([each for each in prompts if len(each) <= LONGEST][:EXAMPLES])

    def _offer(self, prompts: Sequence[str]) -> None:
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self.buttons = []
        for prompt in prompts:
            button = Button(self._theme, "", run=partial(self.asked.emit, prompt))
            button.setMinimumWidth(1)  # gives way in a narrow column
            button.setToolTip(prompt if len(prompt) > SHOWN else "")
            button.setAccessibleName(f"Ask: {prompt}")
            self.buttons.append(button)
            self._lines.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        self._prompts = tuple(prompts)
        self._lead.setVisible(bool(prompts))
        self._fit()

    def _fit(self) -> None:
        room = self.width() - self._theme.px(2 * SIDE + 2 * PADDING)
        for button, prompt in zip(self.buttons, self._prompts, strict=True):
            words = shorten(prompt, SHOWN, placeholder="…").replace("&", "&&")
            cut = Qt.TextElideMode.ElideRight
            button.setText(button.fontMetrics().elidedText(words, cut, room))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
