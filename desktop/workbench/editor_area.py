"""The editor area: one or two groups of tabs, history, reopening, what is restored."""

from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from desktop.core.commands import Commands
from desktop.core.settings import Settings
from desktop.core.theme import Theme
from desktop.workbench.buttons import IconButton, command_icon_button
from desktop.workbench.contributions import Contributions
from desktop.workbench.editor_group import EditorGroup
from desktop.workbench.empty_editor import EmptyEditor
from desktop.workbench.page import Page
from desktop.workbench.splitter import Splitter
from desktop.workbench.tabs import Tab

CLOSED, VISITED = 20, 50


class EditorArea(QWidget):
    """`open` is what features call; a page is known by its kind and key."""

    active_changed = Signal()  # another page, or other looks of it

    def __init__(
        self, theme: Theme, commands: Commands, settings: Settings, contributions: Contributions
    ) -> None:
        super().__init__()
        self._theme, self._commands, self._settings = theme, commands, settings
        self._contributions = contributions
        self._closed: list[Tab] = []
        self._visited: list[tuple[str, str]] = []
        self._visit = -1
        self._travelling = False
        self._restoring = False
        self.groups: list[EditorGroup] = []
        self._current = 0
        self.setObjectName("EditorArea")
        self._splitter = Splitter(theme, Qt.Orientation.Horizontal)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._splitter)
        self._add_group()

    # What features use.

    def open(
        self,
        kind: str,
        key: str = "",
        *,
        preview: bool = False,
        beside: bool = False,
        focus: bool = True,
    ) -> Page:
        """Show the page, making its tab if there is none. `beside` puts it into the other group."""
        for number, group in enumerate(self.groups):
            index = group.index_of((kind, key))
            if index >= 0:
                self._current = number
                if not preview:
                    group.keep(index)
                group.show_tab(index)
                break
        else:
            if beside:
                self._current = len(self.groups) - 1 if len(self.groups) > 1 else self._split_off()
            group = self.groups[self._current]
            tab = self._make_tab(kind, key)
            tab.preview = preview
            group.add(tab)
        if focus:
            group.focus()
        page = self.active
        assert page is not None
        return page

    @property
    def active(self) -> Page | None:
        """The page at the front of the group used last."""
        tab = self.active_tab
        return tab.page if tab is not None else None

    @property
    def active_tab(self) -> Tab | None:
        return self.groups[self._current].active_tab

    def is_open(self, kind: str, key: str = "") -> bool:
        return any(group.index_of((kind, key)) >= 0 for group in self.groups)

    def page(self, kind: str, key: str = "") -> Page | None:
        """The page if its tab is open and was shown."""
        for group in self.groups:
            index = group.index_of((kind, key))
            if index >= 0:
                return group.tabs[index].page
        return None

    def close_page(self, kind: str, key: str = "") -> None:
        """For records that are gone; nothing when it is not open."""
        for group in list(self.groups):
            index = group.index_of((kind, key))
            if index >= 0:
                self._close(group, index)

    # What the commands use.

    def close_active(self) -> None:
        group = self.groups[self._current]
        if group.active >= 0:
            self._close(group, group.active)

    def close_others(self, group: EditorGroup, index: int) -> None:
        keep = group.tabs[index]
        for tab in [tab for tab in group.tabs if tab is not keep]:
            self._close(group, group.tabs.index(tab))

    def reopen(self) -> bool:
        if not self._closed:
            return False
        tab = self._closed.pop()
        kind = self._contributions.editors.get(tab.kind)
        if kind is None or not kind.there(tab.key):
            return self.reopen()
        if self.is_open(*tab.address):
            self.open(*tab.address)
        else:
            self.groups[self._current].add(tab)
        return True

    def split(self) -> None:
        """Two groups become one, one becomes two with the active page's neighbour beside it."""
        if len(self.groups) == 2:
            self._join()
            return
        group = self.groups[0]
        if len(group.tabs) > 1:
            tab = group.take_tab(group.active)
            self._current = self._split_off()
            self.groups[self._current].add(tab)

    def focus_group(self, number: int) -> None:
        if number < len(self.groups):
            self._current = number
            self.groups[number].focus()
            self.active_changed.emit()

    def step(self, by: int) -> None:
        """To the next or earlier tab by position."""
        group = self.groups[self._current]
        if group.tabs:
            group.show_tab((group.active + by) % len(group.tabs))

    def used_tabs(self) -> list[Tab]:
        """Of the current group, the last one used first."""
        group = self.groups[self._current]
        rest = [tab for tab in group.tabs if tab not in group.used]
        return [*group.used, *rest]

    def show_tab(self, tab: Tab) -> None:
        self.open(*tab.address, preview=tab.preview)

    def travel(self, by: int) -> None:
        """Back and forward through the pages visited."""
        at = self._visit + by
        while 0 <= at < len(self._visited):
            address = self._visited[at]
            kind = self._contributions.editors.get(address[0])
            if kind is not None and kind.there(address[1]):
                self._visit = at
                self._travelling = True
                self.open(*address, preview=not self.is_open(*address))
                self._travelling = False
                return
            at += by

    def restore(self) -> None:
        """The tabs of the last time; pages that are not at the front stay unmade."""
        saved: list[Any] = self._settings.get("workbench.tabs", [])
        self._restoring = True
        for number, group in enumerate(saved[:2]):
            tabs = [self._saved_tab(item) for item in group.get("tabs", [])]
            there = [tab for tab in tabs if tab is not None]
            if not there:
                continue
            if number > 0 and self.groups[-1].tabs:
                self._split_off()
            self.groups[-1].tabs = there
            self.groups[-1].show_tab(min(max(group.get("active", 0), 0), len(there) - 1))
        self._current = 0
        self._restoring = False
        self.active_changed.emit()

    def _saved_tab(self, item: dict[str, Any]) -> Tab | None:
        kind = self._contributions.editors.get(item.get("kind", ""))
        if kind is None:
            return None
        tab = self._make_tab(kind.id, item.get("key", ""))
        tab.title = item.get("title", "") or tab.title  # the records are not there yet
        tab.preview = bool(item.get("preview", False))
        return tab

    def _make_tab(self, kind_id: str, key: str) -> Tab:
        kind = self._contributions.editors[kind_id]
        return Tab(kind_id, key, kind.title(key), kind.icon, kind.tone)

    def _make_page(self, tab: Tab) -> Page:
        return self._contributions.editors[tab.kind].make(tab.key)

    def _add_group(self) -> EditorGroup:
        empty = EmptyEditor(self._theme, self._commands, self._contributions)
        group = EditorGroup(self._theme, self._make_page, empty)
        group.strip.drag_name = str(len(self.groups))
        group.strip.close_asked.connect(lambda index: self._close(group, index))
        group.changed.connect(lambda: self._on_changed(group))
        group.menu_asked.connect(lambda index, at: self._tab_menu(group, index, at))
        group.tab_dropped.connect(lambda carried, at: self._on_tab_dropped(group, carried, at))
        group.dropped_at_edge.connect(self._on_dropped_at_edge)
        self._add_tools(group)
        self.groups.append(group)
        self._splitter.addWidget(group)
        return group

    def _add_tools(self, group: EditorGroup) -> None:
        group.tools.addWidget(command_icon_button(self._theme, self._commands, "workbench.split"))
        more = IconButton(self._theme, "ellipsis", "More for this group")
        more.clicked.connect(
            lambda: self._tab_menu(group, group.active, more.mapToGlobal(more.rect().bottomLeft()))
        )
        group.tools.addWidget(more)

    def _split_off(self) -> int:
        self._add_group()
        half = max(self._splitter.width() // 2, 1)
        self._splitter.setSizes([half, half])
        return len(self.groups) - 1

    def _join(self) -> None:
        first, second = self.groups
        while second.tabs:
            tab = second.take_tab(0)
            if first.index_of(tab.address) < 0:
                first.tabs.append(tab)
        self._remove_group(second)
        first.show_tab(max(first.active, 0))

    def _remove_group(self, group: EditorGroup) -> None:
        if group in self.groups and len(self.groups) > 1:
            self.groups.remove(group)
            self._current = 0
            group.setParent(None)
            group.deleteLater()
            self.groups[0].strip.drag_name = "0"
            self._on_changed(self.groups[0])

    def _close(self, group: EditorGroup, index: int) -> None:
        if not 0 <= index < len(group.tabs):
            return
        tab = group.close_tab(index)
        self._closed = [*self._closed, tab][-CLOSED:]
        if not group.tabs:
            self._remove_group(group)

    def _on_changed(self, group: EditorGroup) -> None:
        if group in self.groups and not self._restoring:
            tab = group.active_tab
            if tab is not None and group is self.groups[self._current]:
                self._note_visit(tab.address)
            self._save()
            self.active_changed.emit()

    def _note_visit(self, address: tuple[str, str]) -> None:
        if self._travelling or (self._visited and self._visited[self._visit] == address):
            return
        self._visited = [*self._visited[: self._visit + 1], address][-VISITED:]
        self._visit = len(self._visited) - 1

    def note_focus(self, widget: QWidget | None) -> None:
        """The group that has the focus is the current one."""
        for number, group in enumerate(self.groups):
            if widget is not None and group.isAncestorOf(widget) and number != self._current:
                self._current = number
                self.active_changed.emit()

    def _save(self) -> None:
        self._settings.set(
            "workbench.tabs",
            [
                {
                    "active": group.active,
                    "tabs": [
                        {"kind": t.kind, "key": t.key, "title": t.title, "preview": t.preview}
                        for t in group.tabs
                    ],
                }
                for group in self.groups
            ],
        )

    def _tab_menu(self, group: EditorGroup, index: int, at: QPoint) -> None:
        if index < 0:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Close", lambda: self._close(group, index))
        menu.addAction("Close others", lambda: self.close_others(group, index))
        if group.tabs[index].preview:
            menu.addAction("Keep open", lambda: group.keep(index))
        menu.addSeparator()
        menu.addAction(self._commands.action("workbench.split"))
        menu.addAction(self._commands.action("workbench.reopen"))
        menu.popup(at)

    def _on_tab_dropped(self, group: EditorGroup, carried: str, at: int) -> None:
        source, index = _carried(self.groups, carried)
        if source is None:
            return
        if source is group:
            group.move_tab(index, at)
            return
        tab = source.take_tab(index)
        group.add(tab, at)
        if not source.tabs:
            self._remove_group(source)

    def _on_dropped_at_edge(self, carried: str) -> None:
        source, index = _carried(self.groups, carried)
        if source is None or (len(self.groups) == 1 and len(source.tabs) < 2):
            return
        if len(self.groups) == 1:
            tab = source.take_tab(index)
            self._current = self._split_off()
            self.groups[self._current].add(tab)
        else:
            self._on_tab_dropped(self.groups[1], carried, len(self.groups[1].tabs))


def _carried(groups: list[EditorGroup], carried: str) -> tuple[EditorGroup | None, int]:
    """The group and tab that a drag names; None when it is not one of ours."""
    group, _, index = carried.partition(" ")
    if not (group.isdigit() and index.isdigit() and int(group) < len(groups)):
        return None, -1
    found = groups[int(group)]
    return (found, int(index)) if int(index) < len(found.tabs) else (None, -1)
