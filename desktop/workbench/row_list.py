"""A list of rows in sections, with the keys, clicks and menus every list has."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QMenu, QTreeView

from desktop.core.theme import Theme
from desktop.workbench.row_delegate import RowDelegate
from desktop.workbench.rows import Row, RowsModel, Section

SMOOTH = 400  # rows; beyond it the view scrolls by rows, so that layout never measures them all


class RowList(QTreeView):
    """`opened(id, keep)`: a click or Space previews, a double click or Enter keeps."""

    opened = Signal(str, bool)
    selected = Signal(str)  # the id, "" for none
    removed = Signal(str)  # Delete was pressed on it
    chosen = Signal(object)  # ids selected together with Ctrl or Shift, in the order of the list

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._rows = RowsModel()
        self._closed: set[str] = set()
        self._menu_for: Callable[[Row], QMenu | None] | None = None
        self.setModel(self._rows)
        self.setItemDelegate(RowDelegate(theme, self))
        self.setAccessibleName(name)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setExpandsOnDoubleClick(False)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.expanded.connect(lambda index: self._note(index, is_open=True))
        self.collapsed.connect(lambda index: self._note(index, is_open=False))
        theme.changed.connect(self._relayout)

    @property
    def rows(self) -> RowsModel:
        return self._rows

    def set_menu(self, menu_for: Callable[[Row], QMenu | None]) -> None:
        """The context menu of a row, made when it is asked for."""
        self._menu_for = menu_for

    def choose_several(self) -> None:
        """Let Ctrl and Shift select rows together; they open nothing by themselves."""
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.selectionModel().selectionChanged.connect(lambda: self.chosen.emit(self.chosen_ids()))

    def chosen_ids(self) -> tuple[str, ...]:
        rows = (self._rows.row_at(index) for index in self._in_order())
        return tuple(row.id for row in rows if row is not None)

    def _in_order(self) -> list[QModelIndex]:
        places = self.selectionModel().selectedIndexes()
        return sorted(places, key=lambda index: (index.parent().row(), index.row()))

    def set_sections(self, sections: Sequence[Section], *, open_all: bool = False) -> None:
        current = self.current_id()
        count = sum(len(section.rows) for section in sections)
        self.setVerticalScrollMode(
            self.ScrollMode.ScrollPerPixel if count <= SMOOTH else self.ScrollMode.ScrollPerItem
        )
        self._rows.set_sections(sections)
        for number, section in enumerate(self._rows.sections):
            index = self._rows.index(number, 0)
            is_open = open_all or not section.title or section.id not in self._closed
            if self.isExpanded(index) != is_open:
                closed = set(self._closed)
                self.setExpanded(index, is_open)
                self._closed = closed
        if current and self.current_id() != current:
            self.select(current)

    def closed_sections(self) -> list[str]:
        return sorted(self._closed)

    def set_closed_sections(self, ids: Sequence[str]) -> None:
        self._closed = set(ids)

    def current_id(self) -> str:
        row = self._rows.row_at(self.currentIndex())
        return row.id if row is not None else ""

    def select(self, row_id: str) -> None:
        """Show a row as the current one without opening it; unknown or "" selects none."""
        index = self._rows.index_of(row_id) if row_id else QModelIndex()
        if index.isValid():
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect  # whatever keys are held
            self.selectionModel().setCurrentIndex(index, flag)
            self.scrollTo(index)
        else:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())

    def _on_current(self, current: QModelIndex) -> None:
        row = self._rows.row_at(current)
        self.selected.emit(row.id if row is not None else "")

    def _note(self, index: QModelIndex, *, is_open: bool) -> None:
        section = self._rows.section_at(index)
        if section is not None:
            (self._closed.discard if is_open else self._closed.add)(section.id)

    def _relayout(self) -> None:
        self.doItemsLayout()
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragged = self.state() == self.State.DraggingState
        super().mouseReleaseEvent(event)
        if event.button() != Qt.MouseButton.LeftButton or dragged or self._selects(event):
            return
        index = self.indexAt(event.position().toPoint())
        row = self._rows.row_at(index)
        if row is not None:
            self.opened.emit(row.id, False)
        elif index.isValid():
            self.setExpanded(index, not self.isExpanded(index))

    def _selects(self, event: QMouseEvent) -> bool:
        """Whether the click adds to what is selected instead of opening a row."""
        several = self.selectionMode() is QAbstractItemView.SelectionMode.ExtendedSelection
        keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        return several and bool(event.modifiers() & keys)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        row = self._rows.row_at(self.indexAt(event.position().toPoint()))
        if row is not None and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(row.id, True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        row = self._rows.row_at(index)
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and index.isValid():
            if row is not None:
                self.opened.emit(row.id, key != Qt.Key.Key_Space)
            else:
                self.setExpanded(index, not self.isExpanded(index))
        elif key == Qt.Key.Key_Delete and row is not None:
            self.removed.emit(row.id)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # Delete belongs to the list while it has the focus, not to a command's key.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            taken = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if event.key() in taken and not event.modifiers():
                event.accept()
                return True
        return super().event(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if keyboard else self.indexAt(event.pos())
        row = self._rows.row_at(index)
        if row is None or self._menu_for is None:
            return
        if not self.selectionModel().isSelected(index):
            self.setCurrentIndex(index)
        menu = self._menu_for(row)
        if menu is not None:
            where = self.visualRect(index).bottomLeft() + QPoint(24, 0)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.viewport().mapToGlobal(where) if keyboard else event.globalPos())
