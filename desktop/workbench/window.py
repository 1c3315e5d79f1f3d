"""The window's frame: bars, panes and what holds them together. It knows no feature."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMenuBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.core.commands import Commands, tool_tip
from desktop.core.settings import Settings
from desktop.core.store import Store
from desktop.core.theme import Theme
from desktop.workbench.about import AboutBox
from desktop.workbench.activity_bar import ActivityBar
from desktop.workbench.contributions import Activity, Contributions
from desktop.workbench.drops import DropOverlay, paths_of, taker_of
from desktop.workbench.editor_area import EditorArea
from desktop.workbench.engine_status import EngineStatus
from desktop.workbench.hairline import hairline
from desktop.workbench.logo import logo_icon
from desktop.workbench.menus import fill_menus
from desktop.workbench.notifications import Notifications
from desktop.workbench.palette import Palette
from desktop.workbench.panel import Panel
from desktop.workbench.splitter import Splitter
from desktop.workbench.status_bar import StatusBar
from desktop.workbench.switcher import Switcher
from desktop.workbench.toasts import BellList, Toasts
from desktop.workbench.top_bar import TopBar
from desktop.workbench.window_commands import add_window_commands

NARROW = 1100  # px; below it the side bar starts hidden


class Window(QWidget):
    """`editors`, `panel`, `status`, `activities` and `palette` are what features use of it."""

    closing = Signal()

    def __init__(
        self,
        *,
        theme: Theme,
        commands: Commands,
        settings: Settings,
        store: Store,
        notifications: Notifications,
        contributions: Contributions,
    ) -> None:
        super().__init__()
        self.theme, self.commands, self.settings = theme, commands, settings
        self._notifications, self.contributions = notifications, contributions
        self._side_bars: dict[str, QWidget] = {}
        self._active = ""
        self._grown = 0
        self.may_close: Callable[[], bool] = lambda: True
        self.setObjectName("Window")
        self.setWindowTitle("Adapter Studio")
        self.setWindowIcon(logo_icon(theme))
        self.setMinimumSize(1024, 640)
        self.setAcceptDrops(True)
        add_window_commands(self, contributions, store)
        self.editors = EditorArea(theme, commands, settings, contributions)
        self.panel = Panel(theme, settings, contributions)
        self.status = StatusBar(theme)
        self.activities = ActivityBar(theme)
        self.side = QStackedWidget()
        self.side.setProperty("surface", "side")
        self._menus = QMenuBar()
        self._menus.setNativeMenuBar(False)
        self._menus.setAccessibleName("Menu bar")
        self.top = TopBar(theme, commands, self._menus)
        self._lay_out()
        self.palette_box = Palette(theme, commands, contributions, self)
        self.switcher = Switcher(theme, self.editors, self)
        self.overlay = DropOverlay(theme, self, self._outer)
        self.toasts = Toasts(theme, notifications, self)
        self._engine_status = EngineStatus(self.status, store, commands, notifications)
        self._connect()

    def _lay_out(self) -> None:
        self._activity_row = Splitter(self.theme, Qt.Orientation.Horizontal)
        self._outer = Splitter(self.theme, Qt.Orientation.Vertical)
        self._outer.addWidget(self.editors)
        self._outer.addWidget(self.panel)
        self._outer.setStretchFactor(0, 1)
        self.panel.setMinimumHeight(self.theme.px(96))
        self.side.setMinimumWidth(self.theme.px(200))
        self.side.setMaximumWidth(self.theme.px(480))
        self._activity_row.addWidget(self.side)
        self._activity_row.addWidget(self._outer)
        self._activity_row.setStretchFactor(1, 1)
        middle = QWidget()
        row = QHBoxLayout(middle)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.activities)
        row.addWidget(hairline(vertical=True))
        row.addWidget(self._activity_row, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.top, hairline()):
            column.addWidget(widget)
        column.addWidget(middle, 1)
        column.addWidget(hairline())
        column.addWidget(self.status)

    def _connect(self) -> None:
        self.activities.chosen.connect(self._on_activity)
        self.panel.close_asked.connect(lambda: self.show_panel(False))
        self.panel.grow_asked.connect(self._grow_panel)
        self._activity_row.splitterMoved.connect(self._save_sizes)
        self._outer.splitterMoved.connect(self._save_sizes)
        self.editors.active_changed.connect(self.commands.refresh)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus)

    def fill(self) -> None:
        """Read the contributions and restore the last layout; once, before the first show."""
        for activity in self.contributions.activities:
            self.activities.add(activity, tool_tip(self.commands.get(f"{activity.id}.show")))
        self.panel.fill()
        fill_menus(self._menus, self.commands, self.contributions)
        self.addActions([self.commands.action(command.id) for command in self.commands])
        self._restore_layout()
        self.editors.restore()
        welcome, key = self.contributions.welcome
        if (
            welcome
            and self.editors.active_tab is None
            and not self.settings.get("workbench.used", False)
        ):
            self.editors.open(welcome, key)
        self.settings.set("workbench.used", True)

    def _restore_layout(self) -> None:
        get, px = self.settings.get, self.theme.px
        geometry = get("workbench.geometry", "")
        if geometry:
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode()))
        else:
            screen = self.screen().availableGeometry()
            self.resize(min(1440, screen.width()), min(900, screen.height()))
        side = get("workbench.side-bar.size", px(264) - 1)
        panel = get("workbench.panel.size", px(156) - 1)
        self._activity_row.setSizes([side, max(self.width() - px(48) - 1 - side, 1)])
        self._outer.setSizes([max(self.height() - px(60) - 1 - panel, 1), panel])
        narrow = self.width() < NARROW
        ids = [activity.id for activity in self.contributions.activities]
        wanted = get("workbench.activity", ids[0] if ids else "")
        self.show_panel(get("workbench.panel.shown", False))
        if wanted in ids:
            self.show_activity(wanted)
        self.show_side_bar(get("workbench.side-bar.shown", not narrow) and bool(ids))

    # Side bar and panel.

    def show_activity(self, id: str, *, focus: bool = False) -> None:
        """Bring its side bar to the front, making it now if need be."""
        activity = self._activity(id)
        if activity is None:
            return
        if activity.run is not None:
            activity.run()
            return
        if id not in self._side_bars:
            self._side_bars[id] = activity.side_bar()
            self.side.addWidget(self._side_bars[id])
        self._active = id
        self.settings.set("workbench.activity", id)
        self.side.setCurrentWidget(self._side_bars[id])
        self.show_side_bar(True)
        if focus:
            self.focus_side_bar()

    def _activity(self, id: str) -> Activity | None:
        return next((each for each in self.contributions.activities if each.id == id), None)

    def _on_activity(self, id: str) -> None:
        if id == self._active and not self.side.isHidden():
            self.show_side_bar(False)
        else:
            self.show_activity(id)

    @property
    def activity(self) -> str:
        return self._active

    def side_bar(self, id: str) -> QWidget | None:
        """The side bar of an activity, if it was ever shown."""
        return self._side_bars.get(id)

    def show_side_bar(self, shown: bool) -> None:
        if shown and not self._side_bars and self.contributions.activities:
            self.show_activity(self.contributions.activities[0].id)
        self.side.setVisible(shown)
        self.activities.set_active(self._active if shown else "")
        self.settings.set("workbench.side-bar.shown", shown)
        icon = "layout-sidebar-left" if shown else "layout-sidebar-left-off"
        self.top.toggles["workbench.side-bar"].set_icon(icon)

    def focus_side_bar(self) -> None:
        self.show_side_bar(True)
        current = self.side.currentWidget()
        focus_first = getattr(current, "focus_first", None)
        if focus_first is not None:
            focus_first()

    def show_panel(self, shown: bool, tab: str = "", *, focus: bool = False) -> None:
        """Show or hide the bottom panel, at a tab if one is named."""
        self.panel.setVisible(shown)
        if shown:
            if tab:
                self.panel.show_tab(tab)
            else:
                self.panel.show_active()
        self.settings.set("workbench.panel.shown", shown)
        icon = "layout-panel" if shown else "layout-panel-off"
        self.top.toggles["workbench.panel"].set_icon(icon)
        if focus:
            self.panel.focus_first()

    def _grow_panel(self) -> None:
        sizes = self._outer.sizes()
        if self._grown:
            self._outer.setSizes([sum(sizes) - self._grown, self._grown])
            self._grown = 0
        else:
            self._grown = sizes[1]
            self._outer.setSizes([sum(sizes) // 3, sum(sizes) * 2 // 3])
        self.panel.set_grown(bool(self._grown))

    def _save_sizes(self) -> None:
        if not self.side.isHidden():
            self.settings.set("workbench.side-bar.size", self.side.width())
        if not self.panel.isHidden() and not self._grown:
            self.settings.set("workbench.panel.size", self.panel.height())

    # Focus.

    def focus_region(self, by: int) -> None:
        """F6: activity bar, side bar, editor, panel, status bar."""
        regions: list[tuple[QWidget, Callable[[], object]]] = [
            (self.activities, self.activities.focus_first),
            (self.side, self.focus_side_bar),
            (self.editors, lambda: self.editors.groups[0].focus()),
            (self.panel, self.panel.focus_first),
            (self.status, self.status.focus_first),
        ]
        shown = [(widget, focus) for widget, focus in regions if widget.isVisible()]
        now = QApplication.focusWidget()
        at = next((i for i, (w, _) in enumerate(shown) if now and w.isAncestorOf(now)), -by)
        shown[(at + by) % len(shown)][1]()

    def _on_focus(self, old: QWidget | None, new: QWidget | None) -> None:
        self.editors.note_focus(new)
        self.commands.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if QApplication.focusWidget() is None:
            self.editors.groups[0].focus()

    def show_about(self) -> None:
        AboutBox(self.theme, self).exec()

    def show_bell(self) -> None:
        popup = BellList(self.theme, self._notifications, self)
        corner = self.status.mapToGlobal(self.status.rect().topRight())
        popup.move(corner.x() - popup.width() - 8, corner.y() - popup.height() - 8)
        popup.show()
        self._notifications.mark_read()

    # Files over the window.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        found = taker_of(self.contributions, paths_of(event.mimeData()))
        if found is not None:
            event.acceptProposedAction()
            self.overlay.show_line(found[1])

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.overlay.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.overlay.hide()
        event.acceptProposedAction()
        self.take_paths(paths_of(event.mimeData()))

    def take_paths(self, paths: tuple[Path, ...]) -> bool:
        """Hand files to whoever takes them: a drop, Ctrl+O, or the command line."""
        found = taker_of(self.contributions, paths)
        if found is not None:
            found[0].drop(paths)
        return found is not None

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.overlay.hide()
        super().resizeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.may_close():
            event.ignore()
            return
        geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        self.settings.set("workbench.geometry", geometry)
        self.settings.save()
        self.closing.emit()
        super().closeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ActivationChange:
            self.commands.refresh()
        super().changeEvent(event)
