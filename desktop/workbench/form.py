"""A form drawn from a spec: the shown options as fields, the others in a searchable list."""

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from msgspec import Struct
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from desktop.core.theme import Theme
from desktop.workbench.all_settings import AllSettings
from desktop.workbench.fields import OptionField
from engine.protocol.options import Option, Value, get_value, options_of, with_values

S = TypeVar("S", bound=Struct)


class SpecForm(QWidget, Generic[S]):
    """`spec()` is what the person has set. `leave_out` are paths that the page sets itself."""

    changed = Signal()  # by the person
    edited = Signal(str)  # the path that the person edited

    def __init__(
        self,
        theme: Theme,
        spec: S,
        *,
        columns: int = 3,
        leave_out: Iterable[str] = (),
        all_settings: bool = True,
    ) -> None:
        super().__init__()
        self._spec = spec
        hidden = set(leave_out)
        self._options = [each for each in options_of(type(spec)) if each.path not in hidden]
        self._fields: dict[str, OptionField] = {}
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(16)
        shown = [option for option in self._options if option.shown or not all_settings]
        for number, option in enumerate(shown):
            grid.addWidget(self._add(theme, option), number // columns, number % columns)
        for column in range(columns):
            grid.setColumnStretch(column, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addLayout(grid)
        self.all_settings: AllSettings | None = None
        rest = [option for option in self._options if option not in shown]
        if all_settings and rest:
            self.all_settings = AllSettings(
                theme, [self._add(theme, each, in_row=True) for each in rest]
            )
            layout.addWidget(self.all_settings)

    def _add(self, theme: Theme, option: Option, *, in_row: bool = False) -> OptionField:
        value = get_value(self._spec, option.path)
        field = OptionField(theme, option, value, in_row=in_row)
        field.changed.connect(lambda: self._on_edit(option.path))
        self._fields[option.path] = field
        return field

    def field(self, path: str) -> OptionField:
        return self._fields[path]

    def values(self) -> dict[str, Value]:
        """Every option by its path, as typed: may be out of bounds."""
        return {path: field.value() for path, field in self._fields.items()}

    def changed_values(self) -> dict[str, Value]:
        """Only what differs from the declared defaults."""
        return {
            path: value
            for path, value in self.values().items()
            if value != self._fields[path].option.default
        }

    def set_values(self, values: Mapping[str, Value]) -> None:
        """From a preset or a record; unknown paths are left alone. Not an edit."""
        for path, value in values.items():
            if path in self._fields:
                self._fields[path].set_value(value)
        self._refresh()

    def set_hint(self, path: str, text: str) -> None:
        """A live hint in place of the declared help: "No row is cut"."""
        self._fields[path].set_hint(text)

    def valid(self) -> bool:
        return not any(field.error() for field in self._fields.values())

    def focus_first_error(self) -> bool:
        """For the primary button: True when there was one and the focus is on it now."""
        for field in self._fields.values():
            if field.error():
                if self.all_settings is not None and self.all_settings.isAncestorOf(field):
                    self.all_settings.reveal(field)
                field.input.setFocus()
                return True
        return False

    def spec(self) -> S:
        """The whole spec. Raises Refused when a value is out of its bounds: ask `valid` first."""
        return with_values(self._spec, self.values())

    def set_spec(self, spec: S) -> None:
        """Take another spec, also its fields that are not in this form. Not an edit."""
        self._spec = spec
        self.set_values({each.path: get_value(spec, each.path) for each in self._options})

    def _on_edit(self, path: str) -> None:
        self._refresh()
        self.edited.emit(path)
        self.changed.emit()

    def _refresh(self) -> None:
        if self.all_settings is not None:
            self.all_settings.refresh()
