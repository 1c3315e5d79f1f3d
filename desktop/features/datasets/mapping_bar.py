"""The row above the table: what the file is taken for, and a menu for each column."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QMenu, QSizePolicy, QWidget

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.core.tokens import Role, Token
from desktop.features.datasets import wording
from desktop.features.datasets.mapping_rules import ROLES, in_order, role_of, with_role
from desktop.workbench.buttons import Button
from desktop.workbench.chip import Chip
from desktop.workbench.hairline import edge_below
from engine.protocol.records import Dataset
from engine.protocol.specs import Mapping

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

    def _column_button(self, mapping: Mapping, column: str) -> QAbstractButton:
        role = role_of(mapping, column)
        button = ColumnButton(self._theme, column, role)
        menu = QMenu(button)
        self._fill(menu, mapping, column)
        button.clicked.connect(lambda: menu.popup(button.mapToGlobal(button.rect().bottomLeft())))
        return button

    def _rest_button(self, mapping: Mapping, columns: list[str]) -> QAbstractButton:
        button = Button(self._theme, f"+ {len(columns)} columns")
        menu = QMenu(button)
        for column in columns:
            role = ROLES[role_of(mapping, column)]
            self._fill(menu.addMenu(f"{column}  →  {role}"), mapping, column)
        button.clicked.connect(lambda: menu.popup(button.mapToGlobal(button.rect().bottomLeft())))
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


class ColumnButton(QAbstractButton):
    """ "prompt → User": the column in mono, its part, a chevron."""

    def __init__(self, theme: Theme, column: str, role: str) -> None:
        super().__init__()
        self._theme, self._column, self._role = theme, column, role
        self.setAccessibleName(f"Column {column}: {ROLES[role]}")
        self.setToolTip(f"Choose the part of the column {column}")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.click()
        else:
            super().keyPressEvent(event)

    def _parts(self) -> list[tuple[str, Role, Token]]:
        used = bool(self._role)
        name = self._theme.metrics("mono").elidedText(
            self._column, Qt.TextElideMode.ElideRight, self._theme.px(96)
        )
        return [
            (name, "mono", "text" if used else "text3"),
            ("→", "body", "text3"),
            (ROLES[self._role], "body", "text" if used else "text3"),
        ]

    def sizeHint(self) -> QSize:
        px = self._theme.px
        widths = [self._theme.metrics(role).horizontalAdvance(text)
                  for text, role, _ in self._parts()]  # fmt: skip
        return QSize(sum(widths) + px(9 + 6 + 6 + 6 + 14 + 8), px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(colour("accent" if self.hasFocus() else "lineStrong"))
        painter.setBrush(colour("hover") if self.underMouse() else Qt.BrushStyle.NoBrush)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, px(4), px(4))
        left = px(9)
        for text, role, tone in self._parts():
            width = self._theme.metrics(role).horizontalAdvance(text)
            painter.setFont(self._theme.font(role))
            painter.setPen(colour(tone))
            painter.drawText(QRectF(left, 0, width + 2, self.height()),
                             int(Qt.AlignmentFlag.AlignVCenter), text)  # fmt: skip
            left += width + px(6)
        side = px(14)
        arrow = QRectF(self.width() - side - px(8), (self.height() - side) / 2, side, side)
        paint_glyph(painter, "chevron-down", arrow, colour("text3"))
        painter.end()
