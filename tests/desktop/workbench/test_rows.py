from time import perf_counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.workbench.row_list import RowList
from desktop.workbench.rows import Row, RowsModel, Section, dragged_row


def rows(*ids: str) -> tuple[Row, ...]:
    return tuple(Row(id=id, title=id.upper(), detail="x", kind="run") for id in ids)


def section(*ids: str) -> Section:
    return Section(id="s", title="S", rows=rows(*ids))


@pytest.mark.parametrize(
    ("before", "after"),
    [("abc", "abc"), ("abc", "ac"), ("ac", "abc"), ("abc", "xbz"), ("", "ab"), ("ab", ""),
     ("abcd", "dcba"), ("aab", "ab")],
)  # fmt: skip
def test_the_model_stays_sound_however_rows_change(
    qapp: QApplication, before: str, after: str
) -> None:
    model = RowsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_sections((section(*before), Section(id="t", title="T", rows=rows("q"))))
    model.set_sections((section(*after), Section(id="t", title="T", rows=rows("q"))))
    parent = model.index(0, 0)
    assert [model.index(i, 0, parent).data() for i in range(model.rowCount(parent))] == [
        id.upper() for id in after
    ]


def test_a_changed_row_keeps_the_selection(app: App) -> None:
    view = RowList(app.theme, "Runs")
    view.set_sections((section("a", "b", "c"),))
    view.select("b")
    changed = (Row(id="b", title="new"),)
    view.set_sections((Section(id="s", title="S", rows=rows("a") + changed + rows("c")),))
    assert view.current_id() == "b"
    view.set_sections((section("c", "b"),))
    assert view.current_id() == "b"
    view.set_sections((section("z"), Section(id="u", title="U", rows=rows("b"))))
    assert view.current_id() == "b"


def test_enter_keeps_space_previews_and_arrows_fold(qtbot: QtBot, app: App) -> None:
    view = RowList(app.theme, "Runs")
    qtbot.addWidget(view)
    view.set_sections((section("a", "b"),))
    view.show()
    view.select("a")
    opened: list[tuple[str, bool]] = []
    view.opened.connect(lambda id, keep: opened.append((id, keep)))
    QTest.keyClick(view, Qt.Key.Key_Space)
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert opened == [("a", False), ("b", True)]
    view.setCurrentIndex(view.rows.index(0, 0))
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.closed_sections() == ["s"]
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.closed_sections() == []


def test_a_click_previews_and_a_double_click_keeps(qtbot: QtBot, app: App) -> None:
    view = RowList(app.theme, "Runs")
    qtbot.addWidget(view)
    view.set_sections((section("a", "b"),))
    view.resize(264, 200)
    view.show()
    opened: list[tuple[str, bool]] = []
    view.opened.connect(lambda id, keep: opened.append((id, keep)))
    place = view.visualRect(view.rows.index_of("b")).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened[:2] == [("b", False), ("b", True)]
    heading = view.visualRect(view.rows.index(0, 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=heading)
    assert view.closed_sections() == ["s"]


def test_a_row_can_be_dragged_by_kind_and_id(app: App) -> None:
    view = RowList(app.theme, "Adapters")
    view.set_sections((section("a"),))
    assert dragged_row(view.rows.mimeData([view.rows.index_of("a")])) == ("run", "a")


def test_ten_thousand_rows_are_shown_at_once(qtbot: QtBot, app: App, qapp: QApplication) -> None:
    view = RowList(app.theme, "Adapters")
    qtbot.addWidget(view)
    view.resize(264, 700)
    view.show()
    many = tuple(Row(id=str(n), title=f"adapter {n}", detail="v1") for n in range(10_000))
    start = perf_counter()
    view.set_sections((Section(id="s", title="All", rows=many),))
    qapp.processEvents()
    changed = (*many[:5000], Row(id="5000", title="changed"), *many[5001:])
    view.set_sections((Section(id="s", title="All", rows=changed),))
    qapp.processEvents()
    assert perf_counter() - start < 1.0  # measured about 0.1 s
    assert view.rows.rowCount(view.rows.index(0, 0)) == 10_000
