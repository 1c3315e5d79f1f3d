"""An adapter's page: what it is, where it comes from, whether it is whole, where it fits."""

import time

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.app import App
from desktop.core.engine_process import EngineState
from desktop.features.adapters.ancestry import ancestry
from desktop.features.adapters.lineage import Lineage
from desktop.features.adapters.model import base_of, figures, needed_base, verdict
from desktop.features.adapters.passport_header import PassportHeader
from desktop.features.adapters.tables import (
    BasesTable,
    FilesTable,
    HashButton,
    TrainingTable,
    column_of,
)
from desktop.workbench.glyph import Glyph
from desktop.workbench.label import Label
from desktop.workbench.page import Page, scrolled, section_title
from engine.protocol.problems import Problem
from engine.protocol.records import Adapter, FileCheck

WIDE = 880  # px at 100 %


class AdapterPage(Page):
    """`key` is the adapter's id."""

    def __init__(self, app: App, key: str) -> None:
        super().__init__(app.theme, "Adapter", "layers", "violet")
        self._app = app
        self._key = key
        self._checks: dict[str, str] = {}
        self._checked = ""  # the hash that was looked at
        self.header = PassportHeader(app)
        self.header_slot.addWidget(self.header)
        self.first_focus = self.header.chat
        self.primary = self._chat
        self.lineage = Lineage(app.theme, self._open)
        self.training = TrainingTable(app.theme)
        self.files = FilesTable(app.theme)
        self.bases = BasesTable(app.theme)
        self._lay_out()
        for signal in (
            app.store.adapters_changed,
            app.store.models_changed,
            app.store.datasets_changed,
            app.store.runs_changed,
        ):
            signal.connect(self._refresh)
        app.store.state_changed.connect(self._refresh)
        self._refresh()

    @property
    def adapter(self) -> Adapter | None:
        return self._app.store.adapters.get(self._key)

    def _lay_out(self) -> None:
        theme = self.theme
        self._mark = Glyph(theme, "", "ok", 14)
        self._mark_text = Label("", "meta", "text3")
        mark = QWidget()
        row = QHBoxLayout(mark)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._mark)
        row.addWidget(self._mark_text)
        self._tables = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._tables.setSpacing(48)
        self._tables.addLayout(column_of(section_title("Training"), self.training), 1)
        self._tables.addLayout(column_of(section_title("Files", [mark]), self.files), 1)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(32, 24, 32, 24)
        column.setSpacing(8)
        column.addWidget(section_title("Lineage"))
        column.addWidget(self.lineage)
        column.addSpacing(24)
        column.addLayout(self._tables)
        column.addSpacing(20)
        column.addWidget(section_title("Compatible bases"))
        column.addWidget(self.bases)
        column.addStretch(1)
        self.body.addWidget(scrolled(content))

    def resizeEvent(self, event: object) -> None:
        """Beside each other the two tables need room; below it one stands under the other."""
        super().resizeEvent(event)
        wide = self.width() >= self.theme.px(WIDE)
        ways = QBoxLayout.Direction
        self._tables.setDirection(ways.LeftToRight if wide else ways.TopToBottom)
        self._tables.setSpacing(48 if wide else 24)

    def shown(self) -> None:
        self._app.selection.set("adapter", self._key)
        self._check_files()

    def _refresh(self, _: object = None) -> None:
        adapter = self.adapter
        if adapter is None:
            return
        models = self._app.store.models
        base = base_of(adapter, models)
        self.describe(adapter.name)
        self.header.show_adapter(adapter, base, time.time())
        self.lineage.show_ancestry(ancestry(adapter, self._app.store))
        self.training.show_figures(figures(adapter))
        self._show_files(adapter)
        found = sorted(models.values(), key=lambda each: (each.created_at, each.id))
        self.bases.show_bases([(each, verdict(adapter, each)) for each in found])
        if base is None:
            self._show_misfit(adapter)
        else:
            self.hide_band()
        self._check_files()

    def _show_misfit(self, adapter: Adapter) -> None:
        commands = self._app.commands
        action = None
        if "models.add" in commands:
            action = ("Add a model folder", lambda: commands.run("models.add"))
        self.show_band(
            "error",
            f"It was made for {needed_base(adapter)}, which is not in the catalog.",
            action,
        )

    def _show_files(self, adapter: Adapter) -> None:
        self.files.show_files(adapter.files, self._checks)
        for button in self.files.findChildren(HashButton):
            button.clicked.connect(lambda _=False, value=button.sha256: self._copy(value))
        bad = [name for name, state in self._checks.items() if state != "intact"]
        if bad:
            self._mark.set_icon("error", "err")
            self._mark_text.setText(f"{len(bad)} of {len(adapter.files)} not as published")
        elif self._checks:
            self._mark.set_icon("pass-filled", "ok")
            count = len(self._checks)
            words = {1: "Verified", 2: "Both verified"}
            self._mark_text.setText(words.get(count, f"All {count} verified"))
        else:
            self._mark.set_icon("", "ok")
            self._mark_text.setText("")

    def _check_files(self) -> None:
        """Hashes are compared again each time the page opens."""
        adapter = self.adapter
        ready = self._app.store.state is EngineState.READY
        if adapter is None or not ready or not self.isVisible() or self._checked == adapter.hash:
            return
        self._checked = adapter.hash
        self._app.client.get(f"/api/adapters/{self._key}/files", tuple[FileCheck, ...],
                             self._take_checks, failed=self._not_checked, owner=self)  # fmt: skip

    def _take_checks(self, checks: tuple[FileCheck, ...]) -> None:
        self._checks = {check.name: check.state for check in checks}
        if self.adapter is not None:
            self._show_files(self.adapter)

    def _not_checked(self, problem: Problem) -> None:
        """Nothing is said of the files then: the mark stays away."""
        self._checked = ""

    def _copy(self, value: str) -> None:
        QGuiApplication.clipboard().setText(value)
        self._app.notifications.show("Copied.", "done")

    def _open(self, kind: str, key: str) -> None:
        self._app.open(kind, key)

    def _chat(self) -> None:
        self._app.selection.set("adapter", self._key)
        if "chat.with-adapter" in self._app.commands:
            self._app.commands.run("chat.with-adapter")
