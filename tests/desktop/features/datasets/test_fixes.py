"""One click puts a sort of finding right, and the toast takes it back."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.features.datasets.page import DatasetPage
from desktop.features.datasets.problems_view import ProblemsView
from engine.protocol.dataset_specs import EditDataset
from engine.protocol.events import DatasetChanged, JobChanged
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.records import RowPage
from tests.desktop.features.conftest import Studio
from tests.desktop.features.records import STATS, TICKETS
from tests.fakes.engine import Asked

EDIT = Job(id="j7", kind=JobKind.EDIT_DATASET, title="Edit tickets.jsonl", subject="d1")
FIXED = replace(
    TICKETS, version=2, sha256="9", change="Removed 2 exact duplicates",
    findings=TICKETS.findings[:1], finding_count=1, finding_counts={"unusable": 1},
)  # fmt: skip


@pytest.fixture
def fixing(studio: Studio) -> Studio:
    studio.engine.answer("POST", "/api/datasets/d1/edits", EDIT, status=202)
    studio.engine.answer("POST", "/api/datasets/d1/restore", TICKETS)
    return studio


def bodies(studio: Studio, path: str) -> list[Asked]:
    return [each for each in studio.engine.asked if each.path == path]


def sent(studio: Studio, qtbot: QtBot, number: int = 1) -> EditDataset:
    """The edit that was asked for as that one."""
    path = "/api/datasets/d1/edits"
    qtbot.waitUntil(lambda: len(bodies(studio, path)) == number)
    edit: EditDataset = bodies(studio, path)[-1].read(EditDataset)
    return edit


def test_a_sort_is_fixed_from_the_page_and_the_toast_restores(
    fixing: Studio,
    page: DatasetPage,
    qtbot: QtBot,
) -> None:
    line = page.inspector.findings.lines[1]
    assert (line.words.text(), line.button.text()) == ("2 exact duplicates", "Remove")
    QTest.mouseClick(line.button, Qt.MouseButton.LeftButton)
    assert sent(fixing, qtbot) == EditDataset(1, fixes=("duplicate",))
    fixing.engine.send(DatasetChanged(FIXED), JobChanged(replace(EDIT, state=JobState.DONE)))
    qtbot.waitUntil(lambda: bool(fixing.app.notifications.notices))
    notice = fixing.app.notifications.notices[-1]
    assert notice.text == "Removed 2 exact duplicates."
    notice.actions[0].run()
    qtbot.waitUntil(lambda: bool(bodies(fixing, "/api/datasets/d1/restore")))
    assert bodies(fixing, "/api/datasets/d1/restore")[0].read(dict) == {"version": 1}


def test_all_sorts_are_fixed_at_once(
    fixing: Studio,
    page: DatasetPage,
    qtbot: QtBot,
) -> None:
    assert page.inspector.fix_all.text() == "Fix all 2"
    assert fixing.app.commands.run("datasets.fix-all")
    assert sent(fixing, qtbot).fixes == ("unusable", "duplicate")


def test_hints_are_not_among_what_is_fixed_at_once(
    fixing: Studio,
    page: DatasetPage,
    qtbot: QtBot,
) -> None:
    hint = replace(TICKETS, version=2, finding_counts={"personal": 4})
    fixing.engine.send(DatasetChanged(hint))
    qtbot.waitUntil(lambda: page.inspector.fix_all.isHidden())
    assert not fixing.app.commands.run("datasets.fix-all")


def test_rows_over_the_limit_are_counted_and_removed(
    fixing: Studio,
    page: DatasetPage,
    qtbot: QtBot,
) -> None:
    long = replace(STATS, longest=900)
    fixing.engine.answer("GET", "/api/datasets/d1/tokens?base=m1", long)
    rows = RowPage((), (1,), 12, 0)
    fixing.engine.answer("GET", "/api/datasets/d1/rows?limit=1&shortest=513&base=m1", rows)
    page.view.show_lengths("m1")
    qtbot.waitUntil(lambda: len(page.inspector.findings.lines) == 3)
    line = page.inspector.findings.lines[2]
    assert line.words.text() == "12 rows over 512 tokens"
    QTest.mouseClick(line.button, Qt.MouseButton.LeftButton)
    assert sent(fixing, qtbot) == EditDataset(1, longer_than=512, base="m1")


def test_a_problem_is_fixed_by_a_click_on_its_offer_or_by_its_key(
    fixing: Studio, qtbot: QtBot
) -> None:
    app = fixing.app
    app.commands.run("problems.show")
    view = app.window.panel.tab("problems")
    assert isinstance(view, ProblemsView)
    qtbot.waitUntil(lambda: len(view.model.rows) == 3)
    assert [each.fix for each in view.model.rows] == [
        "Skip", "Remove 2 exact duplicates", "Remove 2 exact duplicates",
    ]  # fmt: skip
    box = view.list.offer_at(view.list.visualRect(view.model.index(1, 0)), view.model.index(1, 0))
    QTest.mouseClick(view.list.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
    assert sent(fixing, qtbot).fixes == ("duplicate",)
    assert not app.window.editors.is_open("dataset", "d1")
    elsewhere = QPoint(box.left() - 40, box.center().y())
    QTest.mouseClick(view.list.viewport(), Qt.MouseButton.LeftButton, pos=elsewhere)
    assert app.window.editors.is_open("dataset", "d1")
    app.commands.run("problems.earlier")
    assert app.commands.run("problems.ignore")
    assert sent(fixing, qtbot, 2) == EditDataset(1, ignore=("unusable",))
