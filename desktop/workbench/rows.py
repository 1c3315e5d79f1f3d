"""Rows in sections, as side bars, job lists and pickers show them: the data and its model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QMimeData, QModelIndex, QPersistentModelIndex, Qt

from desktop.core.tokens import Token

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
ROW_MIME = "application/x-adapter-studio-row"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line, or two with a `detail`. `kind` names the record for drags: "adapter"."""

    id: str
    title: str
    detail: str = ""
    icon: str = ""
    tone: Token = "text2"
    right: str = ""
    right_tone: Token = "text3"
    state_icon: str = ""
    state_tone: Token = "text3"
    progress: float | None = None
    tip: str = ""
    kind: str = ""
    strong: bool = True  # the title in medium weight


@dataclass(frozen=True, kw_only=True)
class Section:
    """Rows under a heading; with an empty title the rows stand alone."""

    id: str
    title: str
    rows: tuple[Row, ...] = ()
    count: str | None = None  # None: the number of rows


class RowsModel(QAbstractItemModel):
    """Two levels. Rows that stay are updated in place, so selection and scroll stay too."""

    def __init__(self) -> None:
        super().__init__()
        self._sections: list[Section] = []

    @property
    def sections(self) -> Sequence[Section]:
        return self._sections

    def set_sections(self, sections: Sequence[Section]) -> None:
        """Touches only what differs; rows that came, went or moved reset their section."""
        new = list(sections)
        if [each.id for each in new] != [each.id for each in self._sections]:
            self.beginResetModel()
            self._sections = new
            self.endResetModel()
            return
        for number, section in enumerate(new):
            if section != self._sections[number]:
                self._replace(number, section)

    def _replace(self, number: int, section: Section) -> None:
        old = self._sections[number]
        parent = self.index(number, 0)
        if [row.id for row in old.rows] == [row.id for row in section.rows]:
            self._sections[number] = section
            for at, row in enumerate(section.rows):
                if row != old.rows[at]:
                    index = self.index(at, 0, parent)
                    self.dataChanged.emit(index, index)
        else:
            self._exchange(number, section)
        self.dataChanged.emit(parent, parent)

    def _exchange(self, number: int, section: Section) -> None:
        """Cut away what is equal at both ends, then replace the middle."""
        old, new = self._sections[number].rows, section.rows
        head = 0
        while head < min(len(old), len(new)) and old[head].id == new[head].id:
            head += 1
        tail = 0
        while tail < min(len(old), len(new)) - head and old[-1 - tail].id == new[-1 - tail].id:
            tail += 1
        parent = self.index(number, 0)
        if len(old) - tail > head:
            self.beginRemoveRows(parent, head, len(old) - tail - 1)
            kept = old[:head] + old[len(old) - tail :]
            self._sections[number] = _with_rows(section, kept)
            self.endRemoveRows()
        if len(new) - tail > head:
            self.beginInsertRows(parent, head, len(new) - tail - 1)
            self._sections[number] = section
            self.endInsertRows()
        self._sections[number] = section
        if new:
            first, last = self.index(0, 0, parent), self.index(len(new) - 1, 0, parent)
            self.dataChanged.emit(first, last)

    def index_of(self, row_id: str) -> QModelIndex:
        """Invalid when there is no such row."""
        for number, section in enumerate(self._sections):
            for at, row in enumerate(section.rows):
                if row.id == row_id:
                    return self.index(at, 0, self.index(number, 0))
        return QModelIndex()

    def row_at(self, index: Index) -> Row | None:
        """None for a section's heading."""
        found = self._item(index)
        return found if isinstance(found, Row) else None

    def section_at(self, index: Index) -> Section | None:
        """None for a row."""
        found = self._item(index)
        return found if isinstance(found, Section) else None

    def _item(self, index: Index) -> Row | Section | None:
        if not index.isValid():
            return None
        parent = int(index.internalId())
        if parent == 0:
            return self._sections[index.row()] if index.row() < len(self._sections) else None
        if parent > len(self._sections):
            return None
        rows = self._sections[parent - 1].rows
        return rows[index.row()] if index.row() < len(rows) else None

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        above = int(index.internalId()) if index.isValid() else 0
        return self.createIndex(above - 1, 0, 0) if above else QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        if not parent.isValid():
            return len(self._sections)
        section = self.section_at(parent)
        return len(section.rows) if section is not None else 0

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in ROLES:
            return None
        item = self._item(index)
        if item is None:
            return None
        if role == ROW:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return item.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            if isinstance(item, Row):
                return ", ".join(part for part in (item.title, item.detail, item.right) if part)
            return item.title
        return (item.tip or None) if isinstance(item, Row) else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        row = self.row_at(index)
        if row is not None:
            flags |= Qt.ItemFlag.ItemNeverHasChildren
            if row.kind:
                flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def mimeTypes(self) -> list[str]:
        return [ROW_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """ "kind id" of the first row."""
        data = QMimeData()
        row = self.row_at(indexes[0]) if indexes else None
        if row is not None:
            data.setData(ROW_MIME, f"{row.kind} {row.id}".encode())
            data.setText(row.title)
        return data


ROLES = (
    ROW,
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.ToolTipRole,
)


def _with_rows(section: Section, rows: tuple[Row, ...]) -> Section:
    return Section(id=section.id, title=section.title, rows=rows, count=section.count)


def dragged_row(data: QMimeData) -> tuple[str, str]:
    """(kind, id) of a dragged row, or two empty strings."""
    if not data.hasFormat(ROW_MIME):
        return "", ""
    kind, _, id = bytes(data.data(ROW_MIME).data()).decode().partition(" ")
    return kind, id
