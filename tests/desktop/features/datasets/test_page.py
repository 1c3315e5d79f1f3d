import shiboken6
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.features.datasets.menu_button import MenuButton
from desktop.features.datasets.page import DatasetPage
from engine.protocol.events import DatasetChanged, JobChanged, ModelChanged, TokensCounted
from engine.protocol.jobs import Job, JobKind
from engine.protocol.problems import Problem
from tests.desktop.features.conftest import Studio, attach
from tests.desktop.features.datasets.pages import page_path, script
from tests.desktop.features.records import BASE, PREPARING, STATS, TICKETS, rows


def asked(studio: Studio, path: str) -> bool:
    return path in studio.engine.paths("GET")


def test_the_table_fetches_the_pages_that_are_in_view(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    assert page.rows.total == 250
    assert not asked(studio, page_path(200))
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page.rows.index(249, 1).data() == "Ticket 250")
    assert page.rows.columns == ["#", "prompt", "completion", "tokens"]


def test_the_inspector_follows_the_row_and_counts_the_tokens_with_loss(
    page: DatasetPage, qtbot: QtBot
) -> None:
    QTest.keyClick(page.table, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: page.inspector._row.text() == "row 2")
    assert page.inspector._loss.text() == "Carries loss, 3 tokens"
    assert page.inspector._template.text() == "ChatML template"
    assert "+ 46 tokens" in page.inspector.box.shown_text()
    page.inspector.box.unfold_all()
    assert "word59" in page.inspector.box.shown_text()


def test_lengths_say_that_they_are_counted_and_come_by_themselves(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    studio.engine.answer("GET", "/api/datasets/d1/tokens?base=m1", None, status=202)
    studio.engine.send(DatasetChanged(replace(TICKETS, version=2, sha256="9")))
    qtbot.waitUntil(lambda: page.inspector._counting.text() == "Counting tokens…")
    assert not page.inspector.histogram.isVisible()
    studio.engine.answer("GET", "/api/datasets/d1/tokens?base=m1", STATS)
    studio.engine.send(TokensCounted("d1", "m1"))
    qtbot.waitUntil(lambda: page.inspector.histogram.isVisible())
    assert page.inspector._length.text() == "mean 118 · p95 231 · max 412 tokens"


def test_choosing_a_part_asks_for_a_new_reading_that_can_be_undone(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    studio.engine.answer("PATCH", "/api/datasets/d1", {})
    button = next(each for each in page.findChildren(MenuButton) if "id" in each.accessibleName())
    next(action for action in button.menu.actions() if action.text() == "User").trigger()
    qtbot.waitUntil(lambda: len(studio.engine.paths("PATCH")) == 1)
    sent = studio.engine.asked[-1].read(dict)["mapping"]
    assert (sent["user"], sent["assistant"]) == ("id", "completion")
    qtbot.waitUntil(lambda: bool(studio.app.notifications.notices))
    studio.app.notifications.notices[-1].actions[0].run()
    qtbot.waitUntil(lambda: len(studio.engine.paths("PATCH")) == 2)
    assert studio.engine.asked[-1].read(dict)["mapping"]["user"] == "prompt"


def test_a_refused_reading_is_said_under_the_header(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    problem = Problem("datasets.incomplete-mapping", "No column is the answer.", "Choose one.")
    studio.engine.refuse("PATCH", "/api/datasets/d1", problem)
    page.mapping.chosen.emit(TICKETS.mapping)
    qtbot.waitUntil(lambda: page._band.isVisible())


def test_find_shows_only_the_rows_that_hold_the_text(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    studio.engine.answer("GET", page_path(0, "a%26b"), rows(0, total=3))
    page.table.setFocus()
    studio.app.commands.run("datasets.find")
    QTest.keyClicks(page.find_bar.field, "a&b")
    qtbot.waitUntil(lambda: page.rows.total == 3)
    assert page.find_bar.count.text() == "3 rows"
    QTest.keyClick(page.find_bar.field, Qt.Key.Key_Escape)
    QTest.keyClick(page.find_bar.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: page.rows.total == 250)
    assert page.find_bar.isHidden()


def test_rows_that_cannot_be_read_are_said_and_can_be_asked_for_again(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    problem = Problem("datasets.damaged", "The dataset is damaged.", "Import it again.")
    studio.engine.refuse("GET", page_path(0, "x"), problem)
    studio.app.commands.run("datasets.find")
    QTest.keyClicks(page.find_bar.field, "x")
    qtbot.waitUntil(lambda: page._band.isVisible())


def test_a_narrow_window_has_the_inspector_under_the_table(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    assert page.splitter.orientation() is Qt.Orientation.Horizontal
    studio.app.window.resize(1100, 800)
    qtbot.waitUntil(lambda: page.splitter.orientation() is Qt.Orientation.Vertical)


def test_train_selects_the_dataset_and_asks_for_a_new_run(
    studio: Studio, page: DatasetPage
) -> None:
    assert page.primary is not None
    page.primary()
    assert studio.ran == ["runs.new"]
    assert studio.app.selection.id("dataset") == "d1"


def test_go_to_row_finds_the_row_by_its_number(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    studio.app.window.palette_box.open(":")
    QTest.keyClicks(studio.app.window.palette_box.field, "203")
    QTest.keyClick(studio.app.window.palette_box.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.inspector._row.text() == "row 203")


def test_a_removed_dataset_says_so(studio: Studio, page: DatasetPage, qtbot: QtBot) -> None:
    studio.app.store.datasets.pop("d1")
    studio.app.store.datasets_changed.emit({"d1"})
    assert page._band.isVisible()


def test_a_restored_page_waits_for_the_engine_and_fills_itself(
    waiting: Studio, qtbot: QtBot
) -> None:
    script(waiting)
    page = waiting.app.open("dataset", "d1")
    assert isinstance(page, DatasetPage)
    assert page._band.isHidden()
    attach(waiting, qtbot)
    qtbot.waitUntil(lambda: page.rows.index(0, 1).data() == "Ticket 1")


def test_tokens_come_when_the_base_is_ready(studio: Studio, qtbot: QtBot) -> None:
    script(studio)
    studio.engine.send(ModelChanged(PREPARING))
    qtbot.waitUntil(lambda: studio.app.store.models["m1"] == PREPARING)
    plain = "/api/datasets/d1/rows?offset=0&limit=100&query=&base="
    studio.engine.answer("GET", plain, rows(0, tokens=False))
    page = studio.app.open("dataset", "d1")
    assert isinstance(page, DatasetPage)
    qtbot.waitUntil(lambda: page.inspector._note.isVisible())
    assert page.inspector._note.text() == "Tokens appear when the base model is ready."
    studio.engine.send(ModelChanged(BASE))
    qtbot.waitUntil(lambda: "team" in page.inspector.box.shown_text())
    qtbot.waitUntil(lambda: page.rows.index(1, 3).data() == "1")


def test_a_closed_page_hears_nothing_any_more(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    studio.app.commands.run("workbench.close-tab")
    qtbot.waitUntil(lambda: not shiboken6.isValid(page))
    studio.engine.send(
        JobChanged(Job(id="j9", kind=JobKind.IMPORT_DATASET, title="Import", subject="d1")),
        ModelChanged(PREPARING),
    )
    qtbot.waitUntil(lambda: "j9" in studio.app.store.jobs)
    studio.app.store.flush()
