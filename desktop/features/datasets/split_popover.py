"""Another split of a dataset: a form drawn from the options of the spec."""

from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QWidget

from desktop.app import App
from desktop.features.datasets import split_forecast, wording
from desktop.features.datasets.popover import Popover
from desktop.workbench.buttons import Button
from desktop.workbench.fields import OptionField
from desktop.workbench.hairline import hairline
from desktop.workbench.label import Paragraph
from engine.protocol.dataset_specs import SplitSpec
from engine.protocol.options import Option, get_value, options_of, with_values
from engine.protocol.records import Dataset

COLUMNS = ("stratify_by", "group_by")  # options that name a column
AMOUNTS = ("validation", "test")
NO_COLUMN = "No column"
BUSY = "The next version is being made. Split it when that is there."


class SplitPopover(Popover):
    """`asked(spec)` is the primary button; the form closes when the engine has accepted."""

    asked = Signal(object)

    def __init__(self, app: App, dataset: Dataset) -> None:
        super().__init__(app.theme, app.window, f"Split {dataset.name}", 400)
        self._store, self._dataset = app.store, dataset
        self.fields: dict[str, OptionField] = {}
        self.consequence = Paragraph(app.theme, "", "body", "text2")
        self.split = Button(app.theme, "Split", kind="primary", run=self.accept)
        self._lay_out()
        app.store.jobs_changed.connect(self._say)
        self._say()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        given = None
        for number, option in enumerate(options_of(SplitSpec)):
            field = self._add(option)
            if option.kind == "bool":
                given = field
            elif option.path in COLUMNS:
                grid.addWidget(field, 2, COLUMNS.index(option.path))
            elif option.path in AMOUNTS:
                grid.addWidget(field, 0, number)
            else:
                grid.addWidget(field, 1, 0, 1, 2)
        for column in range(2):
            grid.setColumnStretch(column, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch()
        buttons.addWidget(Button(self.theme, "Cancel", kind="ghost", run=self.close))
        buttons.addWidget(self.split)
        self.column.addLayout(grid)
        if given is not None:
            self.column.addWidget(given)
        self.column.addWidget(hairline())
        self.column.addWidget(self.consequence)
        self.column.addWidget(self.error)
        self.column.addLayout(buttons)

    def _add(self, option: Option) -> OptionField:
        """One that names a column becomes a menu of those that there are."""
        value: Any = get_value(self._dataset.split_spec, option.path)
        if option.path in COLUMNS:
            option = replace(option, kind="choice", choices=(NO_COLUMN, *self._dataset.columns))
            value = value if value in self._dataset.columns else NO_COLUMN
        field = OptionField(self.theme, option, value)
        field.changed.connect(self._say)
        self.fields[option.path] = field
        return field

    def spec(self) -> SplitSpec | None:
        """None while a value cannot be read or is out of its bounds."""
        if any(field.error() for field in self.fields.values()):
            return None
        values = {path: field.value() for path, field in self.fields.items()}
        for path in COLUMNS:
            menu = self.fields[path].input
            if isinstance(menu, QComboBox) and menu.currentIndex() == 0:
                values[path] = ""
        return with_values(SplitSpec(), values)

    @property
    def busy(self) -> bool:
        """While a job makes the next version, nothing can be asked."""
        return wording.job_of(self._store, self._dataset.id) is not None

    def _say(self, ids: object = None) -> None:
        for path in AMOUNTS:
            field = self.fields[path]
            value = field.value()
            if not field.error() and isinstance(value, int | float):
                field.set_hint(split_forecast.in_words(value, self._dataset.rows))
        spec = self.spec()
        wrong = split_forecast.refusal(spec, self._dataset) if spec is not None else ""
        busy = self.busy
        self.split.setEnabled(not busy)
        self.consequence.set_tone("warn" if busy else "err" if wrong else "text2")
        if busy:
            self.consequence.setText(BUSY)
        elif spec is None:
            self.consequence.setText("Correct the marked value first.")
        else:
            self.consequence.setText(wrong or split_forecast.consequence(spec, self._dataset))
        self.fit()

    def accept(self) -> None:
        """A bad field gets the focus instead."""
        spec = self.spec()
        if self.busy:
            return
        if spec is None:
            bad = next(field for field in self.fields.values() if field.error())
            bad.input.setFocus()
        elif split_forecast.refusal(spec, self._dataset):
            self.fields["validation"].input.setFocus()
        else:
            self.asked.emit(spec)

    def open_at(self, anchor: QWidget | None) -> None:
        self.show_at(anchor)
        self.fields["validation"].input.setFocus()


def said(dataset: Dataset) -> str:
    """The toast, when the new version is there."""
    return f"{dataset.name} is split anew: {split_forecast.sides_of(dataset).words}."
