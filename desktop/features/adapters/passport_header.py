"""The head of an adapter's page: name, state, what it is, what can be done with it."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.app import App
from desktop.core.theme import Theme
from desktop.features.adapters.model import meta_line
from desktop.workbench.buttons import Button, command_button
from desktop.workbench.chip import Chip
from desktop.workbench.hairline import hairline
from desktop.workbench.icon_tile import IconTile
from desktop.workbench.label import ElidedLabel
from engine.protocol.records import Adapter, BaseModel

ACTIONS = {
    "adapters.duplicate": "Duplicate as new run",
    "adapters.show-folder": "Show folder",
}


class PassportHeader(QWidget):
    def __init__(self, app: App) -> None:
        super().__init__()
        theme = app.theme
        self.name = ElidedLabel("", "page")
        self.version = Chip(theme, "")
        self.fit = Chip(theme, "")
        self.meta = ElidedLabel("", "meta", "text3")
        self.chat = self._chat_button(app)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._titles(theme))
        column.addLayout(self._actions(app))
        column.addWidget(hairline())

    def _titles(self, theme: Theme) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.name)
        line.addWidget(self.version)
        line.addWidget(self.fit)
        line.addStretch()
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addLayout(line)
        words.addWidget(self.meta)
        row = QHBoxLayout()
        row.setContentsMargins(32, 24, 32, 0)
        row.setSpacing(16)
        row.addWidget(IconTile(theme, "layers", "violet"))
        row.addLayout(words, 1)
        return row

    def _actions(self, app: App) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(32, 21, 20, 24)
        row.setSpacing(8)
        row.addWidget(self.chat)
        for id, text in ACTIONS.items():
            row.addWidget(command_button(app.theme, app.commands, id, text=text))
        row.addStretch()
        delete = command_button(app.theme, app.commands, "adapters.delete", kind="ghost",
                                text="Delete")  # fmt: skip
        row.addWidget(delete)
        return row

    def _chat_button(self, app: App) -> Button:
        if "chat.with-adapter" in app.commands:
            return command_button(app.theme, app.commands, "chat.with-adapter", text="Chat",
                                  kind="primary", icon="comment-discussion")  # fmt: skip
        button = Button(app.theme, "Chat", icon="comment-discussion", kind="primary")
        button.setEnabled(False)
        return button

    def show_adapter(self, adapter: Adapter, base: BaseModel | None, now: float) -> None:
        self.name.setText(adapter.name)
        self.version.set(f"v{adapter.version}")
        if base is None:
            self.fit.set("Needs another base", "err", "error")
        else:
            self.fit.set("Fits the loaded base", "ok", "pass")
            self.fit.setToolTip(f"The fingerprint of {base.name} is the one it was trained on.")
        self.meta.setText(meta_line(adapter, base, now))
