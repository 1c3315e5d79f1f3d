"""What can be asked of a job."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from desktop.app import App
from desktop.core import formatting
from desktop.core.job_words import ordinal, queue_of
from desktop.features.jobs.start_words import rule_words
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.start_rules import Move, StartRule

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

    def queue(self) -> list[str]:
        """Ids of the queued jobs, in their order."""
        return [job.id for job in queue_of(self._app.store.jobs)]

    def move(self, job: Job, before: str, then: Callable[[Job], object] | None = None) -> None:
        """To the place before that job, or behind all."""
        path = f"/api/jobs/{job.id}/move"
        self._app.client.post(path, Move(before), answer=Job, then=then, owner=self)

    def move_far(self, job: Job, before: str) -> None:
        """A move that a slip of the hand can make: with an Undo."""
        queue = self.queue()
        behind = queue[queue.index(job.id) + 1 :] if job.id in queue else []
        was = behind[0] if behind else ""
        text = f"'{job.title}' is {ordinal(self._place(queue, job, before))} in the queue."
        undo = lambda: self.move(job, was)  # noqa: E731
        self.move(job, before, lambda _: self._app.notifications.undo(text, undo))

    @staticmethod
    def _place(queue: list[str], job: Job, before: str) -> int:
        rest = [id for id in queue if id != job.id]
        return (rest.index(before) if before in rest else len(rest)) + 1

    def start_when(self, job: Job, rule: StartRule) -> None:
        """Another start rule, with an Undo that brings the old one back."""
        old = job.start_rule

        def said(now: Job) -> None:
            words = now.detail if now.state is JobState.QUEUED else rule_words(now)
            text = f"'{job.title}': {words or 'starts when its turn comes'}."
            self._app.notifications.undo(text, lambda: self._put_rule(job, old))

        self._put_rule(job, rule, said)

    def _put_rule(
        self, job: Job, rule: StartRule, then: Callable[[Job], object] | None = None
    ) -> None:
        path = f"/api/jobs/{job.id}/start-rule"
        self._app.client.put(path, rule, answer=Job, then=then, owner=self)

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
