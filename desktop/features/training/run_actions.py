"""What can be asked of a run: requests to the engine and what is said afterwards."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.app import App
from desktop.features.training.draft import Draft
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.records import Run
from engine.protocol.specs import AddPath

ASKED = {"pause": "Pausing", "cancel": "Stopping", "finish": "Finishing"}


class RunActions(QObject):
    """`asked` has what the engine has accepted and the worker has not done yet, by run."""

    asked_changed = Signal(str)  # id of a run

    def __init__(self, app: App, draft: Draft) -> None:
        super().__init__(app)
        self._app, self._draft = app, draft
        self._waiting: dict[str, Callable[[str], object]] = {}  # what follows an import, by job
        self.asked: dict[str, str] = {}
        app.store.datasets_changed.connect(self._on_datasets)
        app.store.jobs_changed.connect(self._on_jobs)
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
        """Asks nothing: the checkpoints stay, and resuming takes it back."""
        text = f"Run {run.number} is stopped. Its checkpoints are kept."
        undo = lambda: self.ask(run, "resume")  # noqa: E731
        self.ask(run, "cancel", lambda job: self._app.notifications.undo(text, undo))

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
        from desktop.features.training.spec_values import values_of

        spec = run.spec
        self._draft.put(base=spec.base, dataset=spec.dataset, name="", preset=spec.preset,
                        origin="", values=values_of(spec))  # fmt: skip
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
            failed=lambda problem: self._end_reading(
                lambda: self._app.client.problem.emit(problem)
            ),
            owner=self,
        )

    def _on_import(self, job: Job) -> None:
        if job.kind is JobKind.IMPORT_DATASET:
            self.when_read(job, lambda dataset: self._draft.put(dataset=dataset))
        else:
            self._end_reading(lambda: self._app.notifications.show(
                "That is not a dataset; it is added all the same.", "information"))  # fmt: skip

    def show(self, run: Run) -> None:
        """Open a run the engine has just made; its event may still be on its way."""
        self._app.open("run", run.id)

    def when_read(self, job: Job, then: Callable[[str], object]) -> None:
        """Call `then` with the id of the dataset that the job makes, once it is there."""
        if job.subject in self._app.store.datasets and job.ended:
            then(job.subject)
        else:
            self._waiting[job.id] = then

    def _on_datasets(self, changed: set[str]) -> None:
        self._look()

    def _on_jobs(self, changed: set[str]) -> None:
        self._look()

    def _look(self) -> None:
        for id, then in list(self._waiting.items()):
            job = self._app.store.jobs.get(id)
            if job is not None and job.subject in self._app.store.datasets:
                del self._waiting[id]
                self._end_reading(lambda then=then, job=job: then(job.subject))  # type: ignore[misc]
            elif job is not None and job.ended and job.state is not JobState.DONE:
                del self._waiting[id]
                self._end_reading(lambda: None)

    def _end_reading(self, then: Callable[[], object]) -> None:
        self._draft.set_reading("")
        then()

    def _on_runs(self, changed: set[str]) -> None:
        for id in changed & self.asked.keys():
            run = self._app.store.runs.get(id)
            if run is None or run.state is not JobState.RUNNING:
                del self.asked[id]
                self.asked_changed.emit(id)
        for id in changed - self._app.store.runs.keys():
            self._app.window.editors.close_page("run", id)
