"""The menus of the columns' heads and of the + beside the pills."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from desktop.app import App
from desktop.features.chat.names import BASE, adapter_name, ready_models, version_text
from desktop.features.chat.pins import Pins

if TYPE_CHECKING:
    from desktop.features.chat.page import ChatPage

MOST = 12  # adapters in a menu; the palette has them all


def more_menu(app: App, pins: Pins, page: "ChatPage") -> QMenu:
    """The newest adapters without a pill: choosing one pins it and uses it."""
    menu = QMenu(page)
    others = pins.others(page.session.base)
    for id in others[:MOST]:
        action = menu.addAction(label(app, id), partial(page.switch_to, id))
        action.setIcon(app.theme.icon("layers", "violet"))
    if not others:
        menu.addAction("Every adapter of this base has its pill").setEnabled(False)
    menu.addSeparator()
    menu.addAction(app.commands.action("chat.switch"))
    return menu


def column_menu(app: App, pins: Pins, page: "ChatPage", column: int) -> QMenu:
    """Who may answer in the column; the one that does now is ticked."""
    menu = QMenu(page)
    now = page.session.columns[min(column, len(page.session.columns) - 1)]
    shown = pins.shown(page.session.base)
    others = pins.others(page.session.base)[: max(MOST - len(shown), 0)]
    for id in (None, *shown, *others):
        action = menu.addAction(label(app, id), partial(page.set_column, column, id))
        action.setCheckable(True)
        action.setChecked(id == now and not page.blind)
    menu.addAction(app.commands.action("chat.switch"))
    menu.addSeparator()
    if len(ready_models(app.store)) > 1:
        menu.addAction(app.commands.action("chat.base"))
    menu.addAction(app.commands.action("chat.compare"))
    return menu


def label(app: App, adapter: str | None) -> str:
    """A menu would take & for an underlined letter."""
    if adapter is None:
        return BASE
    name = f"{adapter_name(app.store, adapter)} {version_text(app.store, adapter)}"
    return name.replace("&", "&&").strip()
