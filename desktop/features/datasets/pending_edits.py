"""What a person has changed about a dataset's rows and not saved yet."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from desktop.core.settings import Settings
from engine.protocol.dataset_specs import EditDataset, RowEdit
from engine.protocol.records import Row

Cells = dict[str, str]
SETTING = "datasets.pending"


class Changes(Struct, frozen=True):
    """All of them at one moment, and the version that they are over."""

    version: int = 0  # that the row numbers are of
    cells: dict[int, Cells] = {}  # by the number of the row: all its cells as they are to be
    removed: frozenset[int] = frozenset()
    added: tuple[Cells, ...] = ()

    @property
    def any(self) -> bool:
        """An added row counts even while it is empty."""
        return bool(self.cells or self.removed or self.added)

    @property
    def count(self) -> int:
        """Rows that the next version has otherwise; an added row counts once it has a text."""
        return len(self.removed | self.cells.keys()) + sum(any(row.values()) for row in self.added)


class Step(QUndoCommand):
    """From one moment to the next, and back."""

    def __init__(self, edits: "PendingEdits", text: str, after: Changes) -> None:
        super().__init__(text)
        self._edits, self._before, self._after = edits, edits.changes, after

    def redo(self) -> None:
        self._edits.take(self._after)

    def undo(self) -> None:
        self._edits.take(self._before)


class PendingEdits(QObject):
    """The changes over one version, each undone by itself; `wanted` is what the engine is asked."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.changes = Changes()
        self.stack = QUndoStack(self)

    @property
    def count(self) -> int:
        return self.changes.count

    @property
    def version(self) -> int:
        return self.changes.version

    def follow(self, version: int) -> None:
        """Be about that version, unless there are changes to an earlier one.

        Every step knows its version: an earlier one that comes back is over its own rows.
        """
        if not self.changes.any:
            self.changes = Changes(version)

    def edit(self, row: Row, column: str, text: str) -> None:
        """The text of one cell; as it was before, and nothing is changed about it any more."""
        now = self.changes.cells.get(row.number, row.cells)
        if text == now.get(column, ""):
            return
        cells = dict(self.changes.cells)
        cells[row.number] = {**now, column: text}
        if _filled(cells[row.number]) == _filled(row.cells):
            del cells[row.number]
        self._push(f"Edit row {row.number:,}", replace(self.changes, cells=cells))

    def edit_added(self, at: int, column: str, text: str) -> None:
        added = list(self.changes.added)
        if text != added[at].get(column, ""):
            added[at] = {**added[at], column: text}
            self._push("Edit the new row", replace(self.changes, added=tuple(added)))

    def add(self) -> int:
        """An empty row at the end; its place among the added ones."""
        self._push("Add a row", replace(self.changes, added=(*self.changes.added, {})))
        return len(self.changes.added) - 1

    def remove(self, numbers: Iterable[int], added: Iterable[int] = ()) -> None:
        """Mark rows for removal, or keep them again if all are marked; added rows just go."""
        chosen, gone = frozenset(numbers), set(added)
        marked = self.changes.removed
        removed = marked - chosen if chosen <= marked else marked | chosen
        left = tuple(row for at, row in enumerate(self.changes.added) if at not in gone)
        if (removed, left) != (marked, self.changes.added):
            text = "Keep rows" if len(removed) < len(marked) else "Remove rows"
            self._push(text, replace(self.changes, removed=removed, added=left))

    def discard(self) -> None:
        """None of them; undone like any other step."""
        self._push("Discard the changes", Changes(self.version))

    def bring_back(self, changes: Changes) -> None:
        """As they were, over the version that they were made for."""
        self._push("Bring the changes back", changes)

    def forget(self, version: int) -> None:
        """They are in that version now."""
        self.stack.clear()
        self.take(Changes(version))

    def carry(self, version: int) -> None:
        """The rows of that version are the same ones: go on over it."""
        self.stack.clear()
        self.take(replace(self.changes, version=version))

    def take(self, changes: Changes) -> None:
        self.changes = changes
        self.changed.emit()

    def wanted(self) -> EditDataset:
        """A row that is removed is not edited besides; an added row without any text is none."""
        changes = self.changes
        removed = (RowEdit(number, remove=True) for number in sorted(changes.removed))
        edited = (
            RowEdit(number, cells=cells)
            for number, cells in sorted(changes.cells.items())
            if number not in changes.removed
        )
        added = (RowEdit(0, cells=cells) for cells in changes.added if any(cells.values()))
        return EditDataset(self.version, rows=(*removed, *edited, *added))

    def _push(self, text: str, after: Changes) -> None:
        self.stack.push(Step(self, text, after))


def _filled(cells: Cells) -> Cells:
    return {name: text for name, text in cells.items() if text}


class EditBook(QObject):
    """The pending edits of every dataset: they outlive their page, and the window by its settings.

    What was undone is forgotten with the window; what is pending is not.
    """

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._open: dict[str, PendingEdits] = {}

    def of(self, dataset: str) -> PendingEdits:
        edits = self._open.get(dataset)
        if edits is None:
            edits = self._open[dataset] = PendingEdits(self)
            kept = _read(self._all().get(dataset))
            if kept is not None:
                edits.changes = kept
            edits.changed.connect(lambda: self._keep(dataset))
        return edits

    def _all(self) -> dict[str, Any]:
        none: dict[str, Any] = {}
        return self._settings.get(SETTING, none)

    def _keep(self, dataset: str) -> None:
        edits = self._open[dataset]
        kept = dict(self._all())
        kept.pop(dataset, None)
        if edits.changes.any:
            kept[dataset] = msgspec.to_builtins(edits.changes, str_keys=True)
        self._settings.set(SETTING, kept)


def _read(kept: Any) -> Changes | None:
    """None for what is not there or was written by another version of the window."""
    try:
        return msgspec.convert(kept, Changes, strict=False) if kept else None
    except msgspec.ValidationError:
        return None
