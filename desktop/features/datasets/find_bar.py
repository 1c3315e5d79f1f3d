"""Ctrl+F on a dataset: only the rows that hold the text and are of the sort that is looked for."""

from collections.abc import Sequence

from msgspec.structs import replace
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.core import formatting
from desktop.core.theme import Theme
from desktop.features.datasets.filter_menu import Choosable, FilterMenu, LengthMenu, choosable
from desktop.features.datasets.row_queries import narrows, unfiltered
from desktop.features.datasets.rows_model import RowsModel
from desktop.workbench.buttons import Button, IconButton
from desktop.workbench.hairline import edge_below
from desktop.workbench.label import Label
from desktop.workbench.search_field import SearchField
from engine.protocol.records import Dataset, LabelCount, TokenStats

DELAY_MS = 80


class FindBar(QWidget):
    """Hidden until asked for, or until something else narrows the rows."""

    closed = Signal()

    def __init__(self, theme: Theme, rows: RowsModel) -> None:
        super().__init__()
        self._theme, self._rows = theme, rows
        self._choosable = Choosable()
        self._stats: TokenStats | None = None
        self.field = SearchField(theme, "Find in the rows")
        self.finding = FilterMenu(theme, "Finding", "Any or none")
        self.answer = FilterMenu(theme, "Answer", "Any answer")
        self.split = FilterMenu(theme, "Split", "Any side")
        self.length = LengthMenu(theme)
        self.clear = Button(theme, "Clear", kind="link", run=self.clear_all)
        self.count = Label("", "meta", "text3")
        self._delay = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._lay_out()
        self._connect()
        theme.changed.connect(self._resize)
        self._resize()
        self._show()
        self.hide()

    def _lay_out(self) -> None:
        edge_below(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 16, 1)
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        for menu in (self.finding, self.answer, self.split, self.length):
            row.addWidget(menu)
        row.addWidget(self.clear)
        row.addSpacing(4)
        row.addWidget(self.count)
        row.addWidget(IconButton(self._theme, "close", "Close the search", run=self.close_bar))

    def _resize(self) -> None:
        self.setFixedHeight(self._theme.px(44))

    def _connect(self) -> None:
        self._delay.timeout.connect(self._search)
        self.field.textChanged.connect(lambda: self._delay.start())
        self.finding.chosen.connect(lambda value: self._choose("finding", value or ""))
        self.answer.chosen.connect(lambda value: self._choose("answer", value))
        self.split.chosen.connect(lambda value: self._choose("split", value or ""))
        self.length.chosen.connect(self._choose_length)
        self._rows.asked.connect(self._show)
        self._rows.counted.connect(self._on_counted)
        self._rows.arrived.connect(self._on_counted)

    def show_dataset(self, dataset: Dataset, labels: Sequence[LabelCount]) -> None:
        self._choosable = choosable(dataset, labels)
        self._show()

    def show_stats(self, stats: TokenStats | None, limit: int) -> None:
        self._stats = stats
        self.length.limit = limit
        self._show()

    def open_bar(self) -> None:
        self.show()
        self.field.setFocus()
        self.field.selectAll()

    def close_bar(self) -> None:
        """All rows again, in the order that they have."""
        if self.isHidden():
            return
        self.hide()
        self.clear_all()
        self.closed.emit()

    def clear_all(self) -> None:
        self.field.clear()
        self._delay.stop()
        self._rows.show(unfiltered(self._rows.wanted))

    def _search(self) -> None:
        self._choose("query", self.field.text().strip())

    def _choose(self, name: str, value: str | None) -> None:
        self._rows.show(replace(self._rows.wanted, **{name: value}))

    def _choose_length(self, ends: tuple[int, int]) -> None:
        self._rows.show(replace(self._rows.wanted, shortest=ends[0], longest=ends[1]))

    def _show(self) -> None:
        wanted, offered = self._rows.wanted, self._choosable
        self.finding.show_choices(offered.findings, wanted.finding or None)
        self.answer.show_choices(offered.answers, wanted.answer)
        self.split.show_choices(offered.splits, wanted.split or None)
        self.length.show_length(wanted, self._stats)
        self.finding.setVisible(bool(offered.findings or wanted.finding))
        self.answer.setVisible(bool(offered.answers) or wanted.answer is not None)
        self.clear.setVisible(narrows(wanted))
        if narrows(wanted):
            self.show()
        self._on_counted()

    def _on_counted(self, _: int = 0) -> None:
        waits = self._rows.waiting and not self._rows.total
        shown = narrows(self._rows.wanted) and not waits
        self.count.setText(formatting.plural(self._rows.total, "row") if shown else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        else:
            super().keyPressEvent(event)
