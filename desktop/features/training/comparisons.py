"""Which runs are compared: the key of a page, and what the person chose in the side bar."""

from collections.abc import Iterable

from PySide6.QtCore import QObject

from desktop.app import App
from desktop.core.commands import Choice
from desktop.core.tokens import Token
from engine.protocol.records import Run

KIND = "compare-runs"
COLOURS: tuple[Token, ...] = ("accent", "orange", "teal", "violet", "text2")
MOST = len(COLOURS)


def key_of(ids: Iterable[str]) -> str:
    """The page of these runs, each once, at most as many as there are colours."""
    return "+".join(list(dict.fromkeys(ids))[:MOST])


def ids_of(key: str) -> list[str]:
    return [id for id in key.split("+") if id]


class Comparisons(QObject):
    """`chosen` are the ids that are selected together in the side bar."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self._app = app
        self.chosen: tuple[str, ...] = ()

    def choose(self, ids: tuple[str, ...]) -> None:
        """What is selected now; two or more are shown at once, as one row would be."""
        self.chosen = ids
        self._app.commands.refresh()
        if len(ids) > 1:
            self.open(ids, keep=False)

    def open(self, ids: Iterable[str], *, keep: bool = True) -> None:
        self._app.open(KIND, key_of(ids), preview=not keep, focus=keep)

    def shown(self) -> list[str]:
        """The runs of the page in front: those of a comparison, or the one run."""
        tab = self._app.window.editors.active_tab
        if tab is not None and tab.kind == KIND:
            return [id for id in ids_of(tab.key) if id in self._app.store.runs]
        run = self._app.selection.run
        return [run.id] if run is not None else []

    def comparing(self) -> bool:
        tab = self._app.window.editors.active_tab
        return tab is not None and tab.kind == KIND

    def choices(self) -> list[Choice]:
        """Every run that could join those in front, the newest first."""
        now = self.shown()
        runs = sorted(self._app.store.runs.values(), key=lambda run: -run.number)
        return [
            _choice(run, lambda id=run.id: self._replace([*now, id]))
            for run in runs
            if run.id not in now
        ]

    def leaving(self) -> list[Choice]:
        """Every run of the comparison in front, to be taken out."""
        runs = [self._app.store.runs[id] for id in self.shown()] if self.comparing() else []
        return [
            _choice(run, lambda id=run.id: self._replace([i for i in self.shown() if i != id]))
            for run in runs
        ]

    def _replace(self, ids: list[str]) -> None:
        """The page in front gives way to that of the other runs."""
        tab = self._app.window.editors.active_tab
        before = tab.key if tab is not None and tab.kind == KIND else ""
        self.open(ids)
        if before and before != key_of(ids):
            self._app.window.editors.close_page(KIND, before)


def _choice(run: Run, act: object) -> Choice:
    return Choice(
        id=run.id,
        title=f"{run.number} {run.name}",
        detail=run.dataset_name,
        icon="pulse",
        run=act,  # type: ignore[arg-type]
    )
