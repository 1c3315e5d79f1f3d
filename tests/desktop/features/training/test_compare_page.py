"""Runs over each other: the ways there, the curves, and the table of what differs."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.features.training.compare_page import ComparePage
from desktop.features.training.comparison_model import BEST, ComparisonModel
from desktop.features.training.comparisons import key_of
from desktop.features.training.runs_side_bar import RunsSideBar
from engine.protocol.events import RecordRemoved, RunChanged
from engine.protocol.method_specs import LoraSpec
from engine.protocol.run_comparison import result_of
from tests.desktop.features.conftest import Studio
from tests.desktop.features.run_records import DONE, RUNNING, points

OTHER = replace(
    DONE, spec=replace(DONE.spec, learning_rate=5e-4, method=LoraSpec(rank=32)), best_step=500
)


@pytest.fixture
def page(studio: Studio, qtbot: QtBot) -> ComparePage:
    studio.engine.send(RunChanged(OTHER))
    qtbot.waitUntil(lambda: studio.app.store.runs["r13"] == OTHER)
    page = studio.app.open("compare-runs", "r14+r13")
    assert isinstance(page, ComparePage)
    qtbot.waitUntil(lambda: page.plot.frame.plot is not None, timeout=20_000)
    qtbot.waitUntil(lambda: all(entry.value != "–" for entry in page.plot.entries))
    return page


def side_bar(studio: Studio) -> RunsSideBar:
    studio.app.window.show_activity("runs", focus=True)
    bar = studio.app.window.side_bar("runs")
    assert isinstance(bar, RunsSideBar)
    return bar


def click(bar: RunsSideBar, run: str, keys: Qt.KeyboardModifier) -> None:
    place = bar.list.visualRect(bar.list.rows.index_of(run)).center()
    QTest.mouseClick(bar.list.viewport(), Qt.MouseButton.LeftButton, keys, place)


def cells(model: ComparisonModel) -> dict[str, list[str]]:
    texts = [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]
    return {title: values for title, *values in texts}


def test_only_what_differs_is_in_the_table(page: ComparePage) -> None:
    shown = cells(page.table.rows)
    assert shown["Rank"] == ["16", "32"]
    assert shown["Learning rate"] == ["2e-4", "5e-4"]
    assert "Batch size, rows" not in shown
    assert shown["Best validation loss"] == ["1.250", "1.612"]
    assert shown["Time"] == ["52 min", "42 min"]
    assert shown["Tokens per second"] == ["120", "120"]


def test_the_best_value_is_marked_where_values_differ(page: ComparePage) -> None:
    model = page.table.rows
    marked = {
        (str(model.index(row, 0).data()), column)
        for row in range(model.rowCount())
        for column in range(1, model.columnCount())
        if model.index(row, column).data(BEST)
    }
    assert marked == {("Best validation loss", 1)}


def test_runs_with_the_same_settings_are_said_to_have_them() -> None:
    model = ComparisonModel()
    runs = [RUNNING, replace(RUNNING, id="r16", number=16)]
    model.show_runs(runs, [result_of(run, points(10)) for run in runs])
    assert "Their settings are the same." in cells(model)


def test_the_curves_lie_over_each_other_by_step_epoch_and_time(page: ComparePage) -> None:
    page.plot.figure.setCurrentText("Training loss")
    first, second = (page.plot._items[number]["main"] for number in (0, 1))
    assert first.getOriginalDataset()[0][-1] == 400
    assert second.getOriginalDataset()[0][-1] == 600
    page.plot.axis.setCurrentText("By epoch")
    assert second.getOriginalDataset()[0][-1] == 3.0
    page.plot.axis.setCurrentText("By time")
    assert second.getOriginalDataset()[0][-1] == 1198.0
    told = page.plot.frame.tell(600.0)
    assert told is not None
    assert told[1].startswith("After 10 min\n14 tickets 14: ")


def test_a_figure_that_no_run_has_is_said_to_be_missing(page: ComparePage) -> None:
    page.plot.figure.setCurrentText("GPU")
    assert page.plot.nothing.isVisible()
    page.plot.figure.setCurrentText("Memory")
    assert not page.plot.nothing.isVisible()


def test_rows_chosen_with_ctrl_and_shift_open_together(studio: Studio, qtbot: QtBot) -> None:
    bar = side_bar(studio)
    click(bar, "r14", Qt.KeyboardModifier.NoModifier)
    assert studio.app.window.editors.is_open("run", "r14")
    click(bar, "r13", Qt.KeyboardModifier.ControlModifier)
    assert studio.app.window.editors.is_open("compare-runs", "r14+r13")
    click(bar, "r11", Qt.KeyboardModifier.ControlModifier)
    assert studio.app.window.editors.is_open("compare-runs", "r14+r13+r11")
    assert not studio.app.window.editors.is_open("compare-runs", "r14+r13")  # it was a preview
    bar.list.select("r15")
    QTest.keyClick(bar.list, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(bar.list, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert studio.app.window.editors.is_open("compare-runs", "r15+r13")


def test_a_plain_click_opens_the_run_again(studio: Studio) -> None:
    bar = side_bar(studio)
    click(bar, "r14", Qt.KeyboardModifier.NoModifier)
    click(bar, "r13", Qt.KeyboardModifier.ControlModifier)
    click(bar, "r11", Qt.KeyboardModifier.NoModifier)
    tab = studio.app.window.editors.active_tab
    assert tab is not None
    assert (tab.kind, tab.key) == ("run", "r11")
    assert not studio.app.commands.get("runs.compare-chosen").enabled()


def test_the_command_adds_a_run_to_the_page_in_front(studio: Studio, page: ComparePage) -> None:
    compare = studio.app.commands.get("runs.compare")
    assert compare.choices is not None
    choices = {choice.id: choice for choice in compare.choices()}
    assert choices.keys() == {"r15", "r11"}
    choices["r11"].run()
    assert studio.app.window.editors.is_open("compare-runs", "r14+r13+r11")
    assert not studio.app.window.editors.is_open("compare-runs", "r14+r13")
    less = studio.app.commands.get("runs.compare-less")
    assert less.choices is not None
    next(choice for choice in less.choices() if choice.id == "r14").run()
    assert studio.app.window.editors.is_open("compare-runs", "r13+r11")


def test_no_more_runs_are_compared_than_there_are_colours() -> None:
    assert key_of(["a", "b", "a", "c", "d", "e", "f"]) == "a+b+c+d+e"


def test_a_comparison_whose_runs_are_gone_names_the_next_step(
    studio: Studio, page: ComparePage, qtbot: QtBot
) -> None:
    studio.engine.send(RecordRemoved("run", "r13"))
    qtbot.waitUntil(page.empty.isVisible)
    assert not page.table.isVisible()


def test_the_plot_is_saved_as_picture_and_as_table(page: ComparePage, tmp_path: Path) -> None:
    page.write("png", tmp_path / "runs.png")
    page.write("csv", tmp_path / "runs.csv")
    assert (tmp_path / "runs.png").read_bytes().startswith(b"\x89PNG")
    lines = (tmp_path / "runs.csv").read_text().splitlines()
    assert lines[0].startswith("run,step,epoch")
    assert {line.split(",")[0] for line in lines[1:]} == {"14", "13"}
