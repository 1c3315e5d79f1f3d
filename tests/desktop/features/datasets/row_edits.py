"""What a person does to the rows of a table, and what becomes of it."""

from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from desktop.features.datasets.page import DatasetPage
from desktop.features.datasets.rows_model import MARK
from engine.protocol.dataset_specs import EditDataset
from tests.desktop.features.conftest import Studio
from tests.desktop.features.records import TICKETS

Key, Mod = Qt.Key, Qt.KeyboardModifier
EDITS, RESTORE = "/api/datasets/d1/edits", "/api/datasets/d1/restore"
NEXT = replace(TICKETS, version=2, sha256="2", change="Edited 1 row")
TALK = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]


def center(page: DatasetPage, row: int, column: int) -> QPoint:
    return page.table.visualRect(page.rows.index(row, column)).center()


def double_click(page: DatasetPage, row: int, column: int) -> None:
    at, view = center(page, row, column), page.table.viewport()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=at)


def write(page: DatasetPage, row: int, column: int, text: str) -> None:
    double_click(page, row, column)
    page.editing.cell.setPlainText(text)
    QTest.keyClick(page.editing.cell, Key.Key_Return, Mod.ControlModifier)


def marks(page: DatasetPage, row: int) -> list[str]:
    return [page.rows.index(row, column).data(MARK) for column in range(4)]


def dots(studio: Studio) -> list[bool]:
    (group,) = studio.app.window.editors.groups
    return [tab.modified for tab in group.tabs if tab.kind == "dataset"]


def saved(studio: Studio) -> EditDataset:
    sent = [each for each in studio.engine.asked if each.path == EDITS]
    found: EditDataset = sent[-1].read(EditDataset)
    return found
