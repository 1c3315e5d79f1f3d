"""The side bar: the draft and what is under way, then what has ended."""

from pathlib import Path

from desktop.app import App
from desktop.features.training.comparisons import Comparisons
from desktop.features.training.draft import Draft
from desktop.features.training.run_actions import RunActions
from desktop.features.training.run_words import row_of
from desktop.workbench.rows import Row, Section
from desktop.workbench.side_bar import SideBar
from engine.protocol.jobs import ACTIVE, JobState
from engine.protocol.records import Run

DRAFT = "draft"
FIRST = {JobState.RUNNING: 0, JobState.QUEUED: 1}
SAMPLE = "welcome.try-sample"  # another feature's, which may not be there
EMPTY = "No runs yet. A first one takes about 4 minutes with the sample."


class RunsSideBar(SideBar):
    def __init__(
        self, app: App, draft: Draft, actions: RunActions, comparisons: Comparisons
    ) -> None:
        sample = SAMPLE if SAMPLE in app.commands else "runs.new"
        super().__init__(
            app.theme, app.commands, app.settings, id="runs", title="Runs", add="runs.new",
            menu=("runs.new", "runs.compare"), row_menu=self._menu_ids, empty=EMPTY,
            empty_command=sample, empty_text="Try the sample" if sample == SAMPLE else "",
            hint="Drop a dataset to start a run", delete="runs.remove", on_drop=self._on_drop,
        )  # fmt: skip
        self._app, self._draft, self._actions = app, draft, actions
        self._comparisons = comparisons
        self.list.choose_several()
        self.list.chosen.connect(self._on_chosen)
        self.opened.connect(self._open)
        self.selected.connect(self._select)
        app.store.runs_changed.connect(self.refresh)
        app.store.jobs_changed.connect(self.refresh)
        app.store.datasets_changed.connect(self.refresh)
        app.selection.changed.connect(self._follow)
        app.window.editors.active_changed.connect(self._follow)
        draft.changed.connect(self.refresh)
        self.refresh()

    def refresh(self, changed: object = None) -> None:
        jobs = self._app.store.jobs
        active = [run for run in self._app.store.runs.values() if run.state in ACTIVE]
        ended = [run for run in self._app.store.runs.values() if run.state not in ACTIVE]
        active.sort(key=self._order)
        ended.sort(key=lambda run: -run.number)
        rows = [row_of(run, jobs.get(run.job)) for run in active]
        finished = tuple(row_of(run, jobs.get(run.job)) for run in ended)
        self.set_sections(
            (
                Section(id="active", title="Active", rows=(*self._draft_row(), *rows),
                        count=str(len(rows)) if rows else ""),
                Section(id="finished", title="Finished", rows=finished),
            )
        )  # fmt: skip

    def _order(self, run: Run) -> tuple[int, int, float, int]:
        """Running, then queued as they will start, then the rest."""
        job = self._app.store.jobs.get(run.job)
        place = (job.position, job.created_at) if job is not None else (0, 0.0)
        return (FIRST.get(run.state, 2), *place, run.number)

    def _draft_row(self) -> tuple[Row, ...]:
        if not self._draft.exists:
            return ()
        dataset = self._app.store.datasets.get(self._draft.dataset)
        detail = f"Draft · {dataset.name}" if dataset is not None else "Draft"
        return (Row(id=DRAFT, title="New run", detail=detail, icon="edit", tone="text2"),)

    def _open(self, id: str, keep: bool) -> None:
        if id == DRAFT:
            self._app.open("new-run", focus=keep)
        else:
            self._app.open("run", id, preview=not keep, focus=keep)

    def _select(self, id: str) -> None:
        if id and id != DRAFT:
            self._app.selection.set("run", id)
            run = self._app.store.runs.get(id)
            self._app.selection.set("job", run.job if run is not None else "")

    def _on_chosen(self, ids: tuple[str, ...]) -> None:
        self._comparisons.choose(tuple(id for id in ids if id != DRAFT))

    def _follow(self) -> None:
        """The row of the page in front is the current one."""
        tab = self._app.window.editors.active_tab
        if tab is None or self.list.hasFocus():
            return
        id = DRAFT if tab.kind == "new-run" else tab.key if tab.kind == "run" else ""
        if id and self.list.current_id() != id:
            self.list.select(id)

    def _menu_ids(self, row: Row) -> tuple[str, ...]:
        if row.id == DRAFT:
            return ("runs.start", "", "runs.discard")
        if len(self._comparisons.chosen) > 1:
            return ("runs.compare-chosen",)
        return (*self._verbs(row), "", "runs.compare")

    def _verbs(self, row: Row) -> tuple[str, ...]:
        run = self._app.store.runs.get(row.id)
        if run is None:
            return ()
        if run.state in (JobState.QUEUED, JobState.RUNNING):
            return ("runs.pause", "runs.stop", "runs.finish", "", "runs.again")
        if run.state in ACTIVE:
            return ("runs.resume", "runs.stop", "", "runs.again", "runs.remove")
        if run.state is JobState.DONE:
            return ("runs.open-adapter", "runs.again", "", "runs.remove")
        return ("runs.resume", "runs.keep", "runs.open-adapter", "runs.again", "", "runs.remove")

    def _on_removed(self, id: str) -> None:
        self._app.commands.run("runs.discard" if id == DRAFT else "runs.remove")

    def _on_drop(self, paths: tuple[Path, ...]) -> None:
        if paths:
            self._actions.add_file(paths[0])
