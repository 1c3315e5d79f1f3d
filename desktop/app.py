"""App: the parts of the window, built once and handed to every feature.

A feature is a folder in `desktop/features` whose `contribution.py` has `contribute(app)`, named in
FEATURES below. That function only declares; it imports its views inside the functions that make
them, so that the first frame pays for nothing it does not show. What it may declare:

- `app.commands.add(Command(id="runs.stop", title="Runs: Stop Run", icon=…, keys=…, enabled=…,
  reason=…, run=…))`; buttons, menus and the palette then name the id only
- `app.contributions.add_activity(Activity(…))`: an activity and its side bar; its command
  `<id>.show` is made from it
- `app.contributions.add_editor(EditorKind(…))`: what opens in a tab, by `app.open(kind, key)`
- `app.contributions.add_panel(PanelTab(…))`: a tab of the bottom panel
- `app.contributions.add_provider(PaletteProvider(…))`: places that Ctrl+P finds
- `app.contributions.add_drop(DropKind(…))`: files dropped in the window or given to Ctrl+O
- `app.contributions.add_to_menu("Train", ids…)`, `set_welcome(kind)`, `empty_editor`
- `app.window.status.add(…)`: an item of the status bar

Views listen to `app.store` and redraw; they ask the engine through `app.client` and never change
what the window shows in hope: the change comes back as an event.
"""

import importlib
import logging
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from desktop.core.commands import Command, Commands
from desktop.core.engine_client import EngineClient
from desktop.core.engine_process import EngineProcess, EngineState
from desktop.core.selection import Selection
from desktop.core.settings import Settings
from desktop.core.store import Store
from desktop.core.theme import Theme
from desktop.workbench.contributions import Contributions
from desktop.workbench.notifications import Notice, NoticeAction, Notifications
from desktop.workbench.page import Page
from desktop.workbench.window import Window
from engine.protocol.problems import WENT_WRONG, Refused

log = logging.getLogger(__name__)

FEATURES: tuple[str, ...] = (
    "desktop.features.adapters.contribution",
    "desktop.features.chat.contribution",
    "desktop.features.datasets.contribution",
    "desktop.features.jobs.contribution",
    "desktop.features.models.contribution",
    "desktop.features.settings.contribution",
    "desktop.features.training.contribution",
    "desktop.features.welcome.contribution",
)

Contribute = Callable[["App"], None]


class App(QObject):
    """Lives as long as the process. `home` is the data folder."""

    def __init__(self, home: Path, engine_command: list[str] | None = None) -> None:
        super().__init__()
        self.home = home
        self.settings = Settings(home / "desktop.json", self)
        self.theme = Theme(self.settings, self)
        self.theme.apply()
        self.commands = Commands(self.settings, self.theme, self)
        self.client = EngineClient(self)
        self.store = Store(self.client, EngineProcess(home, self, engine_command), self)
        self.selection = Selection(self.store, self)
        self.notifications = Notifications(self)
        self.contributions = Contributions()
        self._gone_notice: Notice | None = None
        self._brought: list[tuple[Path, ...]] = []
        self.window = Window(
            theme=self.theme,
            commands=self.commands,
            settings=self.settings,
            store=self.store,
            notifications=self.notifications,
            contributions=self.contributions,
        )
        self.client.problem.connect(self.notifications.problem)
        self.selection.changed.connect(self.commands.refresh)
        self.store.state_changed.connect(self._on_engine_state)
        for signal in (
            self.store.models_changed,
            self.store.adapters_changed,
            self.store.datasets_changed,
            self.store.runs_changed,
            self.store.jobs_changed,
            self.store.conversations_changed,
            self.store.state_changed,
        ):
            signal.connect(self.commands.refresh)

    def start(self, features: Sequence[Contribute] | None = None) -> None:
        """Let the features contribute, then show what there is of the last time."""
        for contribute in features if features is not None else load_features():
            contribute(self)
        for activity in self.contributions.activities:
            self.commands.add(
                Command(
                    id=f"{activity.id}.show",
                    title=f"View: Show {activity.title}",
                    icon=activity.icon,
                    keys=activity.keys,
                    run=lambda id=activity.id: self.window.show_activity(id, focus=True),  # type: ignore[misc]
                )
            )
            self.contributions.add_to_menu("View", f"{activity.id}.show", group=3)
        self.window.fill()

    def open(
        self, kind: str, key: str = "", *, preview: bool = False, beside: bool = False,
        focus: bool = True,
    ) -> Page:  # fmt: skip
        """Show a page in the editor area; see EditorArea.open."""
        return self.window.editors.open(kind, key, preview=preview, beside=beside, focus=focus)

    def take(self, paths: tuple[Path, ...]) -> None:
        """Files that were brought from outside, as soon as there is an engine to read them."""
        self._brought = [*self._brought, paths]
        self._take_brought()

    def _take_brought(self) -> None:
        if self.store.state is EngineState.READY:
            brought, self._brought = self._brought, []
            for paths in brought:
                self.window.take_paths(paths)

    def _on_engine_state(self) -> None:
        self._take_brought()
        if self._gone_notice is not None:
            self.notifications.remove(self._gone_notice.number)
            self._gone_notice = None
        if self.store.state is EngineState.GONE:
            self._gone_notice = self.notifications.show(
                self.store.why_gone,
                "error",
                NoticeAction("Restart", self.store.connect_engine),
            )

    def crashed(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """The hook for what no handler expected: logged whole, shown as one sentence."""
        if isinstance(error, Refused):
            self.notifications.problem(error.problem)
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        log.error("unexpected error in the window\n%s", text)
        self.notifications.show(
            WENT_WRONG.message,
            "error",
            NoticeAction("Copy details", lambda: QGuiApplication.clipboard().setText(text)),
        )

    def install_crash_hook(self) -> None:
        sys.excepthook = self.crashed


def load_features() -> list[Contribute]:
    """By name: no import of a feature is visible from here, and none imports another."""
    return [importlib.import_module(name).contribute for name in FEATURES]
