"""A form drawn from a spec: the shown options as fields, the others in a searchable list."""

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from msgspec import Struct
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from desktop.core.theme import Theme
from desktop.workbench.all_settings import AllSettings
from desktop.workbench.fields import OptionField
from engine.protocol.options import (
    KIND,
    Option,
    Value,
    get_value,
    kinds_in,
    options_of,
    with_values,
)

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
        self._theme, self._spec = theme, spec
        self._columns = columns
        self._hidden = frozenset(leave_out)
        self._kinds = kinds_in(spec)
        self._fields: dict[str, OptionField] = {}
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(16)
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addLayout(self._grid)
        self.all_settings: AllSettings | None = None
        if all_settings and any(not option.shown for option in self._options()):
            self.all_settings = AllSettings(theme)
            layout.addWidget(self.all_settings)
        self._fill()

    # Which options there are.

    def set_kinds(self, kinds: Mapping[str, str], titles: Mapping[str, str] | None = None) -> None:
        """Show the options of other kinds: {"method.kind": "ia3"}. Not an edit.

        What the new kinds declare as before keeps its field and its value, the rest begins with
        its default. `titles` are the headings of the kinds' own options among all settings.
        """
        named = {path.removesuffix(KIND): title for path, title in (titles or {}).items()}
        renamed = self.all_settings is not None and named != self.all_settings.titles
        if dict(kinds) == self._kinds and not renamed:
            return
        if self.all_settings is not None:
            self.all_settings.titles = named
        self._spec = with_values(self._spec, dict(kinds))
        self._kinds = dict(kinds)
        self.setUpdatesEnabled(False)
        self._fill()
        self.setUpdatesEnabled(True)

    def _options(self) -> list[Option]:
        return [
            option
            for option in options_of(type(self._spec), kinds=self._kinds)
            if option.path not in self._hidden
        ]

    def _fill(self) -> None:
        """Fields for the options as they are now; those that are still right are taken over."""
        before, self._fields = self._fields, {}
        shown: list[OptionField] = []
        rest: list[OptionField] = []
        for option in self._options():
            in_row = self.all_settings is not None and not option.shown
            field = before.get(option.path)
            if field is not None and field.option == option:
                del before[option.path]
            else:
                field = self._make(option, in_row=in_row)
            self._fields[option.path] = field
            (rest if in_row else shown).append(field)
        for at, field in enumerate(shown):
            self._grid.addWidget(field, at // self._columns, at % self._columns)
        if self.all_settings is not None:
            self.all_settings.set_fields(rest)
        for gone in before.values():
            self._grid.removeWidget(gone)
            gone.hide()
            gone.deleteLater()

    def _make(self, option: Option, *, in_row: bool) -> OptionField:
        value = get_value(self._spec, option.path)
        field = OptionField(self._theme, option, value, in_row=in_row)
        field.changed.connect(lambda: self._on_edit(option.path))
        return field

    # What they say.

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
        if path in self._fields:
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
        self.set_kinds(kinds_in(spec))
        self._spec = spec
        self.set_values({path: get_value(spec, path) for path in self._fields})

    def _on_edit(self, path: str) -> None:
        self._refresh()
        self.edited.emit(path)
        self.changed.emit()

    def _refresh(self) -> None:
        if self.all_settings is not None:
            self.all_settings.refresh()
