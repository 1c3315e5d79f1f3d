"""All settings of a spec beyond the shown ones: closed at first, searchable, with resets."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.core.theme import Theme
from desktop.workbench.buttons import Button, IconButton
from desktop.workbench.fields import OptionField
from desktop.workbench.glyph import Glyph
from desktop.workbench.label import Label
from desktop.workbench.search_field import SearchField


class AllSettings(QWidget):
    """A line to open it; then a search field and one row per option."""

    def __init__(self, theme: Theme, fields: Sequence[OptionField]) -> None:
        super().__init__()
        self._theme = theme
        self._rows = [SettingRow(theme, field) for field in fields]
        self._toggle = Button(theme, "All settings", icon="chevron-right", kind="ghost",
                              run=lambda: self.set_open(not self.is_open))  # fmt: skip
        self._summary = Label("", "body", "text3")
        self._search = SearchField(theme, "Search settings")
        self._search.textChanged.connect(self._filter)
        self._nothing = Label("", "body", "text3")
        self._nothing.hide()
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(0)
        head.addWidget(self._toggle)
        head.addWidget(self._summary)
        head.addStretch()
        self._body = QWidget()
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._search)
        column.addWidget(self._nothing)
        for row in self._rows:
            column.addWidget(row)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._body)
        self.set_open(False)
        self.refresh()

    @property
    def is_open(self) -> bool:
        return not self._body.isHidden()

    def set_open(self, is_open: bool) -> None:
        self._body.setVisible(is_open)
        self._toggle.set_icon("chevron-down" if is_open else "chevron-right")
        self._toggle.setAccessibleDescription("open" if is_open else "closed")

    def reveal(self, field: OptionField) -> None:
        self.set_open(True)
        self._search.clear()

    def refresh(self) -> None:
        """Dots, resets and the count follow the values."""
        changed = sum(row.refresh() for row in self._rows)
        more = f"{len(self._rows)} more, "
        self._summary.setText(more + (f"{changed} changed" if changed else "all at their defaults"))

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        hits = 0
        for row in self._rows:
            fits = all(word in row.words for word in words)
            row.setVisible(fits)
            hits += fits
        self._nothing.setText(f"Nothing matches '{text}'.")
        self._nothing.setVisible(not hits)


class SettingRow(QWidget):
    """A dot when changed, the field, a reset."""

    def __init__(self, theme: Theme, field: OptionField) -> None:
        super().__init__()
        self._field = field
        option = field.option
        self.words = f"{option.title} {option.help} {option.path}".casefold()
        self._dot = Glyph(theme, "", "accent", size=10)
        self._reset = IconButton(theme, "discard", f"Reset {option.title}", run=self._on_reset)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._dot, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(field, 1)
        row.addWidget(self._reset, 0, Qt.AlignmentFlag.AlignVCenter)

    def _on_reset(self) -> None:
        default = self._field.option.default
        if default is not None:
            self._field.set_value(default)
            self._field.changed.emit()

    def refresh(self) -> bool:
        """Whether it differs from its default."""
        option = self._field.option
        changed = option.default is not None and self._field.value() != option.default
        self._dot.set_icon("circle-filled" if changed else "", "accent")
        self._reset.setEnabled(changed)
        return changed
