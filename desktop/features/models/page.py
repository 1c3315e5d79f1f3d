"""A base model's page: what it is, what was made for it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.app import App
from desktop.core import formatting
from desktop.core.engine_process import EngineState
from desktop.features.models import wording
from desktop.features.models.passport import fill_passport
from desktop.workbench.buttons import Button, Kind, command_button
from desktop.workbench.chip import Chip
from desktop.workbench.facts import Facts
from desktop.workbench.hairline import hairline
from desktop.workbench.icon_tile import IconTile
from desktop.workbench.label import ElidedLabel, Label
from desktop.workbench.page import Page, scrolled, section_title
from desktop.workbench.progress_bar import ProgressBar
from desktop.workbench.row_list import RowList
from desktop.workbench.rows import Row, Section
from engine.protocol.adapter_words import method_words
from engine.protocol.records import Adapter, BaseModel, ModelStatus


class ModelPage(Page):
    """Follows its record; the blue button is Chat."""

    def __init__(self, app: App, key: str) -> None:
        super().__init__(app.theme, wording.name_of(app.store, key), "package", "accent")
        self._app, self._id = app, key
        self._name = ElidedLabel("", "page")
        self._chip = Chip(app.theme, "")
        self._meta = ElidedLabel("", "meta", "text3")
        self._bar = ProgressBar(app.theme)
        self._passport = Facts(app.theme)
        self._adapters = RowList(app.theme, "Adapters of this model")
        self._count = Label("", "meta", "text3")
        self._none = Label("No adapter was trained on it yet.", "body", "text3")
        self._adapters.opened.connect(self._open_adapter)
        self._lay_out()
        self.primary = lambda: app.commands.run("models.chat")
        for signal in (app.store.models_changed, app.store.jobs_changed,
                       app.store.adapters_changed):  # fmt: skip
            signal.connect(self.refresh)
        self.refresh()

    @property
    def model(self) -> BaseModel | None:
        return self._app.store.models.get(self._id)

    def shown(self) -> None:
        self._app.selection.set("model", self._id)

    def _lay_out(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(32, 24, 32, 32)
        column.setSpacing(24)
        column.addLayout(self._head())
        column.addWidget(self._bar)
        column.addLayout(self._buttons())
        column.addWidget(hairline())
        row = QHBoxLayout()
        row.setSpacing(48)
        row.addLayout(self._block("Passport", (), self._passport), 3)
        row.addLayout(self._block("Adapters", (self._count,), self._none, self._adapters), 2)
        column.addLayout(row, 1)
        self.body.addWidget(scrolled(content))

    def _head(self) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(2)
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(self._name)
        first.addWidget(self._chip)
        first.addStretch()
        words.addLayout(first)
        words.addWidget(self._meta)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(IconTile(self.theme, "package", "accent"))
        head.addLayout(words, 1)
        return head

    def _buttons(self) -> QHBoxLayout:
        def button(id: str, text: str, kind: Kind) -> Button:
            return command_button(self.theme, self._app.commands, id, text=text, kind=kind)

        row = QHBoxLayout()
        row.setSpacing(8)
        chat = button("models.chat", "Chat", "primary")
        self.first_focus = chat
        row.addWidget(chat)
        row.addWidget(button("models.rename", "Rename", "flat"))
        row.addWidget(button("models.show-folder", "Show folder", "flat"))
        row.addStretch()
        row.addWidget(button("models.remove", "Remove", "ghost"))
        return row

    def _block(
        self, title: str, right: tuple[QWidget, ...], *content: QWidget
    ) -> QVBoxLayout:  # fmt: skip
        block = QVBoxLayout()
        block.setSpacing(8)
        block.addWidget(section_title(title, right))
        for widget in content:
            block.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)
        block.addStretch(1)
        return block

    def refresh(self, ids: object = None) -> None:
        model = self.model
        if model is None:
            if self._app.store.state is EngineState.READY:
                self.show_band("warning", "This model was removed.")
            return
        self.hide_band()
        self.describe(model.name)
        self._name.setText(model.name)
        self._meta.setText(meta_of(model))
        self._show_state(model)
        fill_passport(self._passport, model)
        self._show_adapters()

    def _show_state(self, model: BaseModel) -> None:
        job = wording.job_of(self._app.store, model.id)
        self._bar.setVisible(model.status is ModelStatus.PREPARING)
        if model.status is ModelStatus.READY:
            self._chip.set("Ready", "ok", "verified")
        elif model.status is ModelStatus.PREPARING:
            self._chip.set("Preparing", "accent", "sync")
            self._bar.set_share(job.progress if job is not None else 0.0)
            self._meta.setText(wording.state_of(model, job))
        else:
            self._chip.set("Missing", "warn", "warning")
            self.show_band(
                "warning",
                f"{model.path} is not there any more. Runs and chats with this model wait.",
                ("Locate", lambda: self._locate()),
            )

    def _locate(self) -> None:
        self._app.selection.set("model", self._id)
        self._app.commands.run("models.locate")

    def _show_adapters(self) -> None:
        found = [each for each in self._app.store.adapters.values() if each.base == self._id]
        found.sort(key=lambda each: -each.created_at)
        self._count.setText(str(len(found)) if found else "")
        self._none.setVisible(not found)
        self._adapters.setVisible(bool(found))
        rows = tuple(adapter_row(each) for each in found)
        self._adapters.set_sections((Section(id="adapters", title="", rows=rows),))
        self._adapters.setFixedHeight(self.theme.px(44) * len(rows) + 2)

    def _open_adapter(self, id: str, keep: bool) -> None:
        if "adapter" in self._app.contributions.editors:
            self._app.open("adapter", id, preview=not keep, focus=keep)


def meta_of(model: BaseModel) -> str:
    size = formatting.size(model.size_bytes) if model.size_bytes else ""
    words = (wording.SOURCES.get(model.source, model.source), wording.in_short(model), size)
    return " · ".join(word for word in words if word)


def adapter_row(adapter: Adapter) -> Row:
    words = (f"v{adapter.version}", method_words(adapter), formatting.size(adapter.size_bytes))
    return Row(id=adapter.id, title=adapter.name, icon="layers", tone="violet", kind="adapter",
               detail=" · ".join(words))  # fmt: skip
