"""The checkpoints of a run as a table: saved, validation, training, time."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt

from desktop.core import formatting
from desktop.features.training.run_words import loss
from desktop.workbench.rows import Index
from engine.protocol.records import Checkpoint, Run

HEADERS = ("Saved", "Validation", "Training", "Time")
BEST = Qt.ItemDataRole.UserRole
NO_PARENT = QModelIndex()


class CheckpointsModel(QAbstractTableModel):
    """Newest last. The checkpoint of the best validation loss answers True for BEST."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[Checkpoint, ...] = ()
        self._best: int | None = None

    def show_run(self, run: Run) -> None:
        rows, best = run.checkpoints, run.best_step
        if rows == self._rows and best == self._best:
            return
        same = [row.step for row in rows] == [row.step for row in self._rows]
        if same:
            self._rows, self._best = rows, best
            last = self.index(len(rows) - 1, len(HEADERS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
        else:
            self.beginResetModel()
            self._rows, self._best = rows, best
            self.endResetModel()

    def row_of(self, step: int) -> int:
        """-1 when that step is not on disk."""
        return next((at for at, row in enumerate(self._rows) if row.step == step), -1)

    def step_of(self, row: int) -> int | None:
        return self._rows[row].step if 0 <= row < len(self._rows) else None

    def best_row(self) -> int:
        """The best, else the newest; -1 when there is none."""
        best = self.row_of(self._best) if self._best is not None else -1
        return best if best >= 0 else len(self._rows) - 1

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(HEADERS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(HEADERS):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[section]
        return _align(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row, column = self._rows[index.row()], index.column()
        best = row.step == self._best
        if role == BEST:
            return best
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _align(column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            text = f"{HEADERS[column]} {_text(row, column)}"
            return f"{text}, best" if best and column == 0 else text
        return _text(row, column) if role == Qt.ItemDataRole.DisplayRole else None


def _text(row: Checkpoint, column: int) -> str:
    match column:
        case 0:
            return f"Step {row.step}"
        case 1:
            return loss(row.validation_loss) if row.validation_loss is not None else "–"
        case 2:
            return loss(row.train_loss) if row.train_loss is not None else "–"
        case _:
            return formatting.clock(row.saved_at) if row.saved_at else "–"


def _align(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
