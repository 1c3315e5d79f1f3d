"""The context menu of a job's row."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from desktop.app import App
from desktop.features.jobs.jobs_model import JobRow
from desktop.features.jobs.queue_commands import MOVES, WHEN, holds

KEYS = {"jobs.move-up": "Alt+Up", "jobs.move-down": "Alt+Down"}  # the list's own
WORDS = {
    "jobs.up": "Start next",
    "jobs.move-up": "Move up",
    "jobs.move-down": "Move down",
    "jobs.any-time": "Without waiting",
    "jobs.after": "After another job…",
    "jobs.only-idle": "Only while the machine is idle",
    "jobs.only-at-night": "Only at night",
}


def job_menu(app: App, row: JobRow, parent: QWidget) -> QMenu:
    """Everything that can be done with the job now; it is the selected one."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for command, _, text in row.actions:
        if command not in MOVES:
            menu.addAction(text, partial(app.commands.run, command))
    moves = [id for id in MOVES if app.commands.get(id).enabled()]
    if moves:
        menu.addSeparator()
    for id in moves:
        _add(app, menu, id)
    when = [id for id in WHEN if app.commands.get(id).enabled()]
    if when:
        menu.addSeparator()
        starts = menu.addMenu("When to run")
        for id in when:
            action = _add(app, starts, id)
            action.setCheckable(id != "jobs.any-time")
            action.setChecked(holds(app, id))
    if menu.actions():
        menu.addSeparator()
    opens = menu.addAction("Open", partial(app.commands.run, "jobs.open"))
    opens.setEnabled(app.commands.get("jobs.open").enabled())
    menu.addAction("Show log", partial(app.commands.run, "jobs.log"))
    return menu


def _add(app: App, menu: QMenu, id: str) -> QAction:
    keys = f"\t{KEYS[id]}" if id in KEYS else ""
    return menu.addAction(f"{WORDS[id]}{keys}", partial(app.commands.run, id))
