"""The platform's own dialogs for files and folders, without waiting in them."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget


def choose_folder(window: QWidget, title: str, then: Callable[[Path], object]) -> QFileDialog:
    """`then` gets the folder; nothing happens when the person turns back."""
    dialog = QFileDialog(window, title)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return _open(dialog, lambda paths: then(paths[0]))


def choose_files(
    window: QWidget, title: str, kinds: list[str], then: Callable[[tuple[Path, ...]], object]
) -> QFileDialog:
    """`kinds` are name filters: "Data files (*.jsonl *.csv)"."""
    dialog = QFileDialog(window, title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.setNameFilters([*kinds, "All files (*)"])
    return _open(dialog, then)


def choose_new_file(
    window: QWidget, title: str, path: Path, kind: str, then: Callable[[Path], object]
) -> QFileDialog:
    """`path` is offered; `kind` is its name filter. The dialog asks before a file is replaced."""
    dialog = QFileDialog(window, title, str(path.parent), kind)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setDefaultSuffix(path.suffix.removeprefix("."))
    dialog.selectFile(path.name)
    return _open(dialog, lambda paths: then(paths[0]))


def _open(dialog: QFileDialog, then: Callable[[tuple[Path, ...]], object]) -> QFileDialog:
    def chosen(files: list[str]) -> None:
        if files:
            then(tuple(Path(file) for file in files))

    dialog.filesSelected.connect(chosen)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog
