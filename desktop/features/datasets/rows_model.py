"""A dataset's rows for the table: pages of 100, fetched when they come into view."""

from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from msgspec import Struct
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from desktop.core.engine_client import EngineClient, Request
from desktop.features.datasets.mapping_rules import in_order, role_of
from engine.protocol.problems import Problem
from engine.protocol.records import Dataset, Row, RowPage

Index = QModelIndex | QPersistentModelIndex
PAGE, KEPT, WAIT_MS = 100, 60, 15
AT_ONCE = 3  # pages asked for together; what was scrolled past is not asked for
NUMBER, TOKENS = "#", "tokens"
OF_LISTS = {  # conventions whose cells hold lists, and the columns made from them
    "messages": ("user", "assistant"),
    "preference": ("prompt", "chosen", "rejected"),
    "segments": ("only read", "learned"),
}
ALIGN_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ALIGN_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Line(Struct, frozen=True):
    """One row as the table shows it."""

    row: Row
    tokens: int | None


class RowsModel(QAbstractTableModel):
    """`columns` are "#", the file's mapped columns and "tokens"."""

    counted = Signal(int)  # rows that match the query
    busy = Signal(bool)
    failed = Signal(object)  # a Problem
    arrived = Signal(int)  # a page, by its number

    def __init__(self, client: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._dataset: Dataset | None = None
        self._base = ""
        self._query = ""
        self._total = 0
        self._columns: list[str] = []
        self._pages: OrderedDict[int, list[Line]] = OrderedDict()
        self._wanted: OrderedDict[int, None] = OrderedDict()
        self._asked: dict[int, Request] = {}
        self._timer = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._timer.timeout.connect(self._ask)

    @property
    def columns(self) -> list[str]:
        return self._columns

    @property
    def query(self) -> str:
        return self._query

    @property
    def total(self) -> int:
        return self._total

    def show_dataset(self, dataset: Dataset, base: str) -> None:
        """Begin again with that version; keeps the query."""
        self._dataset, self._base = dataset, base
        self._columns = [NUMBER, *shown_columns(dataset), TOKENS]
        self._begin(0 if self._query else dataset.rows)

    def show_preview(self, dataset: Dataset, rows: Sequence[Row]) -> None:
        """The first rows of a dataset that is not there yet; nothing more is asked for."""
        self.beginResetModel()
        self._forget()
        self._dataset, self._columns = dataset, [NUMBER, *shown_columns(dataset), TOKENS]
        self._total = len(rows)
        lines = [Line(row, None) for row in rows]
        self._pages = OrderedDict(
            (at // PAGE, lines[at : at + PAGE]) for at in range(0, len(lines), PAGE)
        )
        self.endResetModel()
        self.arrived.emit(0)

    def search(self, query: str) -> None:
        """Only the rows that hold the text, upper and lower case alike."""
        if query != self._query and self._dataset is not None:
            self._query = query
            self._begin(0 if query else self._dataset.rows)

    def refresh(self) -> None:
        """Fetch again what is in view; the rows are the same, their lengths may be new."""
        stale = list(self._pages)
        for page in stale[:-AT_ONCE]:
            del self._pages[page]
        for page in stale[-AT_ONCE:]:
            self._want(page)

    def _begin(self, total: int) -> None:
        self.beginResetModel()
        self._forget()
        self._total = total
        self.endResetModel()
        self.counted.emit(total)
        self._want(0)

    def _forget(self) -> None:
        for request in self._asked.values():
            request.abort()
        self._asked.clear()
        self._pages.clear()
        self._wanted.clear()

    def line(self, at: int) -> Line | None:
        """The row at that place, None while it is not there yet."""
        number, offset = divmod(at, PAGE)
        page = self._pages.get(number)
        if page is None:
            self._want(number)
            return None
        self._pages.move_to_end(number)
        return page[offset] if offset < len(page) else None

    def _want(self, page: int) -> None:
        if page not in self._asked and self._dataset is not None:
            self._wanted[page] = None
            self._wanted.move_to_end(page)
            if not self._timer.isActive():
                self._timer.start()

    def _ask(self) -> None:
        wanted = list(self._wanted)[-AT_ONCE:]
        self._wanted.clear()
        assert self._dataset is not None
        for page in wanted:
            path = (
                f"/api/datasets/{self._dataset.id}/rows?offset={page * PAGE}&limit={PAGE}"
                f"&query={quote(self._query, safe='')}&base={self._base}"
            )
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
        return 0 if parent.isValid() else self._total

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            last = index.column() == len(self._columns) - 1
            return ALIGN_RIGHT if last else ALIGN_LEFT
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        line = self.line(index.row())
        return "" if line is None else self._text(line, self._columns[index.column()])

    def _text(self, line: Line, column: str) -> str:
        if column == NUMBER:
            return str(line.row.number)
        if column == TOKENS:
            return "" if line.tokens is None else f"{line.tokens:,}"
        assert self._dataset is not None
        return cell_of(self._dataset, line.row, column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal or section >= len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return ALIGN_RIGHT if self._columns[section] == TOKENS else ALIGN_LEFT
        return None


def shown_columns(dataset: Dataset) -> list[str]:
    """What is learned from: the mapped columns, or what is in a column of lists."""
    if dataset.mapping.convention in OF_LISTS:
        return list(OF_LISTS[dataset.mapping.convention])
    return [
        column
        for column in in_order(dataset.mapping, dataset.columns)
        if role_of(dataset.mapping, column) not in ("", "split")
    ]


def cell_of(dataset: Dataset, row: Row, column: str) -> str:
    """One line of text: line breaks become spaces."""
    if dataset.mapping.convention in OF_LISTS:
        text = _of_turns(row, column)
    else:
        text = row.cells.get(column, "")
    return " ".join(text[:1000].split())


def _of_turns(row: Row, column: str) -> str:
    match column:
        case "user":
            return next((text for role, text in row.messages if role == "user"), "")
        case "prompt":
            asked = [text for role, text in row.messages if role == "user"]
            return asked[-1] if asked else ""
        case "chosen" | "assistant":
            return _answer(row.messages)
        case "rejected":
            return _answer(row.rejected)
        case "only read":
            return " … ".join(text for role, text in row.messages if role == "masked")
        case _:
            return " … ".join(text for role, text in row.messages if role == "text")


def _answer(turns: Sequence[tuple[str, str]]) -> str:
    """The last one, which may be a call of a tool."""
    answers = [text for role, text in turns if role in ("assistant", "tool_calls")]
    return answers[-1] if answers else ""
