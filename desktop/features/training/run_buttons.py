"""The buttons of a run's header: those that fit its state."""

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.app import App
from desktop.core.commands import tool_tip
from desktop.workbench.buttons import Button, Kind
from engine.protocol.jobs import JobState
from engine.protocol.records import Run

# Command, word and kind; at most one is blue.
PAUSE: tuple[str, str, Kind] = ("runs.pause", "Pause", "flat")
STOP: tuple[str, str, Kind] = ("runs.stop", "Stop", "flat")
RESUME: tuple[str, str, Kind] = ("runs.resume", "Resume", "primary")
AGAIN: tuple[str, str, Kind] = ("runs.again", "Run again with…", "flat")
OPEN: tuple[str, str, Kind] = ("runs.open-adapter", "Open adapter", "primary")

BUTTONS: dict[JobState, tuple[tuple[str, str, Kind], ...]] = {
    JobState.QUEUED: (PAUSE, STOP),
    JobState.RUNNING: (PAUSE, STOP),
    JobState.PAUSED: (STOP, RESUME),
    JobState.INTERRUPTED: (STOP, RESUME),
    JobState.FAILED: (AGAIN,),
    JobState.CANCELLED: (AGAIN, RESUME),
    JobState.DONE: (AGAIN, OPEN),
}


class RunButtons(QWidget):
    """They act on this page's run, whichever run is selected elsewhere."""

    def __init__(self, app: App, key: str) -> None:
        super().__init__()
        self._app, self._key = app, key
        self._state: JobState | None = None
        self._had_focus = False
        self.primary: Callable[[], object] | None = None
        self.shown: list[Button] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(app.theme.px(12))

    def select(self) -> None:
        run = self._app.store.runs.get(self._key)
        self._app.selection.set("run", self._key)
        if run is not None:
            self._app.selection.set("job", run.job)

    def run(self, command: str) -> None:
        self.select()
        self._app.commands.run(command)

    def first(self) -> QWidget | None:
        return next((button for button in self.shown if button.isEnabled()), None)

    def show_run(self, run: Run, *, asked: bool) -> None:
        if run.state is not self._state:
            self._state = run.state
            self._fill(run.state)
        # Qt moves the focus on when its button goes off; it comes back with the next ones.
        self._had_focus |= asked and any(button.hasFocus() for button in self.shown)
        for button in self.shown:
            button.setEnabled(not asked)

    def _fill(self, state: JobState) -> None:
        had_focus = self._had_focus or any(button.hasFocus() for button in self.shown)
        self._had_focus = False
        for button in self.shown:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.shown = []
        # A failed run's band has the button; its key is this page's all the same.
        failed = state is JobState.FAILED
        self.primary = (lambda: self.run("runs.resume")) if failed else None
        for id, text, kind in BUTTONS[state]:
            command = self._app.commands.get(id)
            act = lambda id=id: self.run(id)  # noqa: E731
            button = Button(self._app.theme, text, icon=command.icon, kind=kind, run=act)
            button.setToolTip(tool_tip(command))
            self._row.addWidget(button)
            self.shown.append(button)
            if kind == "primary":
                self.primary = act
        if had_focus and self.shown:
            self.shown[-1].setFocus()
