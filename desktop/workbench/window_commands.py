"""The commands of the frame itself."""

from functools import partial
from typing import TYPE_CHECKING

from desktop.core.commands import Choice, Command, Commands
from desktop.core.engine_process import EngineState
from desktop.core.store import Store
from desktop.workbench.contributions import Contributions

if TYPE_CHECKING:
    from desktop.workbench.window import Window


def add_window_commands(window: "Window", contributions: Contributions, store: Store) -> None:
    commands = window.commands
    _add_palette(window, commands)
    _add_layout(window, commands)
    _add_tabs(window, commands)
    _add_looks(window, commands)
    _add_engine(window, commands, store)
    commands.add(
        Command(id="workbench.about", title="Help: About Adapter Studio", icon="info",
                run=window.show_about)
    )  # fmt: skip
    commands.add(Command(id="workbench.quit", title="File: Quit", keys="Ctrl+Q", run=window.close))
    menu = contributions.add_to_menu
    menu("File", "workbench.save", group=8)
    menu("File", "workbench.close-tab", "workbench.reopen", "workbench.quit", group=9)
    menu("View", "workbench.palette", "workbench.go-to", group=1)
    menu("View", "workbench.side-bar", "workbench.panel", "workbench.split", group=8)
    menu("View", "workbench.theme", "workbench.zoom-in", "workbench.zoom-out",
         "workbench.zoom-reset", group=9)  # fmt: skip
    menu("Window", "workbench.next-tab", "workbench.earlier-tab", "workbench.back",
         "workbench.forward", "workbench.group-1", "workbench.group-2", group=1)  # fmt: skip
    menu("Help", "workbench.about", group=9)
    menu("Window", "workbench.bell", "workbench.restart-engine", group=8)


def _add_palette(window: "Window", commands: Commands) -> None:
    commands.add(
        Command(id="workbench.palette", title="View: Command Palette", icon="search",
                keys=("Ctrl+Shift+P", "F1"), listed=False,
                run=lambda: window.palette_box.open(">")),
        Command(id="workbench.go-to", title="View: Go to…", icon="go-to-file", keys="Ctrl+P",
                run=lambda: window.palette_box.open("")),
        Command(id="workbench.go-to-row", title="View: Go to Row", icon="go-to-file",
                keys="Ctrl+G", run=lambda: window.palette_box.open(":"),
                enabled=lambda: any(p.prefix == ":" for p in window.contributions.providers),
                reason="This page has no rows."),
    )  # fmt: skip


def _add_layout(window: "Window", commands: Commands) -> None:
    commands.add(
        Command(id="workbench.side-bar", title="View: Show or Hide Side Bar", keys="Ctrl+B",
                icon="layout-sidebar-left",
                run=lambda: window.show_side_bar(window.side.isHidden())),
        Command(id="workbench.panel", title="View: Show or Hide Panel", keys="Ctrl+J",
                icon="layout-panel", run=lambda: window.show_panel(window.panel.isHidden())),
        Command(id="workbench.split", title="View: Split Editor", keys="Ctrl+\\",
                icon="split-horizontal", run=lambda: window.editors.split(),
                enabled=lambda: len(window.editors.groups) == 2
                or len(window.editors.groups[0].tabs) > 1,
                reason="Open a second tab first."),
        Command(id="workbench.group-1", title="View: First Editor Group", keys="Ctrl+1",
                run=lambda: window.editors.focus_group(0)),
        Command(id="workbench.group-2", title="View: Second Editor Group", keys="Ctrl+2",
                run=lambda: window.editors.focus_group(1)),
        Command(id="workbench.focus-side-bar", title="View: Focus Side Bar", keys="Ctrl+0",
                run=window.focus_side_bar),
        Command(id="workbench.next-region", title="View: Next Region", keys="F6",
                run=lambda: window.focus_region(1)),
        Command(id="workbench.earlier-region", title="View: Earlier Region", keys="Shift+F6",
                run=lambda: window.focus_region(-1)),
        Command(id="workbench.bell", title="Window: Notifications", icon="bell",
                run=window.show_bell),
    )  # fmt: skip


