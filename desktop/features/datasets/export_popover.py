"""What to export: the kind of file and which rows."""

from collections.abc import Iterator

from msgspec import Struct
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.core import formatting
from desktop.core.theme import Theme
from desktop.features.datasets.popover import Popover
from desktop.workbench.buttons import Button
from desktop.workbench.fields import Combo
from desktop.workbench.label import Label, Paragraph
from engine.protocol.records import Dataset


class FileKind(Struct, frozen=True):
    """What a file's ending stands for."""

    title: str
    ending: str
    note: str


KINDS = (
    FileKind("JSON Lines", ".jsonl", "Reading the file again gives the same rows."),
    FileKind("CSV", ".csv", "Cells that a spreadsheet would calculate begin with an apostrophe."),
    FileKind("Parquet", ".parquet", "Every column as text, packed with Zstandard."),
)
SIDES = {"train": "Training", "validation": "Validation", "test": "Test"}


class ExportPopover(Popover):
    """`asked(kind, split)` leads to the dialog that asks for the file; split "" is all rows."""

    asked = Signal(object, str)

    def __init__(self, theme: Theme, window: QWidget, dataset: Dataset) -> None:
        super().__init__(theme, window, f"Export {named(dataset)}", 340)
        self.kinds = Combo(theme, "Kind of file")
        for kind in KINDS:
            self.kinds.addItem(f"{kind.title} ({kind.ending})")
        self.rows = Combo(theme, "Rows")
        for split, title in choices(dataset):
            self.rows.addItem(title, split)
        self.note = Paragraph(theme, "", "meta", "text3")
        self.choose = Button(theme, "Choose a File…", kind="primary", run=self.accept)
        self.kinds.currentIndexChanged.connect(self._say)
        self.rows.currentIndexChanged.connect(self._say)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch()
        buttons.addWidget(Button(theme, "Cancel", kind="ghost", run=self.close))
        buttons.addWidget(self.choose)
        self.column.addLayout(labelled("Kind of file", self.kinds))
        self.column.addLayout(labelled("Rows", self.rows))
        self.column.addWidget(self.note)
        self.column.addLayout(buttons)
        self._say()

    @property
    def kind(self) -> FileKind:
        return KINDS[self.kinds.currentIndex()]

    def _say(self) -> None:
        told = "" if self.rows.currentData() else " A column tells the side of each row."
        self.note.setText(self.kind.note + told)
        self.fit()

    def accept(self) -> None:
        kind, split = self.kind, str(self.rows.currentData())
        self.close()
        self.asked.emit(kind, split)

    def open_at(self, anchor: QWidget | None) -> None:
        self.show_at(anchor)
        self.kinds.setFocus()


def labelled(text: str, field: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(6)
    column.addWidget(Label(text, "label", "text2"))
    column.addWidget(field)
    return column


def choices(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """All rows, and each side that has some."""
    yield "", f"All {formatting.plural(dataset.rows, 'row')}"
    for split, title in SIDES.items():
        rows = rows_of(dataset, split)
        if rows:
            yield split, f"{title}, {formatting.plural(rows, 'row')}"


def rows_of(dataset: Dataset, split: str) -> int:
    """How many rows that side has; "" stands for all."""
    sides = {
        "train": dataset.train_rows,
        "validation": dataset.validation_rows,
        "test": dataset.test_rows,
    }
    return sides.get(split, dataset.rows)


def named(dataset: Dataset) -> str:
    return f"{dataset.name} v{dataset.version}" if dataset.version > 1 else dataset.name
