"""Commands: everything a person can do, once, by id."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence

from desktop.core.settings import Settings
from desktop.core.theme import Theme

RECENT = 12


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One answer to a command that asks which."""

    id: str
    title: str
    run: Callable[[], object]
    detail: str = ""
    icon: str = ""


@dataclass(frozen=True, kw_only=True)
class Command:
    """`title` reads "Kind: Verb Object"; the part after the colon is its name on buttons.

    `reason` says why it is off, as a sentence. With `choices`, `run` is what happens
    outside the palette (a key or a button): leave it out and the palette asks.
    """

    id: str
    title: str
    run: Callable[[], object] | None = None
    icon: str = ""
    keys: str | tuple[str, ...] = ()
    enabled: Callable[[], bool] = lambda: True
    reason: str | Callable[[], str] = ""
    choices: Callable[[], list[Choice]] | None = None
    listed: bool = True  # in the palette

    @property
    def name(self) -> str:
        return self.title.split(": ", 1)[-1]

    @property
    def why_off(self) -> str:
        return self.reason if isinstance(self.reason, str) else self.reason()


class Commands(QObject):
    """The table of commands and one QAction for each."""

    asked = Signal(str)  # a command with choices was called outside the palette
    ran = Signal(str)
    added = Signal(str)

    def __init__(self, settings: Settings, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._theme = theme
        self._commands: dict[str, Command] = {}
        self._actions: dict[str, QAction] = {}
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._refresh)

    def add(self, *commands: Command) -> None:
        """Ids are unique; two commands may share a key only if never both are enabled."""
        for command in commands:
            if command.id in self._commands:
                raise ValueError(f"command {command.id} is there twice")
            self._commands[command.id] = command
            self._actions[command.id] = self._make_action(command)
            self.added.emit(command.id)
        self.refresh()

    def _make_action(self, command: Command) -> QAction:
        action = QAction(command.name, self)
        action.setObjectName(command.id)
        action.setShortcuts([QKeySequence(key) for key in keys_of(command)])
        if command.icon:
            action.setIcon(self._theme.icon(command.icon))
        action.setToolTip(tool_tip(command))
        action.triggered.connect(lambda: self.run(command.id))
        return action

    def get(self, id: str) -> Command:
        return self._commands[id]

    def __contains__(self, id: str) -> bool:
        return id in self._commands

    def __iter__(self) -> Iterator[Command]:
        return iter(tuple(self._commands.values()))

    def action(self, id: str) -> QAction:
        return self._actions[id]

    def run(self, id: str) -> bool:
        """False when it is off just now; then nothing happened."""
        command = self._commands[id]
        if not command.enabled():
            return False
        if command.run is None:
            self.asked.emit(id)
            return True
        self.note_use(id)
        command.run()
        self.ran.emit(id)
        self.refresh()
        return True

    def note_use(self, id: str) -> None:
        recent = [id, *(old for old in self.recent() if old != id)][:RECENT]
        self._settings.set("commands.recent", list(recent))

    def recent(self) -> list[str]:
        """Ids, the last one used first."""
        recent: list[str] = self._settings.get("commands.recent", [])
        return [id for id in recent if id in self._commands]

    def refresh(self) -> None:
        """Ask every command soon whether it is enabled; cheap, call it whenever things change."""
        self._timer.start()

    def _refresh(self) -> None:
        for id, command in self._commands.items():
            self._actions[id].setEnabled(command.enabled())


def keys_of(command: Command) -> tuple[str, ...]:
    keys = (command.keys,) if isinstance(command.keys, str) else command.keys
    return tuple(key for key in keys if key)


def keys_text(command: Command) -> str:
    """The first of its keys as this platform writes them."""
    keys = keys_of(command)
    if not keys:
        return ""
    return QKeySequence(keys[0]).toString(QKeySequence.SequenceFormat.NativeText)


def tool_tip(command: Command) -> str:
    """Its name and its keys."""
    keys = keys_text(command)
    return f"{command.name} ({keys})" if keys else command.name
