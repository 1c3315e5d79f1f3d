"""One group of tabs: the strip, its tools, and the page at the front."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.core.theme import Theme
from desktop.workbench.empty_editor import EmptyEditor
from desktop.workbench.hairline import edge_below
from desktop.workbench.page import Page
from desktop.workbench.tabs import TAB_MIME, Tab, TabStrip


class EditorGroup(QWidget):
    """Tabs by position in `tabs`; pages are made when first shown."""

    changed = Signal()  # tabs, their order, their looks or the active one
    focused = Signal()
    emptied = Signal()
    tab_dropped = Signal(str, int)
    dropped_at_edge = Signal(str)
    menu_asked = Signal(int, QPoint)

    def __init__(self, theme: Theme, make_page: Callable[[Tab], Page], empty: EmptyEditor) -> None:
        super().__init__()
        self.tabs: list[Tab] = []
        self.active = -1
        self.used: list[Tab] = []  # the last one used first
        self._theme = theme
        self._make_page = make_page
        self.strip = TabStrip(theme)
        self.strip.currentChanged.connect(self.show_tab)
        self.strip.keep_asked.connect(self.keep)
        self.strip.menu_asked.connect(self.menu_asked)
        self.strip.tab_dropped.connect(self.tab_dropped)
        self.stack = QStackedWidget()
        self._empty = empty
        self.stack.addWidget(empty)
        self.tools = QHBoxLayout()
        self.tools.setContentsMargins(8, 0, 7, 0)
        self.tools.setSpacing(6)
        head = QWidget()
        head.setProperty("surface", "side")
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.strip, 1)
        tool_box = QWidget()
        edge_below(tool_box)
        tool_box.setLayout(self.tools)
        row.addWidget(tool_box)
        head.setLayout(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.stack, 1)
        self.setAcceptDrops(True)

    @property
    def active_tab(self) -> Tab | None:
        return self.tabs[self.active] if 0 <= self.active < len(self.tabs) else None

    def index_of(self, address: tuple[str, str]) -> int:
        """-1 when it is not open here."""
        return next((i for i, tab in enumerate(self.tabs) if tab.address == address), -1)

    def add(self, tab: Tab, at: int | None = None) -> None:
        """Beside the active tab, or at a place; a new preview takes an old one's place."""
        if tab.preview:
            for old, other in enumerate(self.tabs):
                if other.preview:
                    self._drop_page(self.tabs.pop(old))
                    at = old
                    self.active = min(self.active, len(self.tabs) - 1)
                    break
        place = self.active + 1 if at is None else min(at, len(self.tabs))
        self.tabs.insert(place, tab)
        self.show_tab(place)

    def show_tab(self, index: int) -> None:
        if not 0 <= index < len(self.tabs):
            return
        self.active = index
        tab = self.tabs[index]
        self.used = [tab, *(other for other in self.used if other is not tab)]
        page = self._page_of(tab)
        self.stack.setCurrentWidget(page)
        page.shown()
        self._refresh()

    def _page_of(self, tab: Tab) -> Page:
        if tab.page is None:
            page = self._make_page(tab)
            tab.page = page
            self._take(tab, page)
            page.described.connect(lambda: self._describe(tab))
            page.touched.connect(lambda: self._touched(tab))
            self.stack.addWidget(page)
        elif self.stack.indexOf(tab.page) < 0:
            self.stack.addWidget(tab.page)
        return tab.page

    def _take(self, tab: Tab, page: Page) -> None:
        tab.title, tab.icon, tab.tone = page.title, page.icon, page.tone
        tab.modified = page.modified

    def _describe(self, tab: Tab) -> None:
        if tab.page is not None:
            self._take(tab, tab.page)
            self._refresh()

    def _touched(self, tab: Tab) -> None:
        tab.preview = False
        self._refresh()

    def keep(self, index: int) -> None:
        self._touched(self.tabs[index])

    def close_tab(self, index: int) -> Tab:
        """The tab keeps its page only if it has unsaved edits, so that reopening has them."""
        tab = self.take_tab(index)
        if not tab.modified:
            self._drop_page(tab)
        return tab

    def take_tab(self, index: int) -> Tab:
        """Out of this group, page and all."""
        tab = self.tabs.pop(index)
        focus = QApplication.focusWidget()
        had_focus = bool(tab.page and focus and tab.page.isAncestorOf(focus))
        self.used = [other for other in self.used if other is not tab]
        if tab.page is not None:
            self.stack.removeWidget(tab.page)
        if not self.tabs:
            self.active = -1
            self.stack.setCurrentWidget(self._empty)
            self._refresh()
            self.emptied.emit()
        elif index == self.active:
            following = self.used[0] if self.used else self.tabs[min(index, len(self.tabs) - 1)]
            self.show_tab(self.tabs.index(following))
        else:
            self.active -= index < self.active
            self._refresh()
        if had_focus:
            self.focus()
        return tab

    def move_tab(self, old: int, new: int) -> None:
        tab = self.tabs.pop(old)
        self.tabs.insert(new - (old < new), tab)
        self.show_tab(self.tabs.index(tab))

    def _drop_page(self, tab: Tab) -> None:
        self.used = [other for other in self.used if other is not tab]
        if tab.page is not None:
            self.stack.removeWidget(tab.page)
            tab.page.deleteLater()
            tab.page = None

    def _refresh(self) -> None:
        self.strip.show_tabs(self.tabs, self.active)
        self.changed.emit()

    def focus(self) -> None:
        tab = self.active_tab
        if tab is not None and tab.page is not None:
            tab.page.focus_first()
        else:
            self._empty.focus_first()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(TAB_MIME):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        carried = bytes(event.mimeData().data(TAB_MIME).data()).decode()
        event.acceptProposedAction()
        if event.position().x() > self.width() * 2 / 3:
            self.dropped_at_edge.emit(carried)
        else:
            self.tab_dropped.emit(carried, len(self.tabs))
