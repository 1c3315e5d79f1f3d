"""Looking around in the rows: filters, orders, labels, a batch; what the page shows of each."""

from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QStackedWidget

from desktop.app import App
from desktop.features.datasets.row_queries import (
    EVERYTHING,
    narrows,
    sorted_next,
    unsorted,
    with_answer,
    within,
)
from desktop.features.datasets.rows_model import TOKENS
from desktop.workbench.buttons import Button
from desktop.workbench.empty_state import EmptyState
from engine.protocol.dataset_specs import RowQuery
from engine.protocol.problems import Problem
from engine.protocol.records import Dataset, LabelCount, TokenStats

if TYPE_CHECKING:
    from desktop.features.datasets.batch_view import BatchView
    from desktop.features.datasets.page import DatasetPage

NOT_COUNTED = "Rows can be sorted by tokens once their lengths are counted for a base model."
Labels = tuple[LabelCount, ...]


class Explore(QObject):
    """Keeps the bar, the header, the histogram and the labels of one page at the same query."""

    def __init__(self, app: App, dataset: str, page: "DatasetPage") -> None:
        super().__init__(page)
        self._app, self._id, self._page = app, dataset, page
        self._rows, self._table = page.rows, page.table
        self._bar, self._inspector = page.find_bar, page.inspector
        self._stats: TokenStats | None = None
        self._batch: BatchView | None = None  # made when one is asked for
        self.nothing = EmptyState("", Button(app.theme, "Clear", run=self._bar.clear_all))
        self.middle = QStackedWidget()
        for widget in (self._table, self.nothing):
            self.middle.addWidget(widget)
        self._connect()

    def _connect(self) -> None:
        self._table.sort_asked.connect(self.sort_by)
        self._rows.asked.connect(self._on_asked)
        self._rows.arrived.connect(self._show_middle)
        self._rows.counted.connect(self._show_middle)
        inspector = self._inspector
        inspector.counted.connect(self._on_stats)
        inspector.histogram.chosen.connect(self._on_length)
        inspector.labels.chosen.connect(self._on_label)
        inspector.sample.clicked.connect(self.sample_batch)

    def show_dataset(self, dataset: Dataset) -> None:
        """Ask for its labels; the menus have the rest already."""
        self._bar.show_dataset(dataset, self._inspector.labels.labels)
        self._app.client.get(f"/api/datasets/{self._id}/labels", Labels, self._take_labels,
                             failed=self._no_labels, owner=self)  # fmt: skip

    def _take_labels(self, labels: Labels) -> None:
        self._inspector.show_labels(labels)
        self._inspector.labels.show_chosen(self._rows.wanted.answer)
        dataset = self._page.dataset
        if dataset is not None:
            self._bar.show_dataset(dataset, labels)

    def _no_labels(self, problem: Problem) -> None:
        self._take_labels(())

    def _on_stats(self, stats: TokenStats | None, limit: int) -> None:
        self._stats = stats
        self._bar.show_stats(stats, limit)

    # Filters and orders.

    def show_all(self) -> None:
        """Every row at its place."""
        self._bar.close_bar()
        self._rows.show(EVERYTHING)
        self.middle.setCurrentWidget(self._table)

    def sort_by(self, column: str, *, descending: bool | None = None) -> None:
        """In a direction, or in the one that comes next."""
        if column == TOKENS and self._stats is None:
            self._app.notifications.show(NOT_COUNTED)
            return
        wanted = self._rows.wanted
        if descending is None:
            self._rows.show(sorted_next(wanted, column))
        else:
            self._rows.show(replace(wanted, sort=column, descending=descending))

    def unsort(self) -> None:
        self._rows.show(unsorted(self._rows.wanted))

    def _on_length(self, first: int, last: int) -> None:
        self._rows.show(within(self._rows.wanted, first, last))

    def _on_label(self, label: str) -> None:
        self._rows.show(with_answer(self._rows.wanted, label))

    def _on_asked(self, wanted: RowQuery) -> None:
        self._inspector.histogram.show_chosen(wanted.shortest, wanted.longest)
        self._inspector.labels.show_chosen(wanted.answer)
        self.middle.setCurrentWidget(self._table)

    # What stands in the middle.

    def _show_middle(self, _: int = 0) -> None:
        """The rows, or that there are none of the sort; a batch stays until it is closed."""
        wanted = self._rows.wanted
        none = narrows(wanted) and not self._rows.rowCount() and not self._rows.waiting
        if none:
            text = f"Nothing matches '{wanted.query}'." if wanted.query else "Nothing matches."
            self.nothing.set_sentence(text)
        if self._batch is None or self.middle.currentWidget() is not self._batch:
            self.middle.setCurrentWidget(self.nothing if none else self._table)

    @property
    def batch(self) -> "BatchView":
        if self._batch is None:
            from desktop.features.datasets.batch_view import BatchView

            self._batch = BatchView(self._app.theme, self._app.client)
            self._batch.chosen.connect(self._page.go_to_row)
            self._batch.closed.connect(self._on_batch_closed)
            self._batch.busy.connect(self._page.set_busy)
            self.middle.addWidget(self._batch)
        return self._batch

    def sample_batch(self) -> None:
        """One as training would pack it, in place of the rows."""
        page, dataset = self._page, self._page.dataset
        if dataset is not None:
            self.middle.setCurrentWidget(self.batch)
            self.batch.rows_field.setFocus()
            self.batch.draw(dataset, page.ready_base, page.view.limit)

    def _on_batch_closed(self) -> None:
        self.middle.setCurrentWidget(self._table)
        self._table.setFocus()
