"""What features bring to the frame, as plain declarations; widgets are made when first shown."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QWidget

from desktop.core.tokens import Token
from desktop.workbench.page import Page

MENUS = ("File", "Edit", "View", "Train", "Window", "Help")


@dataclass(frozen=True, kw_only=True)
class Activity:
    """An item of the activity bar and its side bar. Its command is `<id>.show`.

    One with `run` does that instead of showing a side bar.
    """

    id: str
    title: str
    icon: str
    order: int
    side_bar: Callable[[], QWidget] = QWidget
    run: Callable[[], object] | None = None
    keys: str = ""
    at_bottom: bool = False


@dataclass(frozen=True, kw_only=True)
class EditorKind:
    """What opens in a tab. `make` gets the key, usually a record's id.

    A restored page may be made before the engine has answered: the record comes with a signal.
    `title` and `there` are asked before the page is made: to name a restored tab, and to leave
    out a tab whose record has gone.
    """

    id: str
    icon: str
    make: Callable[[str], Page]
    tone: Token = "text2"
    title: Callable[[str], str] = lambda key: ""
    there: Callable[[str], bool] = lambda key: True


@dataclass(frozen=True, kw_only=True)
class PanelTab:
    """A tab of the bottom panel; `tools` sit at the right of its header."""

    id: str
    title: str
    order: int
    make: Callable[[], QWidget]
    tools: Callable[[], QWidget] | None = None


@dataclass(frozen=True, kw_only=True)
class PaletteItem:
    """A place to go to."""

    id: str
    title: str
    run: Callable[[], object]
    detail: str = ""
    icon: str = ""
    tone: Token = "text2"


@dataclass(frozen=True, kw_only=True)
class PaletteProvider:
    """Items for one prefix: "" is "go to", others (":", "@", "#") stand before the text."""

    id: str
    items: Callable[[], Iterable[PaletteItem]]
    prefix: str = ""


@dataclass(frozen=True, kw_only=True)
class DropKind:
    """What may be dropped anywhere in the window. `offer` gives the line to show, or ""."""

    id: str
    order: int
    offer: Callable[[tuple[Path, ...]], str]
    drop: Callable[[tuple[Path, ...]], None]


@dataclass(frozen=True)
class MenuEntry:
    command: str
    group: int  # a line between groups
    order: int


class Contributions:
    """The table of all of it; features add at start, the frame reads."""

    def __init__(self) -> None:
        self.activities: list[Activity] = []
        self.editors: dict[str, EditorKind] = {}
        self.panels: list[PanelTab] = []
        self.providers: list[PaletteProvider] = []
        self.drops: list[DropKind] = []
        self.menus: dict[str, list[MenuEntry]] = {name: [] for name in MENUS}
        self.early: list[str] = []  # modules of pages that people open first
        self.welcome: tuple[str, str] = ("", "")
        self.empty_editor: list[str] = ["workbench.go-to", "workbench.palette"]

    def add_activity(self, activity: Activity) -> None:
        self.activities = sorted([*self.activities, activity], key=lambda each: each.order)

    def add_editor(self, kind: EditorKind) -> None:
        self.editors[kind.id] = kind

    def add_panel(self, tab: PanelTab) -> None:
        self.panels = sorted([*self.panels, tab], key=lambda each: each.order)

    def add_provider(self, provider: PaletteProvider) -> None:
        self.providers.append(provider)

    def add_drop(self, kind: DropKind) -> None:
        """The first kind, by order, that offers something for the paths gets them."""
        self.drops = sorted([*self.drops, kind], key=lambda each: each.order)

    def add_to_menu(self, menu: str, *commands: str, group: int = 5) -> None:
        entries = self.menus[menu]
        for command in commands:
            entries.append(MenuEntry(command, group, len(entries)))
        entries.sort(key=lambda each: (each.group, each.order))

    def set_welcome(self, kind: str, key: str = "") -> None:
        """The page shown on a first start."""
        self.welcome = (kind, key)
