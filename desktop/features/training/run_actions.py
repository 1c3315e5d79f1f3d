"""What can be asked of a run: requests to the engine and what is said afterwards."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.app import App
from desktop.core.arrivals import Arrivals
from desktop.features.training.draft import CUSTOM, Draft
from desktop.features.training.spec_values import preset_like, values_of
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.problems import Problem
from engine.protocol.records import Run
from engine.protocol.specs import AddPath

ASKED = {"pause": "Pausing", "stop": "Stopping", "finish": "Finishing"}


class RunActions(QObject):
    """`asked` has what the engine has accepted and the worker has not done yet, by run."""

    asked_changed = Signal(str)  # id of a run

    def __init__(self, app: App, draft: Draft) -> None:
        super().__init__(app)
        self._app, self._draft = app, draft
        self._arrivals = Arrivals(app.store, self)
        self.asked: dict[str, str] = {}
        app.store.runs_changed.connect(self._on_runs)

    def ask(self, run: Run, what: str, then: Callable[[Job], object] | None = None) -> None:
        """`what` is the last part of the job's route: pause, resume, cancel, finish."""

        def accepted(job: Job) -> None:
            if what in ASKED and job.state is JobState.RUNNING:
                self.asked[run.id] = ASKED[what]
                self.asked_changed.emit(run.id)
            if then is not None:
                then(job)

        self._app.client.post(f"/api/jobs/{run.job}/{what}", answer=Job, then=accepted, owner=self)

    def stop(self, run: Run) -> None:
        """Asks nothing: its best checkpoint becomes an adapter, and resuming takes it back."""
        kept = " Its best checkpoint becomes an adapter." if run.checkpoints or run.step else ""
        text = f"Run {run.number} is stopped.{kept}"
        undo = lambda: self.ask(run, "resume")  # noqa: E731
        self.ask(run, "stop", lambda job: self._app.notifications.undo(text, undo))

    def keep(self, run: Run) -> None:
        """Make an adapter of the best checkpoint of a run that has ended without one."""
        text = f"The best checkpoint of run {run.number} becomes an adapter."
        self.ask(run, "stop", lambda job: self._app.notifications.show(text))

    def remove(self, run: Run) -> None:
        def removed(answer: dict[str, str]) -> None:
            trash = answer["undo"]
            self._app.notifications.undo(
                f"Run {run.number} is deleted.",
                lambda: self._app.client.post(f"/api/trash/{trash}/restore", owner=self),
            )

        self._app.client.delete(
            f"/api/runs/{run.id}", answer=dict[str, str], then=removed, owner=self
        )

    def open_adapter(self, run: Run) -> None:
        self._app.selection.set("adapter", run.adapter)
        self._app.open("adapter", run.adapter)

    def new(self, *, base: str = "", dataset: str = "") -> None:
        """Open the draft, begun with these."""
        self._draft.begin(base=base, dataset=dataset)
        self._app.open("new-run")

    def again(self, run: Run) -> None:
        """A draft with another run's settings; the name is left open."""
        spec = run.spec
        values = values_of(spec)
        like = preset_like(values, self._app.store.presets)
        self._draft.put(base=spec.base, dataset=spec.dataset, name="", preset=like or CUSTOM,
                        origin="" if like else spec.preset, values=values)  # fmt: skip
        self._app.open("new-run")

    # Data that is still to be read.

    def add_file(self, path: Path) -> None:
        """Add a file and put its dataset into the draft once it is read."""
        self.new()
        self._draft.set_reading(path.name)
        self._app.client.post(
            "/api/imports",
            AddPath(path=str(path)),
            answer=Job,
            then=self._on_import,
            failed=self._not_added,
            owner=self,
        )

    def _not_added(self, problem: Problem) -> None:
        self._draft.set_reading("")
        self._app.notifications.problem(problem)

    def _on_import(self, job: Job) -> None:
        if job.kind is not JobKind.IMPORT_DATASET:
            self._draft.set_reading("")
            text = "That is not a dataset; it is added all the same."
            self._app.notifications.show(text)
            return
        self._arrivals.expect(job, self._take_dataset, lambda problem: self._draft.set_reading(""))

    def _take_dataset(self, dataset: str) -> None:
        self._draft.set_reading("")
        self._draft.put(dataset=dataset)

    def show(self, run: Run) -> None:
        """Open a run the engine has just made; its event may still be on its way."""
        self._app.open("run", run.id)

    def _on_runs(self, changed: set[str]) -> None:
        for id in changed & self.asked.keys():
            run = self._app.store.runs.get(id)
            if run is None or run.state is not JobState.RUNNING:
                del self.asked[id]
                self.asked_changed.emit(id)
        for id in changed - self._app.store.runs.keys():
            self._app.window.editors.close_page("run", id)
