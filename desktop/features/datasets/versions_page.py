"""The versions of a dataset: what made each, and what differs between two."""

import time

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from desktop.app import App
from desktop.core import formatting
from desktop.core.engine_client import Request
from desktop.core.engine_process import EngineState
from desktop.features.datasets import version_words, wording
from desktop.features.datasets.diff_lines import lines_of
from desktop.features.datasets.diff_view import DiffView
from desktop.features.datasets.hash_button import HashButton
from desktop.workbench.buttons import command_button
from desktop.workbench.empty_state import EmptyState
from desktop.workbench.fields import Combo
from desktop.workbench.hairline import edge_below
from desktop.workbench.label import ElidedLabel, Label
from desktop.workbench.page import Page, PageHeader
from desktop.workbench.row_list import RowList
from desktop.workbench.rows import Section
from desktop.workbench.splitter import Splitter
from engine.protocol.problems import Problem
from engine.protocol.records import Dataset, DatasetDiff

FIRST = "This is the first version."
LIST_WIDTH = 340


class VersionsPage(Page):
    """`chosen` is the version at hand, which Restore and Export act on."""

    def __init__(self, app: App, key: str) -> None:
        super().__init__(app.theme, title_of(app, key), "history", "teal")
        self._app, self._id = app, key
        self._versions: tuple[Dataset, ...] = ()
        self._at: int | None = None  # the version that is compared
        self._before: int | None = None
        self._request: Request | None = None
        self.header = PageHeader(app.theme, "")
        self.list = RowList(app.theme, "Versions")
        self.heading = ElidedLabel("", "section")
        self.hash = HashButton(app.theme, app.notifications)
        self.against = Combo(app.theme, "Compare with")
        self.against.setPlaceholderText("Nothing")
        self.against.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToContents)
        self.against.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.diff = DiffView(app.theme)
        self.empty = EmptyState(FIRST)
        self.first_focus = self.list
        self.primary = lambda: app.commands.run("datasets.restore")
        self._lay_out()
        self._connect()
        self.refresh()

    @property
    def dataset(self) -> Dataset | None:
        return self._app.store.datasets.get(self._id)

    @property
    def chosen(self) -> Dataset | None:
        return next((each for each in self._versions if each.version == self._at), None)

    def _lay_out(self) -> None:
        commands = self._app.commands
        self.header.setContentsMargins(0, 0, -8, 0)
        self.export_button = command_button(self.theme, commands, "datasets.export")
        self.header.add_button(self.export_button)
        self.header.add_button(
            command_button(self.theme, commands, "datasets.restore",
                           text="Restore This Version", kind="primary")
        )  # fmt: skip
        self.splitter = Splitter(self.theme, Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.list)
        self.splitter.addWidget(self._comparison())
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([self.theme.px(LIST_WIDTH), self.theme.px(800)])
        self.list.setMinimumWidth(self.theme.px(220))
        self.header_slot.addWidget(self.header)
        self.body.addWidget(self.splitter, 1)

    def _comparison(self) -> QWidget:
        right = QWidget()
        bar = QWidget()
        bar.setFixedHeight(self.theme.px(44))
        edge_below(bar)
        row = QHBoxLayout(bar)
        row.setContentsMargins(24, 0, 16, 1)
        row.setSpacing(8)
        row.addWidget(self.heading)
        row.addWidget(self.hash)
        row.addStretch()
        self._compared = Label("compared with", "meta", "text3")
        row.addWidget(self._compared)
        row.addWidget(self.against)
        body = QWidget()
        self._stack = QStackedLayout(body)
        self._stack.addWidget(self.diff)
        self._stack.addWidget(self.empty)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(body, 1)
        return right

    def _connect(self) -> None:
        store = self._app.store
        store.datasets_changed.connect(self._on_datasets)
        store.state_changed.connect(self._on_engine)
        self.list.selected.connect(self._on_selected)
        self.list.opened.connect(self._on_opened)
        self.against.activated.connect(self._on_against)

    def _on_datasets(self, ids: set[str]) -> None:
        if self._id in ids:
            self.refresh()

    def _on_engine(self) -> None:
        if self._app.store.state is EngineState.READY:
            self.refresh()

    def shown(self) -> None:
        self._app.selection.set("dataset", self._id)
        self._app.commands.refresh()

    def refresh(self) -> None:
        dataset = self.dataset
        if dataset is None:
            if self._app.store.state is EngineState.READY:
                self.show_band("warning", "This dataset was removed.")
            return
        self.describe(title_of(self._app, self._id))
        self.header.title.setText(dataset.name)
        self.set_busy(True)
        self._app.client.get(f"/api/datasets/{self._id}/versions", tuple[Dataset, ...],
                             self._take_versions, failed=self._on_problem, owner=self)  # fmt: skip

    def _take_versions(self, versions: tuple[Dataset, ...]) -> None:
        """A version that came moves the choice to itself; else it stays."""
        self.set_busy(False)
        self.hide_band()
        fresh = bool(versions) and (
            not self._versions or versions[0].version != self._versions[0].version
        )
        self._versions = versions
        self.header.meta.setText(formatting.plural(len(versions), "version"))
        rows = version_words.rows_of(versions, time.time())
        self.list.set_sections((Section(id="all", title="", rows=rows),))
        if fresh:
            self.list.select(str(versions[0].version))
            self.choose(versions[0].version)

    # What is compared.

    def choose(self, version: int) -> None:
        """Compare that version with the one before it."""
        if version == self._at:
            return
        self._at = version
        earlier = [each.version for each in self._versions if each.version < version]
        self._before = max(earlier, default=None)
        self.against.clear()
        for each in self._versions:
            if each.version != version:
                self.against.addItem(f"Version {each.version}", each.version)
        self._compare()
        self._app.commands.refresh()

    def _on_selected(self, id: str) -> None:
        if id:
            self.choose(int(id))

    def _on_opened(self, id: str, keep: bool) -> None:
        """Enter shows it and goes on to the differences."""
        self.choose(int(id))
        if keep:
            self.diff.setFocus()

    def _on_against(self, at: int) -> None:
        self._before = self.against.itemData(at)
        self._compare()

    def _compare(self) -> None:
        chosen = self.chosen
        if chosen is None:
            return
        if self._request is not None:
            self._request.abort()
            self._request = None
        self.heading.setText(f"Version {chosen.version}: {version_words.change_of(chosen)}")
        self.hash.show_hash(chosen.sha256)
        others = len(self._versions) > 1
        self._compared.setVisible(others)
        self.against.setVisible(others)
        self.against.setCurrentIndex(
            -1 if self._before is None else self.against.findData(self._before)
        )
        if self._before is None:
            self._show_empty(FIRST)
            return
        self.set_busy(True)
        path = f"/api/datasets/{self._id}/diff?before={self._before}&after={chosen.version}"
        self._request = self._app.client.get(path, DatasetDiff, self._take_diff,
                                             failed=self._on_problem, owner=self)  # fmt: skip

    def _take_diff(self, diff: DatasetDiff) -> None:
        self._request = None
        self.set_busy(False)
        self.hide_band()
        lines = lines_of(diff)
        self.diff.show_lines(lines)
        if lines:
            self._stack.setCurrentWidget(self.diff)
        else:
            self._show_empty(f"Nothing differs from version {diff.before}.")

    def _show_empty(self, sentence: str) -> None:
        self.set_busy(False)
        self.diff.show_lines(())
        self.empty.set_sentence(sentence)
        self._stack.setCurrentWidget(self.empty)

    def _on_problem(self, problem: Problem) -> None:
        self._request = None
        self.set_busy(False)
        text = f"{problem.message} {problem.hint}".strip()
        self.show_band("error", text, ("Try again", self._again))

    def _again(self) -> None:
        self.hide_band()
        if self._versions:
            self._compare()
        else:
            self.refresh()

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(800), self.theme.px(600))


def title_of(app: App, key: str) -> str:
    return f"Versions of {wording.name_of(app.store, key)}"
