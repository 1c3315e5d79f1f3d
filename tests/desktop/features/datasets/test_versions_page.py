from typing import cast

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from desktop.features.datasets.mix_page import MixPage
from desktop.features.datasets.page import DatasetPage
from desktop.features.datasets.split_popover import BUSY, SplitPopover
from desktop.features.datasets.versions_page import VersionsPage
from desktop.workbench.side_bar import SideBar
from engine.protocol.dataset_specs import EditDataset, MixDatasets, SplitSpec
from engine.protocol.events import DatasetChanged, JobChanged
from engine.protocol.jobs import JobKind, JobState
from engine.protocol.problems import Problem
from engine.protocol.records import DatasetDiff
from tests.desktop.features.conftest import Studio
from tests.desktop.features.records import SAMPLE, TICKETS, job

SECOND = replace(TICKETS, version=2, sha256="beef" * 16, change="Removed 2 exact duplicates")
DAMAGED = Problem("datasets.damaged", "The dataset is damaged.", "Import it again.")
EDIT = JobKind.EDIT_DATASET


def diff(before: int, after: int) -> DatasetDiff:
    settings = (("Train rows", "225", "223"),)
    return DatasetDiff(before, after, settings, 0, 0, 0, 0, (), (), (), ())


def path_of(before: int, after: int) -> str:
    return f"/api/datasets/d1/diff?before={before}&after={after}"


@pytest.fixture
def page(studio: Studio, qtbot: QtBot) -> VersionsPage:
    studio.engine.answer("GET", "/api/datasets/d1/versions", (SECOND, TICKETS))
    studio.engine.answer("GET", path_of(1, 2), diff(1, 2))
    studio.engine.send(DatasetChanged(SECOND))
    qtbot.waitUntil(lambda: studio.app.store.datasets["d1"].version == 2)
    studio.app.selection.set("dataset", "d1")
    assert studio.app.commands.run("datasets.versions")
    page = cast(VersionsPage, studio.app.window.editors.active)
    qtbot.waitUntil(lambda: bool(page.diff.rows.lines))
    return page


def test_the_newest_version_is_marked_and_compared_with_the_one_before(
    page: VersionsPage,
) -> None:
    rows = page.list.rows.sections[0].rows
    assert [row.title for row in rows] == [
        "2 · Removed 2 exact duplicates", "1 · Read from the file"
    ]  # fmt: skip
    assert [row.right for row in rows] == ["newest", ""]
    assert rows[0].detail.endswith("250 rows · 3 problems")
    assert page.against.currentText() == "Version 1"
    assert page.diff.rows.lines[1].label == "Train rows"


def test_the_first_version_says_so_and_can_be_compared_with_a_later_one(
    studio: Studio, page: VersionsPage, qtbot: QtBot
) -> None:
    page.list.setFocus()
    QTest.keyClick(page.list, Qt.Key.Key_Down)
    qtbot.waitUntil(page.empty.isVisible)
    studio.engine.answer("GET", path_of(2, 1), diff(2, 1))
    page.against.activated.emit(0)
    qtbot.waitUntil(page.diff.isVisible)
    assert path_of(2, 1) in studio.engine.paths("GET")


def test_enter_goes_on_to_the_differences(page: VersionsPage) -> None:
    page.list.setFocus()
    QTest.keyClick(page.list, Qt.Key.Key_Return)
    assert page.diff.hasFocus()


