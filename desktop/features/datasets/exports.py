"""Writes a version's rows to a file of the person's, and tells when it is there."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from desktop.app import App
from desktop.core import formatting
from desktop.core.arrivals import Arrivals
from desktop.features.datasets.export_popover import SIDES, FileKind, rows_of
from desktop.workbench.file_choice import choose_new_file
from desktop.workbench.notifications import NoticeAction
from engine.protocol.dataset_specs import ExportRows
from engine.protocol.jobs import Job
from engine.protocol.problems import Problem
from engine.protocol.records import Dataset

FOLDER = "datasets.export-folder"


class Exports(QObject):
    def __init__(self, app: App) -> None:
        super().__init__(app)
        self._app = app
        self._arrivals = Arrivals(app.store, self)

    def ask_file(self, dataset: Dataset, kind: FileKind, split: str) -> None:
        """The platform's dialog, which asks itself before a file is replaced."""
        choose_new_file(
            self._app.window,
            f"Export {dataset.name}",
            self._folder() / file_name(dataset, kind, split),
            f"{kind.title} (*{kind.ending})",
            partial(self.write, dataset, split),
        )

    def _folder(self) -> Path:
        """Where the last export went."""
        folder = Path(self._app.settings.get(FOLDER, ""))
        return folder if folder.is_absolute() and folder.is_dir() else Path.home()

    def write(self, dataset: Dataset, split: str, path: Path) -> None:
        """A file that is there was confirmed in the dialog, so it may be replaced."""
        self._app.settings.set(FOLDER, str(path.parent))
        wanted = ExportRows(
            str(path), dataset.version, split, overwrite=path.exists()  # type: ignore[arg-type]
        )  # fmt: skip

        def accepted(job: Job) -> None:
            rows = rows_of(dataset, split)
            self._arrivals.expect(job, lambda _: self._written(path, rows), self._failed)

        self._app.client.post(f"/api/datasets/{dataset.id}/exports", wanted, answer=Job,
                              then=accepted, failed=self._failed, owner=self)  # fmt: skip

    def _written(self, path: Path, rows: int) -> None:
        size = f" · {formatting.size(path.stat().st_size)}" if path.is_file() else ""
        folder = QUrl.fromLocalFile(str(path.parent))
        self._app.notifications.show(
            f"Exported {formatting.plural(rows, 'row')} to {path.name}{size}",
            "done",
            NoticeAction("Show in Folder", lambda: QDesktopServices.openUrl(folder)),
        )

    def _failed(self, problem: Problem) -> None:
        if problem.code != "jobs.cancelled":
            self._app.notifications.problem(problem)


def file_name(dataset: Dataset, kind: FileKind, split: str) -> str:
    """ "tickets.csv", "tickets-validation.csv"."""
    stem = dataset.name
    for ending in (".gz", ".zip", Path(stem.removesuffix(".gz").removesuffix(".zip")).suffix):
        stem = stem.removesuffix(ending)
    side = f"-{split}" if split in SIDES else ""
    plain = "".join("-" if letter in '/\\:*?"<>|' else letter for letter in stem)
    return f"{plain or 'dataset'}{side}{kind.ending}"
