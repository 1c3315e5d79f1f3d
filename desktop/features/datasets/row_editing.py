"""Editing rows in the table: cells, whole conversations, rows that come and rows that go."""

from PySide6.QtCore import QModelIndex, QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu

from desktop.app import App
from desktop.features.datasets.cell_editor import CellEditor
from desktop.features.datasets.cells import OF_LISTS, source_column
from desktop.features.datasets.edit_saving import EditSaving
from desktop.features.datasets.edit_strip import EditStrip
from desktop.features.datasets.json_editor import JsonEditor
from desktop.features.datasets.pending_edits import PendingEdits
from desktop.features.datasets.pending_rows import objects_in
from desktop.features.datasets.row_queries import EVERYTHING
from desktop.features.datasets.rows_model import NUMBER, TOKENS, RowsModel
from desktop.features.datasets.table import RowTable
from engine.protocol.records import Dataset, Row

STARTS = {  # what a new row of lists begins with
    "messages": '[{"role":"user","content":""},{"role":"assistant","content":""}]',
    "segments": '[{"label":false,"text":""},{"label":true,"text":""}]',
}
NOT_READ = "Scroll through the selected rows first; some are not read yet."


class RowEditing(QObject):
    """Its `strip` goes over the table, its `json` under it."""

    touched = Signal()  # something was changed, written or saved

    def __init__(
        self, app: App, dataset: str, edits: PendingEdits, rows: RowsModel, table: RowTable
    ) -> None:
        super().__init__(table)
        self._app, self._id = app, dataset
        self._rows, self._table = rows, table
        self.edits = edits
        self.saving = EditSaving(app, dataset, edits, self)
        self.strip = EditStrip(
            app.theme, edits, self.saving, notifications=app.notifications, save=self.save
        )
        self.cell = CellEditor(app.theme, table.viewport())
        self.json = JsonEditor(app.theme)
        table.edit_asked.connect(self.edit)
        table.verticalScrollBar().valueChanged.connect(self.cell.keep)
        rows.modelAboutToBeReset.connect(self.cell.keep)
        self.cell.closed.connect(table.setFocus)
        for signal in (
            edits.changed,
            self.saving.changed,
            self.json.touched,
            self.cell.textChanged,
            self.cell.closed,
        ):
            signal.connect(self._on_touched)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._menu)

    @property
    def unsaved(self) -> bool:
        """Whether closing the page would lose something, what is half written too."""
        return bool(self.edits.count) or self.json.changed or self.cell.changed

    def _on_touched(self) -> None:
        self.touched.emit()
        self._app.commands.refresh()

    def save(self) -> None:
        """With what is being written, unless that cannot be kept."""
        self.cell.keep()
        self.json.keep()
        if self.json.isHidden():
            self.saving.save()

    def _menu(self, at: QPoint) -> None:
        menu = QMenu(self._table)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for id in ("edit-cell", "add-row", "remove-rows"):
            menu.addAction(self._app.commands.action(f"datasets.{id}"))
        menu.popup(self._table.viewport().mapToGlobal(at))

    @property
    def _dataset(self) -> Dataset | None:
        return self._app.store.datasets.get(self._id)

    # Cells.

    def edit_current(self) -> None:
        self.edit(self._table.text_cell())

    def edit(self, index: QModelIndex) -> None:
        """Write in that cell; a list of messages as a whole."""
        dataset, line = self._dataset, self._rows.line(index.row()) if index.isValid() else None
        if dataset is None or line is None or self.saving.busy:
            return
        shown = self._rows.columns[index.column()]
        if shown in (NUMBER, TOKENS):
            return
        self._table.go_to(index)
        place = index.row() - self._rows.total
        column = source_column(dataset.mapping, shown)
        text = self._now(line.row).get(column, "")
        if not line.row.number and not text:
            text = STARTS.get(dataset.mapping.convention, "")
        if dataset.mapping.convention in OF_LISTS and objects_in(text) is not None:
            self._edit_list(line.row, place, column, text)
        else:
            self._edit_text(index, line.row, place, column, text)

    def _now(self, row: Row) -> dict[str, str]:
        return self.edits.changes.cells.get(row.number, row.cells) if row.number else row.cells

    def _edit_text(self, index: QModelIndex, row: Row, place: int, column: str, text: str) -> None:
        self._table.scrollTo(index)
        self.cell.open_at(
            self._table.visualRect(index),
            text,
            name=f"{column} of {name_of(row)}",
            keep=lambda new: self._keep(row, place, column, new),
            leave=lambda: self._leave(row, place),
        )

    def _edit_list(self, row: Row, place: int, column: str, text: str) -> None:
        def keep(new: str) -> None:
            self._keep(row, place, column, new)
            self._table.setFocus()

        def leave() -> None:
            self._leave(row, place)
            self._table.setFocus()

        self.json.open_for(f"{column} of {name_of(row)}", text, keep=keep, leave=leave)

    def _keep(self, row: Row, place: int, column: str, text: str) -> None:
        if row.number:
            self.edits.edit(row, column, text)
        elif place < len(self.edits.changes.added):
            self.edits.edit_added(place, column, text)

    def _leave(self, row: Row, place: int) -> None:
        """A new row in which nothing was written goes again."""
        added = self.edits.changes.added
        if not row.number and place == len(added) - 1 and not any(added[place].values()):
            self.edits.stack.undo()

    # Rows.

    def add_row(self) -> None:
        """An empty one at the end, open to be written."""
        if self._dataset is None or self.saving.busy:
            return
        self._rows.show(EVERYTHING)
        place = self._rows.total + self.edits.add()
        index = self._rows.index(place, 1)
        self._table.go_to(index)
        self._table.scrollToBottom()
        self.edit(index)

    def remove_chosen(self) -> None:
        """Mark the selected rows; if all of them are marked already, keep them."""
        if self._dataset is None or self.saving.busy:
            return
        numbers, added = set(), set()
        for place in self._table.chosen_places():
            if place >= self._rows.total:
                added.add(place - self._rows.total)
            elif (number := self._rows.number_at(place)) is not None:
                numbers.add(number)
            else:
                self._app.notifications.show(NOT_READ)
                return
        self.edits.remove(numbers, added)

    def undo(self) -> None:
        if not self.saving.busy:
            self.edits.stack.undo()

    def redo(self) -> None:
        if not self.saving.busy:
            self.edits.stack.redo()


def name_of(row: Row) -> str:
    return f"row {row.number:,}" if row.number else "the new row"