def test_a_click_copies_the_whole_hash(page: VersionsPage) -> None:
    assert page.hash.text() == "beefbeef"
    QTest.mouseClick(page.hash, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == SECOND.sha256


def test_a_comparison_that_fails_is_said_and_can_be_asked_for_again(
    studio: Studio, page: VersionsPage, qtbot: QtBot
) -> None:
    studio.engine.refuse("GET", path_of(2, 1), DAMAGED)
    page.choose(1)
    page.against.activated.emit(0)
    qtbot.waitUntil(page._band.isVisible)
    studio.engine.answer("GET", path_of(2, 1), diff(2, 1))
    page._again()
    qtbot.waitUntil(page._band.isHidden)
    qtbot.waitUntil(lambda: bool(page.diff.rows.lines))


def test_nothing_is_restored_while_the_next_version_is_made(
    studio: Studio, page: VersionsPage, qtbot: QtBot
) -> None:
    page.choose(1)
    restore = studio.app.commands.get("datasets.restore")
    assert restore.enabled()
    studio.engine.send(JobChanged(job(EDIT, "d1")))
    qtbot.waitUntil(lambda: not restore.enabled())
    assert restore.why_off == "It is being changed."


def open_split(studio: Studio) -> SplitPopover:
    studio.app.selection.set("dataset", "d1")
    assert studio.app.commands.run("datasets.split")
    popover = studio.app.window.findChild(SplitPopover)
    assert isinstance(popover, SplitPopover)
    return popover


def test_the_columns_of_a_split_are_menus_and_amounts_are_explained(studio: Studio) -> None:
    popover = open_split(studio)
    menu = cast(QComboBox, popover.fields["group_by"].input)
    assert [menu.itemText(at) for at in range(menu.count())] == [
        "No column", "id", "prompt", "completion"
    ]  # fmt: skip
    menu.setCurrentIndex(1)
    test = cast(QLineEdit, popover.fields["test"].input)
    test.selectAll()
    QTest.keyClicks(test, "24")
    assert popover.spec() == SplitSpec(test=24, group_by="id")
    assert popover.consequence.text() == "About 201 train, 25 validation, 24 test rows."


def test_a_bad_amount_keeps_the_form_open_and_gets_the_focus(studio: Studio) -> None:
    popover = open_split(studio)
    field = cast(QLineEdit, popover.fields["validation"].input)
    field.selectAll()
    QTest.keyClicks(field, "many")
    popover.split.click()
    assert popover.isVisible()
    assert popover.spec() is None
    assert studio.engine.paths("POST") == []


def test_the_form_says_that_the_next_version_is_being_made(studio: Studio, qtbot: QtBot) -> None:
    popover = open_split(studio)
    studio.engine.send(JobChanged(job(EDIT, "d1")))
    qtbot.waitUntil(lambda: popover.consequence.text() == BUSY)
    assert not popover.split.isEnabled()
    studio.engine.send(JobChanged(job(EDIT, "d1", state=JobState.DONE)))
    qtbot.waitUntil(popover.split.isEnabled)


def test_a_refused_split_is_said_in_the_form(studio: Studio, qtbot: QtBot) -> None:
    problem = Problem("datasets.changed-meanwhile", "It is at version 2.", "Look at it again.")
    studio.engine.refuse("POST", "/api/datasets/d1/edits", problem, status=409)
    popover = open_split(studio)
    popover.split.click()
    qtbot.waitUntil(popover.error.isVisible)
    assert popover.error.text() == "It is at version 2. Look at it again."
    sent = studio.engine.asked[-1].read(EditDataset)
    assert (sent.version, sent.split) == (1, SplitSpec())


def test_the_page_tells_its_version_and_what_made_it(studio: Studio, qtbot: QtBot) -> None:
    page = studio.app.open("dataset", "d1")
    assert isinstance(page, DatasetPage)
    studio.engine.send(DatasetChanged(SECOND))
    qtbot.waitUntil(lambda: "version 2" in page.header.meta.whole_text())
    assert "Version 2: Removed 2 exact duplicates" in page.header.meta.toolTip()


def test_a_mix_that_is_being_made_has_its_row_in_the_side_bar(studio: Studio, qtbot: QtBot) -> None:
    studio.app.window.show_activity("datasets")
    mixing = job(JobKind.MIX_DATASETS, "d9", title="Mix general + tickets", progress=0.25)
    studio.engine.send(JobChanged(mixing))
    bar = cast(SideBar, studio.app.window.side_bar("datasets"))
    qtbot.waitUntil(lambda: len(bar.list.rows.sections[0].rows) == 2)
    assert bar.list.rows.sections[0].rows[1].title == "general + tickets"


def test_a_mix_that_fails_is_said_on_its_page(studio: Studio, qtbot: QtBot) -> None:
    studio.engine.send(DatasetChanged(SAMPLE))
    qtbot.waitUntil(lambda: "d2" in studio.app.store.datasets)
    studio.app.selection.set("dataset", "d1")
    assert studio.app.commands.run("datasets.mix")
    page = cast(MixPage, studio.app.window.editors.active)
    page.rows["d2"].check.click()
    mixing = job(JobKind.MIX_DATASETS, "d9")
    studio.engine.answer("POST", "/api/mixes", mixing, status=202)
    page.mix()
    qtbot.waitUntil(lambda: "/api/mixes" in studio.engine.paths("POST"))
    sent = studio.engine.asked[-1].read(MixDatasets)
    assert [(part.dataset, part.weight) for part in sent.parts] == [("d2", 50.0), ("d1", 50.0)]
    failed = replace(mixing, state=JobState.FAILED, problem=DAMAGED)
    studio.engine.send(JobChanged(failed))
    qtbot.waitUntil(page._band.isVisible)


def test_a_share_that_cannot_be_read_changes_nothing(studio: Studio, qtbot: QtBot) -> None:
    studio.engine.send(DatasetChanged(SAMPLE))
    qtbot.waitUntil(lambda: "d2" in studio.app.store.datasets)
    studio.app.selection.set("dataset", "d1")
    studio.app.commands.run("datasets.mix")
    page = cast(MixPage, studio.app.window.editors.active)
    row = page.rows["d2"]
    row.check.click()
    row.field.setFocus()
    row.field.selectAll()
    QTest.keyClicks(row.field, "0")
    QTest.keyClick(row.field, Qt.Key.Key_Return)
    assert row.field.property("bad") is True
    assert page.shares == {"d1": 50.0, "d2": 50.0}
    QTest.keyClick(row.slider, Qt.Key.Key_Right)
    assert page.shares == {"d1": 49.0, "d2": 51.0}


def test_what_does_not_go_with_the_others_says_why(studio: Studio, qtbot: QtBot) -> None:
    unpaired = replace(SAMPLE, mapping=replace(SAMPLE.mapping, convention="unpaired"))
    studio.engine.send(DatasetChanged(unpaired))
    qtbot.waitUntil(lambda: "d2" in studio.app.store.datasets)
    studio.app.selection.set("dataset", "d2")
    studio.app.commands.run("datasets.mix")
    page = cast(MixPage, studio.app.window.editors.active)
    assert set(page.shares) == {"d2"}
    assert not page.rows["d1"].check.isEnabled()
    assert "teaches something else" in page.rows["d1"].about.whole_text()
    page.rows["d2"].check.click()
    assert page.rows["d1"].check.isEnabled()
