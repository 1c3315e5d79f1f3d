"""What can be asked of a job."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from desktop.app import App
from desktop.core import formatting
from engine.protocol.jobs import Job, JobKind, JobState

EDITORS = {
    JobKind.TRAIN: "run",
    JobKind.KEEP_CHECKPOINT: "run",
    JobKind.IMPORT_DATASET: "dataset",
    JobKind.EDIT_DATASET: "dataset",
    JobKind.EXAMINE_DATASET: "dataset",
    JobKind.EXPORT_DATASET: "dataset",
    JobKind.MIX_DATASETS: "dataset",
    JobKind.IMPORT_ADAPTER: "adapter",
    JobKind.ADD_MODEL: "model",
    JobKind.PREPARE_BASE: "model",
}
SHOW_LOG = "output.show-job-log"  # another feature's, which may not be there


class JobActions(QObject):
    def __init__(self, app: App) -> None:
        super().__init__(app)
        self._app = app

    def on_selected(self, act: Callable[[Job], object]) -> None:
        job = self._app.selection.job
        if job is not None:
            act(job)

    def ask(self, job: Job, what: str, then: Callable[[Job], object] | None = None) -> None:
        self._app.client.post(f"/api/jobs/{job.id}/{what}", answer=Job, then=then, owner=self)

    def cancel(self, job: Job) -> None:
        """At once; resuming takes it back."""
        undo = lambda: self.ask(job, "resume")  # noqa: E731
        text = f"'{job.title}' is cancelled."
        self.ask(job, "cancel", lambda _: self._app.notifications.undo(text, undo))

    def bring_forward(self, ids: list[str]) -> None:
        """Each to the front of the queue, the next one once the engine has moved the last."""
        if ids:
            self._app.client.post(
                f"/api/jobs/{ids[0]}/up", answer=Job, owner=self,
                then=lambda job: self.bring_forward(ids[1:]),
            )  # fmt: skip

    def show_log(self, job: Job) -> None:
        self._app.selection.set("job", job.id)
        if SHOW_LOG in self._app.commands:
            self._app.commands.run(SHOW_LOG)
        elif any(tab.id == "output" for tab in self._app.contributions.panels):
            self._app.window.show_panel(True, "output")

    def place(self, job: Job) -> tuple[str, str] | None:
        """Editor kind and key of the record the job makes, if it is there."""
        kind, key = EDITORS.get(job.kind, ""), subject_of(job)
        if kind in self._app.contributions.editors and key in self._app.store.table(kind):
            return kind, key
        return None

    def result(self, job: Job) -> str:
        """What a job that is done has made: "640 rows, no problems"."""
        store = self._app.store
        if job.state is not JobState.DONE or job.kind is JobKind.EXPORT_DATASET:
            return ""
        dataset, run = store.datasets.get(job.subject), store.runs.get(job.subject)
        if dataset is not None:
            found = dataset.finding_count
            problems = formatting.plural(found, "problem") if found else "no problems"
            return f"{formatting.plural(dataset.rows, 'row')}, {problems}"
        if run is not None and run.best_loss is not None:
            return f"validation loss {run.best_loss:.3f}"
        return ""

    def can_open(self) -> bool:
        job = self._app.selection.job
        return job is not None and self.place(job) is not None

    def open_subject(self, job: Job) -> None:
        place = self.place(job)
        if place is not None:
            self._app.open(*place)


def subject_of(job: Job) -> str:
    """The id of its record; a look at one version of a dataset names "id/version"."""
    return job.subject.partition("/")[0] if job.kind is JobKind.EXAMINE_DATASET else job.subject
