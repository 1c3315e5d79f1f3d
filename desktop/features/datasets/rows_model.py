"""A dataset's rows for the table: pages of 100, fetched when they come into view."""

from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from typing import Any

from msgspec import Struct
from PySide6.QtCore import (
    QAbstractTableModel,
    QDeadlineTimer,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from desktop.core.engine_client import EngineClient, Request
from desktop.features.datasets.cells import cell_of, shown_columns
from desktop.features.datasets.pending_edits import PendingEdits
from desktop.features.datasets.pending_rows import EDITED, Mark, added_row, mark_of, overlaid
from desktop.features.datasets.row_queries import EVERYTHING, narrows, query_string
from engine.protocol.dataset_specs import RowQuery
from engine.protocol.problems import Problem
from engine.protocol.records import Dataset, Row, RowPage

Index = QModelIndex | QPersistentModelIndex
PAGE, KEPT, WAIT_MS = 100, 60, 15
AT_ONCE = 3  # pages asked for together; what was scrolled past is not asked for
NUMBER, TOKENS = "#", "tokens"
MARK = Qt.ItemDataRole.UserRole  # what is to become of a cell, see pending_rows
ROOT = QModelIndex()
ALIGN_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ALIGN_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Line(Struct, frozen=True):
    """One row as the table shows it."""

    row: Row
    tokens: int | None


class RowsModel(QAbstractTableModel):
    """`columns` are "#", the file's mapped columns and "tokens"."""

    counted = Signal(int)  # rows that match the query
    asked = Signal(object)  # the RowQuery that is shown from now on
    busy = Signal(bool)
    failed = Signal(object)  # a Problem
    arrived = Signal(int)  # a page, by its number

    def __init__(
        self, client: EngineClient, edits: PendingEdits, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._client, self._edits = client, edits
        self._dataset: Dataset | None = None
        self._base = ""
        self._version = 0  # 0: the newest
        self._preview = False
        self.wanted = EVERYTHING
        self._total = 0
        self._added = 0  # rows at the end that are not saved yet
        self._columns: list[str] = []
        self._pages: OrderedDict[int, list[Line]] = OrderedDict()
        self._wanted: OrderedDict[int, None] = OrderedDict()
        self._asked: dict[int, Request] = {}
        self._last_asked = QDeadlineTimer()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._ask)
        edits.changed.connect(self._on_edits)

    @property
    def columns(self) -> list[str]:
        return self._columns

    @property
    def total(self) -> int:
        """Rows that match the query, without those that are not saved yet."""
        return self._total

    @property
    def waiting(self) -> bool:
        return bool(self._asked or self._wanted)

    def show_dataset(self, dataset: Dataset, base: str, version: int = 0) -> None:
        """Begin again with that version, 0 for the newest; keeps the query."""
        self._dataset, self._base, self._version = dataset, base, version
        self._preview = False
        self._columns = [NUMBER, *shown_columns(dataset), TOKENS]
        self._begin()

    def show(self, wanted: RowQuery) -> None:
        """Only the rows that are asked for, in that order; "#" stays their own number."""
        if wanted != self.wanted and self._dataset is not None and not self._preview:
            self.wanted = wanted
            self._begin()
            self.asked.emit(wanted)

    def show_preview(self, dataset: Dataset, rows: Sequence[Row]) -> None:
        """The first rows of a dataset that is not there yet; nothing more is asked for."""
        self.beginResetModel()
        self._forget()
        self._dataset, self._columns = dataset, [NUMBER, *shown_columns(dataset), TOKENS]
        self._total, self._preview = len(rows), True
        lines = [Line(row, None) for row in rows]
        self._pages = OrderedDict(
            (at // PAGE, lines[at : at + PAGE]) for at in range(0, len(lines), PAGE)
        )
        self.endResetModel()
        self.arrived.emit(0)

    def refresh(self) -> None:
        """Fetch again what is in view; the rows are the same, their lengths may be new."""
        stale = list(self._pages)
        for page in stale[:-AT_ONCE]:
            del self._pages[page]
        for page in stale[-AT_ONCE:]:
            self._want(page)

    def _begin(self) -> None:
        assert self._dataset is not None
        self.beginResetModel()
        self._forget()
        self._total = 0 if narrows(self.wanted) or self._version else self._dataset.rows
        self._added = len(self._edits.changes.added)
        self.endResetModel()
        self.counted.emit(self._total)
        self._want(0)

    def _forget(self) -> None:
        for request in self._asked.values():
            request.abort()
        self._asked.clear()
        self._pages.clear()
        self._wanted.clear()

    def line(self, at: int) -> Line | None:
        """The row at that place as it was saved, None while it is not there yet."""
        if at >= self._total:
            added = self._edits.changes.added
            place = at - self._total
            return Line(added_row(added[place]), None) if place < len(added) else None
        number, offset = divmod(at, PAGE)
        page = self._pages.get(number)
        if page is None:
            self._want(number)
            return None
        self._pages.move_to_end(number)
        return page[offset] if offset < len(page) else None

    def number_at(self, at: int) -> int | None:
        """Of the row at that place; known without its page where all rows are in order."""
        if self.wanted == EVERYTHING:
            return at + 1
        line = self.line(at)
        return line.row.number if line is not None else None

    def _want(self, page: int) -> None:
        if page not in self._asked and self._dataset is not None:
            self._wanted[page] = None
            self._wanted.move_to_end(page)
            if not self._timer.isActive():
                rest = self._last_asked.remainingTime()  # at once, unless one was just asked for
                self._timer.start(max(rest, 0))

    def _ask(self) -> None:
        self._last_asked.setRemainingTime(WAIT_MS)
        wanted = list(self._wanted)[-AT_ONCE:]
        self._wanted.clear()
        assert self._dataset is not None
        for page in wanted:
            path = (
                f"/api/datasets/{self._dataset.id}/rows?offset={page * PAGE}&limit={PAGE}"
                f"&{query_string(self.wanted)}&base={self._base}"
            ) + (f"&version={self._version}" if self._version else "")
            self._asked[page] = self._client.get(
                path,
                RowPage,
                partial(self._take, page),
                failed=partial(self._lost, page),
                owner=self,
            )
        self.busy.emit(bool(self._asked))

    def _take(self, number: int, page: RowPage) -> None:
        self._asked.pop(number, None)
        lengths = page.tokens or (None,) * len(page.rows)
        self._pages[number] = [
            Line(row, length) for row, length in zip(page.rows, lengths, strict=True)
        ]
        while len(self._pages) > KEPT:
            self._pages.popitem(last=False)
        if page.total != self._total:
            self.beginResetModel()
            self._total = page.total
            self.endResetModel()
            self.counted.emit(page.total)
        else:
            last = min((number + 1) * PAGE, self._total) - 1
            if last >= number * PAGE:
                self.dataChanged.emit(
                    self.index(number * PAGE, 0), self.index(last, len(self._columns) - 1)
                )
        self.busy.emit(bool(self._asked))
        self.arrived.emit(number)

    def _lost(self, number: int, problem: Problem) -> None:
        self._asked.pop(number, None)
        self.busy.emit(bool(self._asked))
        self.failed.emit(problem)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._total + self._added

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            last = index.column() == len(self._columns) - 1
            return ALIGN_RIGHT if last else ALIGN_LEFT
        if role == MARK:
            return self._mark(index)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        line = self.line(index.row())
        if line is None:
            return ""
        text = self._text(line, self._columns[index.column()])
        if role == Qt.ItemDataRole.AccessibleTextRole and (mark := self._mark(index)):
            return f"{text}, {mark}"
        return text

    def _text(self, line: Line, column: str) -> str:
        if column == NUMBER:
            return str(line.row.number or "")
        if column == TOKENS:
            return "" if line.tokens is None else f"{line.tokens:,}"
        assert self._dataset is not None
        row = overlaid(self._dataset.mapping, line.row, self._edits.changes)
        return cell_of(self._dataset, row, column)

    def _mark(self, index: Index) -> Mark:
        """What is to become of that cell."""
        line = self.line(index.row())
        if line is None:
            return ""
        mark = mark_of(line.row, self._edits.changes)
        if mark != EDITED:
            return mark
        column = self._columns[index.column()]
        assert self._dataset is not None
        if column in (NUMBER, TOKENS):
            return ""
        before = cell_of(self._dataset, line.row, column)
        return EDITED if self._text(line, column) != before else ""

    def _on_edits(self) -> None:
        """Added rows come and go at the end; all others are only painted anew."""
        added = len(self._edits.changes.added)
        if added > self._added:
            self.beginInsertRows(ROOT, self._total + self._added, self._total + added - 1)
            self._added = added
            self.endInsertRows()
        elif added < self._added:
            self.beginRemoveRows(ROOT, self._total + added, self._total + self._added - 1)
            self._added = added
            self.endRemoveRows()
        if self.rowCount():
            last = self.index(self.rowCount() - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal or section >= len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"Click to sort by {self._columns[section]}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return ALIGN_RIGHT if self._columns[section] == TOKENS else ALIGN_LEFT
        return None
