import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.features.datasets.filter_menu import NumberAction
from desktop.features.datasets.menu_button import MenuButton
from desktop.features.datasets.page import DatasetPage
from engine.protocol.events import DatasetChanged
from engine.protocol.records import LabelCount, PackedBatch, PackedRow
from tests.desktop.features.conftest import Studio
from tests.desktop.features.datasets.pages import page_path, script
from tests.desktop.features.records import TICKETS, rows

LABELS = tuple(LabelCount(f"team {number}", 90 - 10 * number) for number in range(8))
BATCH = PackedBatch((PackedRow(203, 97, 12), PackedRow(88, 512, 0, 40)), 609, 12, 1024)


def asked_for(wanted: str) -> str:
    """The path of the first page of what is asked for beside the text."""
    return page_path(0, wanted)


@pytest.fixture
def page(studio: Studio, qtbot: QtBot) -> DatasetPage:
    script(studio)
    studio.engine.answer("GET", "/api/datasets/d1/labels", LABELS)
    page = studio.app.open("dataset", "d1")
    assert isinstance(page, DatasetPage)
    qtbot.waitUntil(lambda: page.inspector.histogram.isVisible())
    qtbot.waitUntil(lambda: bool(page.inspector.labels.bars))
    qtbot.waitUntil(lambda: "team" in page.inspector.box.shown_text())
    return page


def act(button: MenuButton, title: str) -> QAction:
    """That entry of the menu, as it is when it opens."""
    button.menu.aboutToShow.emit()
    return next(each for each in button.menu.actions() if each.text().startswith(title))


