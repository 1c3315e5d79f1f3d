"""What can be done with datasets."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from desktop.app import App
from desktop.core.arrivals import Arrivals
from desktop.workbench.file_choice import choose_files
from desktop.workbench.imports import Imports, whole_thing
from desktop.workbench.record_changes import RecordChanges
from engine.protocol.data_files import DOCUMENT_ENDINGS, PACKED_ENDINGS, TABLE_ENDINGS, split_of
from engine.protocol.dataset_specs import AddDataset
from engine.protocol.jobs import Job, JobKind
from engine.protocol.records import Dataset
from engine.protocol.specs import AddPath

DATA = " ".join(f"*{ending}" for ending in (*TABLE_ENDINGS, *PACKED_ENDINGS, *DOCUMENT_ENDINGS))
FILTERS = [f"What can be added ({DATA} *.gguf *.safetensors)", f"Data files ({DATA})"]


def belong_together(paths: Sequence[Path]) -> bool:
    """Whether they are the splits of one dataset: several files, each naming another split."""
    splits = [split_of(path.name) for path in paths]
    return len(splits) > 1 and all(splits) and len(set(splits)) == len(splits)


class DatasetActions(QObject):
    """The commands' bodies; they act on the selected dataset."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self._app = app
        self._imports = Imports(app.client, app.store, app.notifications, self)
        self._arrivals = Arrivals(app.store, self)
        self._changes = RecordChanges(app.theme, app.client, app.notifications, app.window)

    def ask_files(self) -> None:
        """What kind of thing it is, is decided from its content."""
        choose_files(self._app.window, "Add a file", FILTERS, self.take)

    def take(self, paths: tuple[Path, ...]) -> None:
        for path in paths:
            self._app.window.take_paths((whole_thing(path),))

    def add_paths(self, paths: tuple[Path, ...]) -> None:
        if not belong_together(paths):
            self.add("dataset", *paths)
            return
        first, *more = map(str, paths)
        wanted = AddPath(first, kind="dataset", parts=tuple(more))
        self._imports.add(wanted, self._open, begun=self._show_reading)

    def add(self, kind: str, *paths: Path) -> None:
        """Each becomes a dataset; its page opens when it is there. Kind "" lets the engine tell."""
        for path in paths:
            wanted = AddPath(path=str(path), kind=kind)  # type: ignore[arg-type]
            self._imports.add(wanted, self._open, begun=self._show_reading)

    def _show_reading(self, job: Job) -> None:
        """The page opens at once with the first rows, while the others are read."""
        if job.kind is JobKind.IMPORT_DATASET and job.active:
            self._app.open("dataset", job.subject)

    def add_sample(self) -> None:
        sample = next((each for each in self._app.store.datasets.values() if each.sample), None)
        if sample is not None:
            self._open(sample.id)
            return
        failed = self._app.notifications.problem
        self._app.client.post(
            "/api/datasets",
            AddDataset(sample=True),
            answer=Job,
            then=lambda job: self._arrivals.expect(job, self._open, failed),
            owner=self,
        )

    def _open(self, id: str) -> None:
        """Problems come forward with the page when there are some."""
        for kind, table in (("dataset", self._app.store.datasets),
                            ("model", self._app.store.models),
                            ("adapter", self._app.store.adapters)):  # fmt: skip
            if id in table and kind in self._app.contributions.editors:
                self._app.open(kind, id)
        dataset = self._app.store.datasets.get(id)
        if dataset is not None and dataset.finding_count:
            self._app.window.show_panel(True, "problems")

    def train(self, dataset: Dataset) -> None:
        self._app.selection.set("dataset", dataset.id)
        self._app.commands.run("runs.new")

    def remove(self, dataset: Dataset) -> None:
        close = lambda: self._app.window.editors.close_page("dataset", dataset.id)  # noqa: E731
        self._changes.remove("datasets", dataset.id, dataset.name, close)

    def rename(self, dataset: Dataset) -> None:
        self._changes.rename("datasets", dataset.id, dataset.name)

    def reread(self, dataset: Dataset) -> None:
        """A new version from the file as it is now."""
        self._app.client.patch(
            f"/api/datasets/{dataset.id}", {"mapping": dataset.mapping}, owner=self
        )

    def show_file(self, dataset: Dataset) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(dataset.source).parent)))
