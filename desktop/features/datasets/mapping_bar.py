"""The row above the table: what the file is taken for, and a menu for each column."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from desktop.core import formatting
from desktop.core.theme import Theme
from desktop.features.datasets import wording
from desktop.features.datasets.mapping_rules import ROLES, in_order, role_of, with_role
from desktop.features.datasets.menu_button import MenuButton, column_button
from desktop.workbench.chip import Chip
from desktop.workbench.hairline import edge_below
from engine.protocol.dataset_specs import Mapping
from engine.protocol.records import Dataset

EDGES = 56  # px beside and between chip and menus
SHOWN = 3  # columns with a menu of their own; the others share one


class MappingBar(QWidget):
    """`chosen` carries the new mapping; nothing changes here until the engine has read it."""

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._chip = Chip(theme, "", "ok", "check")
        self._menus = QHBoxLayout()
        self._menus.setSpacing(8)
        edge_below(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 16, 1)
        row.setSpacing(8)
        row.addWidget(self._chip)
        row.addStretch()
        row.addLayout(self._menus)
        self._resize()
        theme.changed.connect(self._resize)

    def _resize(self) -> None:
        self.setFixedHeight(self._theme.px(44))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where there is little room the menus are worth more than the chip."""
        menus = self._menus.sizeHint().width()
        self._chip.setVisible(self._chip.sizeHint().width() + menus + EDGES <= self.width())

    def show_dataset(self, dataset: Dataset) -> None:
        self._chip.set(wording.convention_of(dataset.mapping), "ok", "check")
        while (item := self._menus.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        columns = in_order(dataset.mapping, dataset.columns)
        alone = columns if len(columns) <= SHOWN else columns[: SHOWN - 1]
        for column in alone:
            self._menus.addWidget(self._column_button(dataset.mapping, column))
        rest = columns[len(alone) :]
        if rest:
            self._menus.addWidget(self._rest_button(dataset.mapping, rest))
        self._fit()

    def _column_button(self, mapping: Mapping, column: str) -> MenuButton:
        button = column_button(self._theme, column, role_of(mapping, column))
        self._fill(button.menu, mapping, column)
        return button

    def _rest_button(self, mapping: Mapping, columns: list[str]) -> MenuButton:
        text = f"+ {formatting.plural(len(columns), 'column')}"
        button = MenuButton(self._theme, [(text, "body", "text3")], text)
        for column in columns:
            role = ROLES[role_of(mapping, column)]
            self._fill(button.menu.addMenu(f"{column}  →  {role}"), mapping, column)
        return button

    def _fill(self, menu: QMenu, mapping: Mapping, column: str) -> None:
        now = role_of(mapping, column)
        for role, title in ROLES.items():
            action = menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(role == now)
            if role != now:
                choose: Callable[[], object] = partial(self._choose, mapping, column, role)
                action.triggered.connect(choose)

    def _choose(self, mapping: Mapping, column: str, role: str, *_: object) -> None:
        self.chosen.emit(with_role(mapping, column, role))