def click_name(page: DatasetPage, section: int) -> None:
    names = page.table.names
    at = QPoint(names.sectionViewportPosition(section) + 12, names.height() // 2)
    QTest.mouseClick(names.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_a_filter_is_in_the_accents_colour_and_clear_ends_all(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    studio.engine.answer("GET", asked_for("&split=train"), rows(0, total=5))
    both = "&finding=duplicate&split=train"
    studio.engine.answer("GET", asked_for(both), rows(0, total=2))
    studio.app.commands.run("datasets.find")
    bar = page.find_bar
    act(bar.split, "Train").trigger()
    qtbot.waitUntil(lambda: page.rows.total == 5)
    act(bar.finding, "2 exact duplicates").trigger()
    qtbot.waitUntil(lambda: bar.count.text() == "2 rows")
    assert bar.split.accessibleName() == "Split: Train  (225)"
    assert [menu._active for menu in (bar.finding, bar.length)] == [True, False]
    QTest.mouseClick(bar.clear, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.rows.total == 250)
    assert bar.clear.isHidden()
    assert [menu._active for menu in (bar.finding, bar.split)] == [False, False]
    assert bar.isVisible()


def test_only_what_there_is_can_be_chosen(studio: Studio, page: DatasetPage, qtbot: QtBot) -> None:
    bar = page.find_bar
    bar.open_bar()
    bar.split.menu.aboutToShow.emit()
    assert [each.text() for each in bar.split.menu.actions()] == [
        "Any side", "Train  (225)", "Validation  (25)",
    ]  # fmt: skip
    studio.engine.answer("GET", "/api/datasets/d1/labels", ())
    plain = replace(TICKETS, version=2, sha256="2", findings=(), finding_counts={})
    studio.engine.send(DatasetChanged(plain))
    qtbot.waitUntil(lambda: bar.answer.isHidden())
    assert bar.finding.isHidden()
    assert page.inspector.labels.isHidden() or not page.inspector.labels.isVisible()


def test_nothing_that_matches_says_so_and_can_be_cleared(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    studio.engine.answer("GET", page_path(0, "zzz"), rows(0, total=0))
    studio.app.commands.run("datasets.find")
    QTest.keyClicks(page.find_bar.field, "zzz")
    qtbot.waitUntil(lambda: page.explore.nothing.isVisible())
    assert page.explore.nothing._label.text() == "Nothing matches 'zzz'."
    assert page.find_bar.count.text() == "0 rows"
    page.find_bar.clear_all()
    qtbot.waitUntil(lambda: page.table.isVisible())
    assert page.find_bar.field.text() == ""


def test_a_bar_of_the_histogram_shows_the_rows_of_its_lengths(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    studio.engine.answer("GET", asked_for("&shortest=40&longest=199"), rows(0, total=200))
    plot = page.inspector.histogram
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(8, 30))
    qtbot.waitUntil(lambda: page.rows.total == 200)
    assert page.find_bar.isVisible()
    assert page.find_bar.length.accessibleName() == "Length: 40 to 199 tokens"
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(8, 30))
    qtbot.waitUntil(lambda: page.rows.total == 250)


def test_lengths_can_be_typed_and_the_limit_chosen(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    studio.engine.answer("GET", asked_for("&longest=29"), rows(0, total=4))
    studio.engine.answer("GET", asked_for("&shortest=513"), rows(0, total=3))
    page.find_bar.open_bar()
    menu = page.find_bar.length.menu
    menu.popup(page.mapToGlobal(QPoint(0, 0)))
    number = next(each for each in menu.actions() if isinstance(each, NumberAction))
    number.field.setText("30")
    QTest.keyClick(number.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.rows.total == 4)
    assert page.find_bar.length.accessibleName() == "Length: Shorter than 30 tokens"
    act(page.find_bar.length, "Over the limit of 512").trigger()
    qtbot.waitUntil(lambda: page.rows.total == 3)


def test_a_label_shows_its_rows_and_six_of_them_have_bars(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    labels = page.inspector.labels
    assert [bar.label for bar in labels.bars] == [each.label for each in LABELS[:6]]
    assert labels._more.text() == "+ 2 more"
    studio.engine.answer("GET", asked_for("&answer=team%201"), rows(0, total=80))
    QTest.mouseClick(labels.bars[1], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.rows.total == 80)
    assert [bar.isChecked() for bar in labels.bars] == [False, True] + [False] * 4
    assert page.find_bar.answer.accessibleName() == "Answer: team 1  (80)"


def test_clicks_on_a_columns_name_sort_up_down_and_not_at_all(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    up, down = asked_for("&sort=prompt"), asked_for("&sort=prompt&descending=true")
    studio.engine.answer("GET", up, rows(0))
    backwards = replace(rows(0), rows=tuple(reversed(rows(0).rows)))
    studio.engine.answer("GET", down, backwards)
    click_name(page, 1)
    qtbot.waitUntil(lambda: up in studio.engine.paths("GET"))
    assert (page.table.names._sort, page.table.names._descending) == ("prompt", False)
    click_name(page, 1)
    qtbot.waitUntil(lambda: page.rows.index(0, 0).data() == "100")
    assert page.table.names._descending
    click_name(page, 1)
    qtbot.waitUntil(lambda: page.rows.index(0, 0).data() == "1")
    assert page.table.names._sort == ""


def test_sorting_by_tokens_waits_for_the_lengths(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    by_tokens = asked_for("&sort=tokens")
    studio.engine.answer("GET", by_tokens, rows(0))
    click_name(page, 3)
    qtbot.waitUntil(lambda: by_tokens in studio.engine.paths("GET"))
    page.explore.unsort()
    page.inspector.show_stats(None, 512, "Counting tokens…")
    assert not page.find_bar.length.isEnabled()
    click_name(page, 3)
    assert page.rows.wanted.sort == ""
    assert "counted" in studio.app.notifications.notices[-1].text


def test_the_palette_sorts_in_a_second_step(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    down = asked_for("&sort=%23&descending=true")
    studio.engine.answer("GET", down, rows(0))
    choices = studio.app.commands.get("datasets.sort").choices
    assert choices is not None
    assert "The file's order" not in [each.title for each in choices()]
    next(each for each in choices() if each.title == "#, descending").run()
    qtbot.waitUntil(lambda: down in studio.engine.paths("GET"))
    assert [each.id for each in choices() if each.detail] == ["#-descending"]
    next(each for each in choices() if each.id == "own").run()
    assert page.rows.wanted.sort == ""


def test_going_to_a_row_ends_filters_and_order(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    studio.engine.answer("GET", asked_for("&split=train&sort=prompt"), rows(0, total=5))
    page.rows.show(replace(page.rows.wanted, split="train", sort="prompt"))
    qtbot.waitUntil(lambda: page.rows.total == 5)
    page.go_to_row(203)
    qtbot.waitUntil(lambda: page.inspector._row.text() == "row 203")
    assert page.find_bar.isHidden()


def test_a_batch_is_drawn_as_training_packs_it(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    path = "/api/datasets/d1/batch?base=m1&batch_size=8&max_length=512&seed="
    studio.engine.answer("GET", f"{path}42", BATCH)
    assert studio.app.commands.run("datasets.sample-batch")
    batch = page.explore.batch
    qtbot.waitUntil(lambda: len(batch.lines) == 2)
    assert batch.isVisible()
    assert batch.lines[1].accessibleName() == (
        "Row 88: 512 tokens, 0 carry loss, 40 tokens cut at 512"
    )
    assert [row.number for _, row in batch.bar.boxes()] == [203, 88]
    first, second = (box for box, _ in batch.bar.boxes())
    assert second.width() / first.width() == pytest.approx(512 / 97)
    QTest.mouseClick(batch.lines[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.inspector._row.text() == "row 203")
    assert page.table.isVisible()


def test_another_batch_has_another_seed_and_a_size_of_its_own(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    path = "/api/datasets/d1/batch?base=m1&batch_size={}&max_length=512&seed={}"
    studio.engine.answer("GET", path.format(8, 42), BATCH)
    studio.engine.answer("GET", path.format(8, 43), replace(BATCH, rows=BATCH.rows[:1]))
    studio.engine.answer("GET", path.format(3, 43), BATCH)
    QTest.mouseClick(page.inspector.sample, Qt.MouseButton.LeftButton)
    batch = page.explore.batch
    qtbot.waitUntil(lambda: len(batch.lines) == 2)
    batch.draw_another()
    qtbot.waitUntil(lambda: len(batch.lines) == 1)
    assert batch.seed.text() == "seed 43"
    batch.rows_field.setText("3")
    QTest.keyClick(batch.rows_field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(batch.lines) == 2)
    QTest.keyClick(batch.rows_field, Qt.Key.Key_Escape)
    assert page.table.isVisible()
    assert page.table.hasFocus()


def test_a_batch_that_cannot_be_packed_says_why(
    studio: Studio, page: DatasetPage, qtbot: QtBot
) -> None:
    page.explore.sample_batch()
    note = page.explore.batch.note
    qtbot.waitUntil(lambda: note.text().startswith("Nothing is scripted"))
    assert page.explore.batch._found.isHidden()
