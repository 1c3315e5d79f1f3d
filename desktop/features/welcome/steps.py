"""The three steps: a real drop zone, and quiet previews of what follows."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.app import App
from desktop.core.theme import Theme
from desktop.features.welcome.drop_zone import DropZone
from desktop.features.welcome.previews import ChatPreview, StepHead, TrainPreview
from desktop.workbench.label import Label, Paragraph

STEPS = (
    (
        "Drop data",
        "JSONL, CSV, Parquet or a folder. Columns, chat format and duplicates are found for you.",
    ),
    ("Train", "Choose Quick, Balanced or Thorough. Time and memory are forecast before you start."),
    ("Chat", "Swap adapters in milliseconds and compare their answers with the base model."),
)
GAP = 24


class Steps(QWidget):
    def __init__(self, app: App) -> None:
        super().__init__()
        theme = app.theme
        zone = DropZone(theme, app.commands, lambda paths: app.window.take_paths(paths))
        pictures = (zone, TrainPreview(theme), ChatPreview(theme))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(StepHead(theme, gap=GAP))
        column.addSpacing(theme.px(16))
        row = QHBoxLayout()
        row.setSpacing(theme.px(GAP))
        for picture, (title, text) in zip(pictures, STEPS, strict=True):
            row.addLayout(step(theme, picture, title, text), 1)
        column.addLayout(row)


def step(theme: Theme, picture: QWidget, title: str, text: str) -> QVBoxLayout:
    picture.setFixedHeight(theme.px(128))
    column = QVBoxLayout()
    column.setSpacing(0)
    column.addWidget(picture)
    column.addSpacing(theme.px(16))
    column.addWidget(Label(title, "card"))
    column.addSpacing(theme.px(4))
    column.addWidget(Paragraph(theme, text, "body", "text2"))
    column.addStretch()
    return column