def _add_tabs(window: "Window", commands: Commands) -> None:
    def primary() -> None:
        page = window.editors.active
        if page is not None and page.primary is not None:
            page.primary()

    def save() -> None:
        page = window.editors.active
        if page is not None and page.save is not None:
            page.save()

    def can(name: str) -> bool:
        return getattr(window.editors.active, name, None) is not None

    commands.add(
        Command(id="workbench.close-tab", title="File: Close Tab", keys="Ctrl+W", icon="close",
                run=lambda: window.editors.close_active(),
                enabled=lambda: window.editors.active_tab is not None,
                reason="No tab is open."),
        Command(id="workbench.reopen", title="File: Reopen Closed Tab", keys="Ctrl+Shift+T",
                run=lambda: window.editors.reopen()),
        Command(id="workbench.save", title="File: Save", keys="Ctrl+S", run=save,
                enabled=lambda: can("save"), reason="This page has nothing to save."),
        Command(id="workbench.primary", title="View: Primary Action of the Page",
                keys="Ctrl+Return", run=primary, enabled=lambda: can("primary"), listed=False),
        Command(id="workbench.used-tab", title="View: Next Tab by Use", keys="Ctrl+Tab",
                run=lambda: window.switcher.step(1), listed=False),
        Command(id="workbench.used-tab-back", title="View: Earlier Tab by Use",
                keys="Ctrl+Shift+Tab", run=lambda: window.switcher.step(-1), listed=False),
        Command(id="workbench.next-tab", title="View: Next Tab", keys="Ctrl+PgDown",
                run=lambda: window.editors.step(1)),
        Command(id="workbench.earlier-tab", title="View: Earlier Tab", keys="Ctrl+PgUp",
                run=lambda: window.editors.step(-1)),
        Command(id="workbench.back", title="View: Back", keys="Alt+Left", icon="arrow-left",
                run=lambda: window.editors.travel(-1)),
        Command(id="workbench.forward", title="View: Forward", keys="Alt+Right",
                icon="arrow-right", run=lambda: window.editors.travel(1)),
    )  # fmt: skip


def _add_looks(window: "Window", commands: Commands) -> None:
    theme = window.theme

    def themes() -> list[Choice]:
        titles = {"dark": "Dark", "light": "Light", "system": "Follow the System"}
        return [
            Choice(
                id=id,
                title=title,
                icon="color-mode",
                run=partial(theme.choose, id),
                detail="in use" if id == theme.choice else "",
            )
            for id, title in titles.items()
        ]

    commands.add(
        Command(id="workbench.theme", title="View: Colour Theme", keys="Ctrl+K, Ctrl+T",
                icon="color-mode", choices=themes),
        Command(id="workbench.zoom-in", title="View: Zoom In", keys=("Ctrl+=", "Ctrl++"),
                run=lambda: theme.zoom_by(1)),
        Command(id="workbench.zoom-out", title="View: Zoom Out", keys="Ctrl+-",
                run=lambda: theme.zoom_by(-1)),
        Command(id="workbench.zoom-reset", title="View: Actual Size",
                run=lambda: theme.set_zoom(1.0)),
    )  # fmt: skip


def _add_engine(window: "Window", commands: Commands, store: Store) -> None:
    def show_engine() -> None:
        if store.state is EngineState.GONE:
            store.connect_engine()
        elif any(tab.id == "output" for tab in window.contributions.panels):
            window.show_panel(True, "output")

    def show_resources() -> None:
        if any(tab.id == "resources" for tab in window.contributions.panels):
            window.show_panel(True, "resources")

    def show_device() -> None:
        if "settings.show" in commands:
            commands.run("settings.show")

    commands.add(
        Command(id="workbench.restart-engine", title="Window: Restart Engine", icon="refresh",
                run=store.connect_engine, enabled=lambda: store.state is EngineState.GONE,
                reason="The engine runs."),
        Command(id="workbench.engine", title="View: Engine", run=show_engine, listed=False),
        Command(id="workbench.resources", title="View: Resources", run=show_resources,
                listed=False),
        Command(id="workbench.device", title="View: Device", run=show_device, listed=False),
    )  # fmt: skip
