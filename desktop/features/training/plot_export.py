"""Saves what a run's plots show: as a picture, or as a table."""

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.core.theme import Theme
from engine.protocol.problems import Refused
from engine.protocol.records import MetricPoint

COLUMNS = (
    "step", "epoch", "train_loss", "validation_loss", "learning_rate", "gradient_norm",
    "tokens_per_second", "processor_share", "memory_bytes", "gpu_share", "gpu_memory_bytes", "at",
)  # fmt: skip
MARGIN = 16  # px around a picture and between its parts
FILTERS = {"png": "Picture (*.png)", "csv": "Table (*.csv)"}


def save_picture(widgets: Sequence[QWidget], path: Path, theme: Theme) -> None:
    """The widgets below each other. Raises Refused when the file cannot be written."""
    parts = [widget.grab() for widget in widgets]
    ratio = parts[0].devicePixelRatio()
    sizes = [part.deviceIndependentSize().toSize() for part in parts]
    wide = max(size.width() for size in sizes) + 2 * MARGIN
    high = sum(size.height() + MARGIN for size in sizes) + MARGIN
    picture = QPixmap(round(wide * ratio), round(high * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(theme.colour("editor"))
    painter, top = QPainter(picture), MARGIN
    for part, size in zip(parts, sizes, strict=True):
        painter.drawPixmap(MARGIN, top, part)
        top += size.height() + MARGIN
    painter.end()
    if not picture.save(str(path), "PNG"):
        raise Refused("plots.unwritable", f"'{path}' cannot be written.", "Choose another folder.")


def save_table(points: Sequence[MetricPoint], path: Path) -> None:
    """One line per point, empty where nothing was measured. Raises Refused."""
    _write(path, COLUMNS, ([getattr(point, name) for name in COLUMNS] for point in points))


def save_comparison(runs: Sequence[tuple[int, Sequence[MetricPoint]]], path: Path) -> None:
    """The points of several runs below each other, the run's number first. Raises Refused."""
    rows = (
        [number, *(getattr(point, name) for name in COLUMNS)]
        for number, points in runs
        for point in points
    )
    _write(path, ("run", *COLUMNS), rows)


def _write(path: Path, titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(titles)
            writer.writerows(rows)
    except OSError as error:
        raise Refused(
            "plots.unwritable",
            f"'{path}' cannot be written: {error.strerror}.",
            "Choose another folder.",
        ) from error


def ask_where(parent: QWidget, kind: str, name: str, then: Callable[[Path], object]) -> QFileDialog:
    """A file dialog that does not block; `then` gets the chosen path."""
    dialog = QFileDialog(parent, f"Save as {kind.upper()}")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilter(FILTERS[kind])
    dialog.setDefaultSuffix(kind)
    dialog.selectFile(f"{name}.{kind}")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda chosen: then(Path(chosen)))
    dialog.open()
    return dialog
