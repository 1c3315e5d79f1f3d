"""What differs between runs, as the rows of a table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt

from desktop.core import formatting
from desktop.features.training.run_words import loss
from desktop.workbench.rows import Index
from engine.protocol.options import Value
from engine.protocol.records import Run
from engine.protocol.run_comparison import Difference, Result, differences

BEST = Qt.ItemDataRole.UserRole
HEADING = Qt.ItemDataRole.UserRole + 1
NO_PARENT = QModelIndex()
NOTHING = "–"
SAME = "Their settings are the same."


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row; `best` are the columns whose value is the best one."""

    title: str
    cells: tuple[str, ...] = ()
    best: frozenset[int] = frozenset()
    heading: bool = False


class ComparisonModel(QAbstractTableModel):
    """A first column of titles, then one for each run."""

    def __init__(self) -> None:
        super().__init__()
        self._titles: tuple[str, ...] = ()
        self._rows: tuple[Line, ...] = ()

    def show_runs(self, runs: Sequence[Run], results: Sequence[Result]) -> None:
        titles = tuple(f"Run {run.number}" for run in runs)
        rows = (
            Line(title="Results", heading=True),
            *result_lines(results),
            Line(title="Settings that differ", heading=True),
            *setting_lines(differences(runs)),
        )
        if (titles, rows) != (self._titles, self._rows):
            self.beginResetModel()
            self._titles, self._rows = titles, rows
            self.endResetModel()

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else 1 + len(self._titles)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal or section > len(self._titles):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section - 1] if section else ""
        return _align(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row, column = self._rows[index.row()], index.column()
        text = row.title if column == 0 else row.cells[column - 1] if row.cells else ""
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return text
            case Qt.ItemDataRole.TextAlignmentRole:
                return _align(column)
            case Qt.ItemDataRole.AccessibleTextRole:
                best = ", best" if column - 1 in row.best else ""
                return f"{self._titles[column - 1]}, {row.title}: {text}{best}" if column else text
        if role == BEST:
            return column - 1 in row.best
        return row.heading if role == HEADING else None


def setting_lines(rows: Sequence[Difference]) -> list[Line]:
    lines = [
        Line(
            title=f"{row.title}, {row.unit}" if row.unit else row.title,
            cells=tuple(_written(value) for value in row.values),
        )
        for row in rows
    ]
    return lines or [Line(title=SAME)]


def _written(value: Value | None) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int | float):
        return formatting.number(value)
    return value


def result_lines(results: Sequence[Result]) -> list[Line]:
    """Measured figures; those that none of the runs has are left out."""
    least, most = min, max
    lines = [
        _measured("Best validation loss", [each.best_loss for each in results], loss, least),
        _measured("Step of the best", [each.best_step for each in results], formatting.count, None),
        _measured("Tokens per second", [each.tokens_per_second for each in results],
                  formatting.count, most),
        _measured("Time", [each.elapsed_s or None for each in results], formatting.duration, None),
        _measured("Peak memory", [each.peak_memory_bytes for each in results],
                  formatting.size, least),
        _measured("Peak GPU memory", [each.peak_gpu_memory_bytes for each in results],
                  formatting.size, least),
    ]  # fmt: skip
    return [line for line in lines if any(cell != NOTHING for cell in line.cells)]


def _measured(
    title: str,
    values: Sequence[float | None],
    word: Callable[[float], str],
    better: Callable[[list[float]], float] | None,
) -> Line:
    """The best is told where it can be seen: not among values that are written alike."""
    known = [value for value in values if value is not None]
    cells = tuple(word(value) if value is not None else NOTHING for value in values)
    best = word(better(known)) if better is not None and known else NOTHING
    differ = len({word(value) for value in known}) > 1
    return Line(
        title=title,
        cells=cells,
        best=frozenset(at for at, cell in enumerate(cells) if differ and cell == best != NOTHING),
    )


def _align(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
