"""Says when a run has ended: as a toast where its page is not in front, and to the desktop."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from desktop.app import App
from desktop.core import formatting
from desktop.features.training.run_words import loss
from desktop.workbench.notifications import NoticeAction
from engine.protocol.jobs import Job, JobState
from engine.protocol.records import Run

ENDS = (JobState.DONE, JobState.FAILED)


class EndedRuns(QObject):
    """`tell` gives a title and a sentence to the desktop. What had ended before is not news."""

    def __init__(self, app: App, tell: Callable[[str, str], object]) -> None:
        super().__init__(app)
        self._app, self._tell = app, tell
        self._known: dict[str, JobState] = {}
        app.store.runs_changed.connect(self._on_runs)

    def _on_runs(self, changed: set[str]) -> None:
        for id in changed:
            run = self._app.store.runs.get(id)
            before = self._known.pop(id, None)
            if run is None:
                continue
            self._known[id] = run.state
            if run.state in ENDS and before not in (None, *ENDS):
                self._say(run)

    def _say(self, run: Run) -> None:
        job = self._app.store.jobs.get(run.job)
        sentence = words(run, job)
        done = run.state is JobState.DONE
        self._tell("Training done" if done else "Training failed", sentence)
        tab = self._app.window.editors.active_tab
        if tab is None or (tab.kind, tab.key) != ("run", run.id):
            show = NoticeAction("Open run", lambda: self._app.open("run", run.id))
            self._app.notifications.show(sentence, "done" if done else "error", show)


def words(run: Run, job: Job | None) -> str:
    """ "tickets r16 is trained: validation loss 1.274 after 42 min."."""
    if run.state is JobState.DONE:
        figures = f"validation loss {loss(run.best_loss)}" if run.best_loss is not None else ""
        time = f"after {formatting.duration(run.elapsed_s)}" if run.elapsed_s else ""
        more = " ".join(part for part in (figures, time) if part)
        return f"{run.name} is trained: {more}." if more else f"{run.name} is trained."
    problem = job.problem if job is not None else None
    return f"{run.name} has failed: {problem.message}" if problem else f"{run.name} has failed."
