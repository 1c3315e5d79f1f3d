"""Settings page, Output and Resources."""

from PySide6.QtWidgets import QWidget

from desktop.app import App
from desktop.core.commands import Command
from desktop.workbench.contributions import Activity, EditorKind, PanelTab
from desktop.workbench.page import Page


def contribute(app: App) -> None:
    """Add everything the Settings feature brings to the workbench."""
    app.contributions.add_activity(
        Activity(id="settings", title="Settings", icon="settings-gear", order=90, at_bottom=True,
                 keys="Ctrl+,", run=lambda: app.open("settings"))
    )  # fmt: skip
    app.contributions.add_editor(
        EditorKind(id="settings", icon="settings-gear", title=lambda key: "Settings",
                   make=lambda key: page(app))
    )  # fmt: skip
    app.contributions.add_panel(
        PanelTab(id="output", title="Output", order=30, make=lambda: output(app))
    )
    app.contributions.add_panel(
        PanelTab(id="resources", title="Resources", order=40, make=lambda: resources(app))
    )
    app.commands.add(
        Command(id="output.show", title="View: Show Output", icon="output", keys="Ctrl+Shift+U",
                run=lambda: app.window.show_panel(True, "output", focus=True)),
    )  # fmt: skip
    app.contributions.add_to_menu("File", "settings.show", group=7)
    app.contributions.add_to_menu("View", "output.show", group=4)


def page(app: App) -> Page:
    from desktop.features.settings.page import SettingsPage

    return SettingsPage(app)


def output(app: App) -> QWidget:
    from desktop.features.settings.output import Output

    return Output(app)


def resources(app: App) -> QWidget:
    from desktop.features.settings.resources import Resources

    return Resources(app)
