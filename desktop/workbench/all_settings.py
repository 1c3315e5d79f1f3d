"""All settings of a spec beyond the shown ones: closed at first, searchable, with resets."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.core.theme import Theme
from desktop.workbench.buttons import Button, IconButton
from desktop.workbench.fields import OptionField
from desktop.workbench.glyph import Glyph
from desktop.workbench.label import Label
from desktop.workbench.search_field import SearchField


class AllSettings(QWidget):
    """A line to open it; then a search field and, under headings, one row per option.

    `titles` are the headings of options that belong to a part of the spec: {"method": "IA³"}.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.titles: Mapping[str, str] = {}
        self._rows: list[SettingRow] = []
        self._headings: dict[str, Label] = {}
        self._toggle = Button(theme, "All settings", icon="chevron-right", kind="ghost",
                              run=lambda: self.set_open(not self.is_open))  # fmt: skip
        self._summary = Label("", "body", "text3")
        self._search = SearchField(theme, "Search settings")
        self._search.setAcceptDrops(False)  # as the fields
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
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        column.addLayout(self._list)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._body)
        self.set_open(False)

    def set_fields(self, fields: Sequence[OptionField]) -> None:
        """One row each, in groups that are in the order of their first; rows that stay are kept."""
        known = {row.field: row for row in self._rows}
        groups: dict[str, list[SettingRow]] = {}
        for field in fields:
            row = known.pop(field, None) or SettingRow(self._theme, field)
            row.group = self._group_of(field)
            groups.setdefault(row.group, []).append(row)
        for gone in known.values():
            self._drop(gone)
        self._rows = [row for rows in groups.values() for row in rows]
        self._lay_out(groups)
        self._filter(self._search.text())
        self.refresh()

    def _lay_out(self, groups: Mapping[str, Sequence["SettingRow"]]) -> None:
        for name in self._headings.keys() - groups.keys():
            self._drop(self._headings.pop(name))
        at = 0
        for name, rows in groups.items():
            if name and name not in self._headings:
                self._headings[name] = Label(name, "section", "text2")
                self._headings[name].setContentsMargins(0, self._theme.px(8), 0, 0)
            heading = [self._headings[name]] if name else []
            for widget in [*heading, *rows]:
                if self._list.indexOf(widget) != at:
                    self._list.removeWidget(widget)
                    self._list.insertWidget(at, widget)
                at += 1

    def _drop(self, widget: QWidget) -> None:
        self._list.removeWidget(widget)
        widget.hide()
        widget.deleteLater()

    def _group_of(self, field: OptionField) -> str:
        part = field.option.path.rpartition(".")[0]
        return self.titles.get(part, field.option.group)

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
        shown = set()
        for row in self._rows:
            fits = all(word in row.words for word in words)
            row.setVisible(fits)
            if fits:
                shown.add(row.group)
        for name, heading in self._headings.items():
            heading.setVisible(name in shown)
        self._nothing.setText(f"Nothing matches '{text}'.")
        self._nothing.setVisible(bool(self._rows) and not shown)


class SettingRow(QWidget):
    """A dot when changed, the field, a reset."""

    def __init__(self, theme: Theme, field: OptionField) -> None:
        super().__init__()
        self.field = field
        self.group = ""
        option = field.option
        self._words = f"{option.title} {option.help} {option.path}".casefold()
        self._dot = Glyph(theme, "", "accent", size=10)
        self._reset = IconButton(theme, "discard", f"Reset {option.title}", run=self._on_reset)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._dot, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(field, 1)
        row.addWidget(self._reset, 0, Qt.AlignmentFlag.AlignVCenter)

    @property
    def words(self) -> str:
        """What a search finds it by."""
        return f"{self._words} {self.group.casefold()}"

    def _on_reset(self) -> None:
        default = self.field.option.default
        if default is not None:
            self.field.set_value(default)
            self.field.changed.emit()

    def refresh(self) -> bool:
        """Whether it differs from its default."""
        default = self.field.option.default
        changed = default is not None and self.field.value() != default
        self._dot.set_icon("circle-filled" if changed else "", "accent")
        self._reset.setEnabled(changed)
        return changed
