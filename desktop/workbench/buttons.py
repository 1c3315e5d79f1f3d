"""Buttons: primary, flat, ghost, link and icon; free ones, or bound to a command."""

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QSizePolicy, QToolButton

from desktop.core.commands import Command, Commands, tool_tip
from desktop.core.theme import Theme, repolish
from desktop.core.tokens import Token

Kind = Literal["primary", "flat", "ghost", "link"]


class Button(QPushButton):
    """A button with a word; `tall` is for a page's primary action where it stands alone."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        *,
        icon: str = "",
        kind: Kind = "flat",
        tall: bool = False,
        run: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(text)
        self._theme = theme
        self._kind: Kind = kind
        self.setProperty("kind", kind)
        self.setProperty("tall", tall)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)
        self.set_icon(icon)
        if run is not None:
            self.clicked.connect(lambda: run())

    def set_kind(self, kind: Kind) -> None:
        """A page has one primary button, which may change."""
        if kind != self._kind:
            self._kind = kind
            self.setProperty("kind", kind)
            self.set_icon(self._icon)
            repolish(self)

    def set_icon(self, icon: str) -> None:
        self._icon = icon
        if icon:
            tone: Token = {"primary": "onButton", "link": "accent"}.get(self._kind, "text")  # type: ignore[assignment]
            self.setIcon(self._theme.icon(icon, tone))
            # Wider than the glyph: Qt puts only 4 px between icon and text, the design 6.
            self.setIconSize(QSize(self._theme.px(24), self._theme.px(16)))
            self.setProperty("glyph", True)


class IconButton(QToolButton):
    """A button without a word: its tool tip and accessible name say what it does."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        name: str,
        *,
        run: Callable[[], object] | None = None,
        tone: Token = "text2",
        size: int = 16,
        box: int = 24,
    ) -> None:
        super().__init__()
        self._theme = theme
        self._size = size
        self._box = box
        self.set_icon(icon, tone)
        self.setToolTip(name)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._resize()
        theme.changed.connect(self._resize)
        if run is not None:
            self.clicked.connect(lambda: run())

    def set_icon(self, icon: str, tone: Token = "text2") -> None:
        self.setIcon(self._theme.icon(icon, tone))

    def _resize(self) -> None:
        side, box = self._theme.px(self._size), self._theme.px(self._box)
        self.setIconSize(QSize(side, side))
        self.setFixedSize(box, box)


def command_button(
    theme: Theme,
    commands: Commands,
    id: str,
    *,
    text: str = "",
    kind: Kind = "flat",
    icon: str | None = None,
    tall: bool = False,
) -> Button:
    """A button that runs a command, is on when the command is, and says why when it is off."""
    command = commands.get(id)
    button = Button(
        theme,
        text or command.name,
        icon=command.icon if icon is None else icon,
        kind=kind,
        tall=tall,
        run=lambda: commands.run(id),
    )
    _bind(button, commands, commands.action(id))
    return button


def command_icon_button(
    theme: Theme,
    commands: Commands,
    id: str,
    *,
    icon: str = "",
    tone: Token = "text2",
    size: int = 16,
    box: int = 24,
) -> IconButton:
    """The same without a word."""
    command = commands.get(id)
    button = IconButton(
        theme,
        icon or command.icon,
        tool_tip(command),
        run=lambda: commands.run(id),
        tone=tone,
        size=size,
        box=box,
    )
    button.setAccessibleName(command.name)
    _bind(button, commands, commands.action(id))
    return button


def _bind(button: QPushButton | QToolButton, commands: Commands, action: QAction) -> None:
    Binding(button, commands.get(action.objectName()), action).follow()


class Binding(QObject):
    """Keeps a button as its command is; goes with the button."""

    def __init__(
        self, button: QPushButton | QToolButton, command: Command, action: QAction
    ) -> None:
        super().__init__(button)
        self._button = button
        self._command = command
        self._action = action
        action.enabledChanged.connect(self.follow)
        button.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Why it is off may change while it stays off: ask when the pointer comes."""
        if event.type() == QEvent.Type.Enter:
            self.follow()
        return False

    def follow(self) -> None:
        on = self._action.isEnabled()
        self._button.setEnabled(on)
        self._button.setToolTip(tool_tip(self._command) if on else self._command.why_off)
