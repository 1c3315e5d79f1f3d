"""A side bar: header, search, rows in sections, drop hint."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedLayout, QVBoxLayout, QWidget

from desktop.core.commands import Commands
from desktop.core.settings import Settings
from desktop.core.theme import Theme
from desktop.workbench.buttons import Button, IconButton, command_button, command_icon_button
from desktop.workbench.drops import paths_of
from desktop.workbench.empty_state import EmptyState
from desktop.workbench.label import Label
from desktop.workbench.row_list import RowList
from desktop.workbench.rows import Row, Section
from desktop.workbench.search_field import SearchField


class SideBar(QWidget):
    """`opened(id, keep)` and `selected(id)` come from its list, `list`.

    `menu` and `row_menu` are ids of commands; a row is selected before its menu opens, so that
    the commands act on it through `app.selection`.
    """

    opened = Signal(str, bool)
    selected = Signal(str)

    def __init__(
        self,
        theme: Theme,
        commands: Commands,
        settings: Settings,
        *,
        id: str,
        title: str,
        add: str = "",
        menu: Sequence[str] = (),
        row_menu: Callable[[Row], Sequence[str]] = lambda row: (),
        empty: str = "",
        empty_command: str = "",
        empty_text: str = "",
        hint: str = "",
        delete: str = "",
        on_drop: Callable[[tuple[Path, ...]], None] | None = None,
    ) -> None:
        super().__init__()
        self._theme, self._commands, self._settings = theme, commands, settings
        self._id = id
        self._row_menu = row_menu
        self._delete = delete
        self._sections: tuple[Section, ...] = ()
        self._empty_sentence = empty
        self.setProperty("surface", "side")
        self.list = RowList(theme, title)
        self.list.opened.connect(self.opened)
        self.list.selected.connect(self.selected)
        self.list.removed.connect(self._on_removed)
        self.list.set_menu(self._menu_of)
        self.list.set_closed_sections(settings.get(f"side_bar.{id}.closed", []))
        self.search = self._make_search(title)
        self._empty = EmptyState(empty, self._empty_button(empty_command, empty_text))
        self._no_hits = EmptyState("", Button(theme, "Clear", run=self.search.clear))
        self._lay_out(title, add, menu, hint, on_drop)

    def _lay_out(
        self,
        title: str,
        add: str,
        menu: Sequence[str],
        hint: str,
        on_drop: Callable[[tuple[Path, ...]], None] | None,
    ) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._make_header(title, add, menu))
        search_row = QHBoxLayout()
        search_row.setContentsMargins(12, 4, 12, 4)
        search_row.addWidget(self.search)
        column.addLayout(search_row)
        body = QWidget()
        self._stack = QStackedLayout(body)
        for widget in (self.list, self._empty, self._no_hits):
            self._stack.addWidget(widget)
        column.addSpacing(4)
        column.addWidget(body, 1)
        if hint:
            row = QHBoxLayout()
            row.setContentsMargins(12, 8, 12, 12)
            row.addWidget(DropHint(self._theme, hint, on_drop))
            column.addLayout(row)

    def _make_header(self, title: str, add: str, menu: Sequence[str]) -> QWidget:
        header = QWidget()
        header.setFixedHeight(self._theme.px(36))
        row = QHBoxLayout(header)
        row.setContentsMargins(16, 0, 7, 0)
        row.setSpacing(2)
        row.addWidget(Label(title, "section"))
        row.addStretch()
        if add:
            row.addWidget(command_icon_button(self._theme, self._commands, add, icon="add"))
        if menu:
            more = IconButton(self._theme, "ellipsis", f"More for {title}")
            more.setPopupMode(more.ToolButtonPopupMode.InstantPopup)
            popup = QMenu(more)
            popup.addActions([self._commands.action(id) for id in menu])
            more.setMenu(popup)
            row.addWidget(more)
        return header

    def _make_search(self, title: str) -> SearchField:
        field = SearchField(self._theme, f"Search {title.lower()}")
        delay = QTimer(self, singleShot=True, interval=60)
        delay.timeout.connect(self._show)
        field.textChanged.connect(lambda: delay.start())
        return field

    def _empty_button(self, command: str, text: str) -> Button | None:
        if not command:
            return None
        return command_button(self._theme, self._commands, command, text=text, icon="")

    def set_sections(self, sections: Sequence[Section]) -> None:
        """What there is; the search decides what of it is shown. Empty sections are left out."""
        self._sections = tuple(sections)
        self._show()

    def _show(self) -> None:
        words = self.search.text().casefold().split()
        shown = [_matching(section, words) for section in self._sections]
        shown = [section for section in shown if section.rows]
        self.list.set_sections(shown, open_all=bool(words))
        if shown:
            self._stack.setCurrentWidget(self.list)
        elif words:
            self._no_hits.set_sentence(f"Nothing matches '{self.search.text()}'.")
            self._stack.setCurrentWidget(self._no_hits)
        else:
            self._stack.setCurrentWidget(self._empty)
        if not words:
            self._settings.set(f"side_bar.{self._id}.closed", self.list.closed_sections())

    def focus_first(self) -> None:
        shown = self._stack.currentWidget() is self.list
        (self.list if shown else self.search).setFocus()

    def _menu_of(self, row: Row) -> QMenu | None:
        ids = self._row_menu(row)
        if not ids:
            return None
        menu = QMenu(self)
        for id in ids:
            if id:
                menu.addAction(self._commands.action(id))
            else:
                menu.addSeparator()
        return menu

    def _on_removed(self, id: str) -> None:
        if self._delete:
            self._commands.run(self._delete)


def _matching(section: Section, words: list[str]) -> Section:
    if not words:
        return section
    rows = tuple(row for row in section.rows if _fits(f"{row.title} {row.detail}", words))
    return Section(id=section.id, title=section.title, rows=rows)


def _fits(text: str, words: list[str]) -> bool:
    folded = text.casefold()
    return all(word in folded for word in words)


class DropHint(QWidget):
    """The dashed box at the bottom; a real target when it is given `on_drop`."""

    def __init__(
        self, theme: Theme, text: str, on_drop: Callable[[tuple[Path, ...]], None] | None
    ) -> None:
        super().__init__()
        self._theme = theme
        self._on_drop = on_drop
        self._over = False
        self._label = Label(text, "meta", "text3")
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._label.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 13)
        column.addWidget(self._label)
        self.setAcceptDrops(on_drop is not None)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self._theme.colour("accent" if self._over else "lineStrong"))
        pen.setDashPattern([3, 2])
        painter.setPen(pen)
        if self._over:
            painter.setBrush(self._theme.colour("accentSoft"))
        box = QRect(self.rect()).toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, 6, 6)
        painter.end()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if paths_of(event.mimeData()):
            self._set_over(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._set_over(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._set_over(False)
        event.acceptProposedAction()
        if self._on_drop is not None:
            self._on_drop(paths_of(event.mimeData()))

    def _set_over(self, over: bool) -> None:
        self._over = over
        self._label.set_tone("accent" if over else "text3")
        self.update()
