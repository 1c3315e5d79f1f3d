"""The menu bar, built from the commands that features put into each menu."""

from PySide6.QtWidgets import QMenu, QMenuBar

from desktop.core.commands import Commands
from desktop.workbench.contributions import Contributions


def fill_menus(bar: QMenuBar, commands: Commands, contributions: Contributions) -> None:
    """Every entry is the command's own action: one title, key and state everywhere."""
    bar.clear()
    for name, entries in contributions.menus.items():
        if not entries:
            continue
        menu = QMenu(name, bar)
        menu.aboutToShow.connect(commands.refresh)
        group = entries[0].group
        for entry in entries:
            if entry.group != group:
                menu.addSeparator()
                group = entry.group
            menu.addAction(commands.action(entry.command))
        bar.addMenu(menu)
