"""The table of a dataset's rows."""

from collections.abc import Callable

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from desktop.core.theme import Theme
from desktop.features.datasets.row_painter import ColumnNames, RowPainter
from desktop.features.datasets.rows_model import RowsModel
from engine.protocol.dataset_specs import RowQuery

NUMBER_WIDTH, TOKENS_WIDTH = 92, 62
BAR = 10  # px the scroll bar takes; without it the right margin has them


class RowTable(QTableView):
    """`current(number)` follows the selected row; rows with findings carry their mark."""

    current = Signal(object)  # the row's number, or None
    sort_asked = Signal(str)  # by a column
    edit_asked = Signal(QModelIndex)  # of a cell

    def __init__(self, theme: Theme, rows: RowsModel, severity_of: Callable[[int], str]) -> None:
        super().__init__()
        self._theme, self._rows = theme, rows
        self._wish: int | None = None  # a row's number to select once it is there
        self.setModel(rows)
        self.setItemDelegate(RowPainter(theme, self, severity_of, lambda: self.spare))
        self.setAccessibleName("Rows")
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.names = ColumnNames(theme, self, lambda: self.spare)
        self.setHorizontalHeader(self.names)
        self.names.sectionClicked.connect(self._on_name)
        self.doubleClicked.connect(self.edit_asked)
        rows.asked.connect(self._on_asked)
        self.selectionModel().currentRowChanged.connect(self._on_current)
        rows.modelReset.connect(self._on_reset)
        rows.arrived.connect(self._on_arrived)
        self.verticalScrollBar().rangeChanged.connect(self._fit)
        theme.changed.connect(self._resize)
        self._resize()

    def select_row(self, number: int) -> None:
        """Select the row of that number; only rows of the whole dataset have a known place."""
        at = min(max(number - 1, 0), max(self._rows.total - 1, 0))
        self._wish = number
        index = self._rows.index(at, 0)
        self.go_to(index)
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def step(self, by: int) -> None:
        at = self.currentIndex().row() + by
        if 0 <= at < self._rows.rowCount():
            self.go_to(self._rows.index(at, max(self.currentIndex().column(), 0)))

    def go_to(self, index: QModelIndex) -> None:
        """Select that row alone, whichever keys are held down."""
        rows = QItemSelectionModel.SelectionFlag.Rows
        alone = QItemSelectionModel.SelectionFlag.ClearAndSelect | rows
        self.selectionModel().setCurrentIndex(index, alone)

    def chosen_places(self) -> list[int]:
        """Of the selected rows, from the top."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def text_cell(self) -> QModelIndex:
        """The current cell, or the one beside it that holds a text."""
        index = self.currentIndex()
        last = len(self._rows.columns) - 2
        return self._rows.index(index.row(), min(max(index.column(), 1), last))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.edit_asked.emit(self.text_cell())
        else:
            super().keyPressEvent(event)

    def _on_name(self, section: int) -> None:
        self.sort_asked.emit(self._rows.columns[section])

    def _on_asked(self, wanted: RowQuery) -> None:
        self.names.show_sort(wanted.sort, wanted.descending)

    def _on_current(self, index: QModelIndex, before: QModelIndex) -> None:
        line = self._rows.line(index.row()) if index.isValid() else None
        if line is not None:
            self._wish = None
            self.current.emit(line.row.number or None)
        elif not self._rows.rowCount():
            self.current.emit(None)

    def _on_reset(self) -> None:
        self._fit()
        if not self._rows.rowCount():
            self.current.emit(None)

    def _on_arrived(self, page: int) -> None:
        if not self._rows.rowCount():
            return
        if not self.currentIndex().isValid():
            self.go_to(self._rows.index(0, 0))
        else:
            self._on_current(self.currentIndex(), QModelIndex())

    def _resize(self) -> None:
        self.verticalHeader().setDefaultSectionSize(self._theme.px(29))
        self.horizontalHeader().setFixedHeight(self._theme.px(28))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _tokens_width(self) -> int:
        return self._theme.px(TOKENS_WIDTH) + self.spare

    @property
    def spare(self) -> int:
        """What stands at the right edge in place of the scroll bar."""
        return 0 if self.verticalScrollBar().maximum() > 0 else BAR

    def _fit(self) -> None:
        """Numbers and tokens keep their width; the first text column gets the larger part."""
        head, px = self.horizontalHeader(), self._theme.px
        count = len(self._rows.columns) - 2
        if count < 1 or head.count() != count + 2:
            return
        room = max(self.viewport().width() - px(NUMBER_WIDTH) - self._tokens_width(), count * 10)
        weights = [1.5 if at == 0 and count > 1 else 1.0 for at in range(count)]
        head.resizeSection(0, px(NUMBER_WIDTH))
        for at, weight in enumerate(weights):
            head.resizeSection(at + 1, int(room * weight / sum(weights)))
        head.resizeSection(count + 1, self._tokens_width())
