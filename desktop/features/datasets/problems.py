"""The Problems tab: what was found in all datasets, and the way from one to the next."""

from typing import Any

from msgspec import Struct
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt, Signal

from desktop.app import App
from desktop.features.datasets import wording
from desktop.features.datasets.fixes import Fixes
from desktop.features.datasets.rows_model import Index
from engine.protocol.finding_sorts import sort_of
from engine.protocol.records import Dataset, Finding

PROBLEM = Qt.ItemDataRole.UserRole


class FoundProblem(Struct, frozen=True):
    """A finding, the dataset it is of, and what one click does about its sort."""

    dataset: str
    finding: Finding
    fix: str = ""

    @property
    def text(self) -> str:
        return f"{self.finding.message} {wording.place_of(self.finding)}"


class Problems(QObject):
    """All of them, in the order of the datasets and their rows; `current` is the one at hand."""

    changed = Signal()

    def __init__(self, app: App, fixes: Fixes) -> None:
        super().__init__(app)
        self._app, self._fixes = app, fixes
        self.all: list[FoundProblem] = []
        self.current: FoundProblem | None = None
        app.store.datasets_changed.connect(self.refresh)
        self.refresh()

    def refresh(self, ids: object = None) -> None:
        datasets = sorted(self._app.store.datasets.values(), key=lambda each: each.name.casefold())
        self.all = [
            FoundProblem(each.id, finding, offer_of(each, finding))
            for each in datasets
            for finding in each.findings
        ]
        total = sum(each.finding_count for each in datasets)
        self._app.window.panel.set_count("problems", total)
        self.changed.emit()

    def go_to(self, problem: FoundProblem) -> None:
        """Open its dataset at its row."""
        from desktop.features.datasets.page import DatasetPage

        self.current = problem
        page = self._app.open("dataset", problem.dataset, preview=True)
        assert isinstance(page, DatasetPage)
        if problem.finding.row is not None:
            page.go_to_row(problem.finding.row)
        self.changed.emit()

    @property
    def at_hand(self) -> FoundProblem | None:
        """The one that was gone to last, while it is there."""
        return self.current if self.current in self.all else None

    def fix(self, problem: FoundProblem) -> None:
        """Put right all of its sort."""
        dataset = self._app.store.datasets.get(problem.dataset)
        if dataset is not None:
            self._fixes.fix(dataset, (problem.finding.code,))

    def fix_current(self) -> None:
        if self.at_hand is not None:
            self.fix(self.at_hand)

    def ignore_current(self) -> None:
        problem = self.at_hand
        dataset = self._app.store.datasets.get(problem.dataset) if problem is not None else None
        if problem is not None and dataset is not None:
            self._fixes.ignore(dataset, problem.finding.code)

    def step(self, by: int) -> None:
        if not self.all:
            return
        if self.current in self.all:
            at = (self.all.index(self.current) + by) % len(self.all)
        else:
            at = 0 if by > 0 else len(self.all) - 1
        self.go_to(self.all[at])


def offer_of(dataset: Dataset, finding: Finding) -> str:
    """ "Remove 14 exact duplicates"."""
    count = dataset.finding_counts.get(finding.code, 1)
    return sort_of(finding.code).offer(count)


class ProblemsModel(QAbstractListModel):
    """Those that hold every word of the filter."""

    def __init__(self, problems: Problems, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._problems = problems
        self._words: list[str] = []
        self.rows: list[FoundProblem] = list(problems.all)
        problems.changed.connect(self._fill)

    def filter(self, text: str) -> None:
        self._words = text.casefold().split()
        self._fill()

    def _fill(self) -> None:
        rows = [
            each
            for each in self._problems.all
            if all(word in each.text.casefold() for word in self._words)
        ]
        if rows != self.rows:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self.rows):
            return None
        problem = self.rows[index.row()]
        if role == PROBLEM:
            return problem
        if role == Qt.ItemDataRole.DisplayRole:
            return problem.finding.message
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{problem.finding.severity}: {problem.text}"
        return None
