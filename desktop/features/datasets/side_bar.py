"""The Datasets side bar."""

from desktop.app import App
from desktop.features.datasets import wording
from desktop.features.datasets.actions import DatasetActions
from desktop.workbench.rows import Row, Section
from desktop.workbench.side_bar import SideBar
from engine.protocol.jobs import Job, JobKind
from engine.protocol.records import Dataset

ROW_MENU = (
    "datasets.train", "", "datasets.rename", "datasets.reread", "datasets.split",
    "datasets.versions", "datasets.show-file", "", "datasets.export", "datasets.mix", "",
    "datasets.remove",
)  # fmt: skip

NEW = (JobKind.IMPORT_DATASET, JobKind.MIX_DATASETS)  # jobs that make a dataset


class DatasetsSideBar(SideBar):
    def __init__(self, app: App, actions: DatasetActions) -> None:
        super().__init__(
            app.theme,
            app.commands,
            app.settings,
            id="datasets",
            title="Datasets",
            add="datasets.add",
            menu=("datasets.add", "datasets.add-sample", "datasets.mix"),
            row_menu=lambda row: ROW_MENU if row.id in app.store.datasets else (),
            empty="Drop a file to begin.",
            empty_command="datasets.add",
            empty_text="Choose a file",
            hint="Drop a data file or folder\nto add a dataset",
            delete="datasets.remove",
            on_drop=actions.add_paths,
        )
        self._app = app
        self.opened.connect(self._open)
        self.selected.connect(self._select)
        app.store.datasets_changed.connect(self.refresh)
        app.store.jobs_changed.connect(self.refresh)
        app.selection.changed.connect(self._follow)
        self.refresh()

    def refresh(self, ids: object = None) -> None:
        store = self._app.store
        datasets = sorted(store.datasets.values(), key=lambda each: (each.created_at, each.id))
        rows = {each.id: row_of(each, wording.job_of(store, each.id)) for each in datasets}
        coming = [
            coming_row(job)
            for job in store.jobs.values()
            if job.kind in NEW and job.active
            and job.subject not in store.datasets
        ]  # fmt: skip
        mine = [rows[each.id] for each in datasets if not each.sample]
        samples = [rows[each.id] for each in datasets if each.sample]
        self.set_sections(
            (
                Section(id="workspace", title="Workspace", rows=(*mine, *coming)),
                Section(id="samples", title="Samples", rows=tuple(samples)),
            )
        )
        self._follow()

    def _open(self, id: str, keep: bool) -> None:
        if id in self._app.store.datasets:
            self._app.open("dataset", id, preview=not keep, focus=keep)

    def _select(self, id: str) -> None:
        if id in self._app.store.datasets:
            self._app.selection.set("dataset", id)

    def _follow(self) -> None:
        """The page that is shown is the row that is chosen."""
        id = self._app.selection.id("dataset")
        if id and id != self.list.current_id():
            self.list.select(id)


def row_of(dataset: Dataset, job: Job | None) -> Row:
    return Row(
        id=dataset.id,
        title=dataset.name,
        detail=wording.in_short(dataset),
        icon="database",
        tone="teal",
        right=str(dataset.finding_count) if dataset.finding_count else "",
        right_tone="warn",
        progress=job.progress if job is not None else None,
        tip="\n".join(part for part in (dataset.source, wording.version_of(dataset)) if part),
        kind="dataset",
    )


def coming_row(job: Job) -> Row:
    """A dataset that is being read or mixed."""
    return Row(
        id=job.subject,
        title=job.title.removeprefix("Import ").removeprefix("Mix "),
        icon="database",
        tone="text3",
        progress=job.progress,
    )
