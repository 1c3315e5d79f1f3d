"""The page of a run, driven by keys and clicks."""

import math
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.core.commands import Command
from desktop.features.training.run_page import RunPage
from engine.protocol.events import JobChanged, MetricsAdded, RecordRemoved, RunChanged
from engine.protocol.jobs import JobState
from engine.protocol.problems import Problem
from engine.protocol.records import MetricPoint
from tests.desktop.features.conftest import Studio
from tests.desktop.features.run_records import RUNNING, RUNNING_JOB, points


def open_run(studio: Studio, qtbot: QtBot, id: str) -> RunPage:
    page = studio.app.open("run", id)
    assert isinstance(page, RunPage)
    qtbot.waitUntil(lambda: f"/api/runs/{id}/metrics" in studio.engine.paths("GET"))
    qtbot.waitUntil(lambda: page.plots.gpu_memory.frame.plot is not None, timeout=20_000)
    return page


@pytest.fixture
def page(studio: Studio, qtbot: QtBot) -> RunPage:
    page = open_run(studio, qtbot, "r14")
    qtbot.waitUntil(lambda: page.plots.loss.training.value != "–")
    return page


def button(page: RunPage, text: str) -> QPushButton:
    return next(each for each in page.findChildren(QPushButton) if each.text() == text)


def last_point(page: RunPage, line: str) -> tuple[float, float]:
    steps, values = page.plots.loss._lines[line].getOriginalDataset()
    return float(steps[-1]), float(values[-1])


def test_it_says_how_long_and_how_far(page: RunPage) -> None:
    assert page.header.title.whole_text() == "tickets 14"
    assert page.header.meta.whole_text() == "Run 14 · LoRA · tickets.jsonl"
    assert page.chip.text() == "Running"
    assert page.strip.left.text() == "28 min left"
    assert page.strip.done.whole_text() == "step 400 of 600 · epoch 2.00 of 3 · 52 min so far"


def test_the_curves_are_drawn(page: RunPage) -> None:
    assert last_point(page, "raw")[0] == 400
    step, value = last_point(page, "validation")
    assert step == 400
    assert value == pytest.approx(1.129, abs=0.001)
    assert page.plots.loss.validation.value == "1.129"
    assert page.plots.loss.frame.mark == (300.0, "best 1.250")
    assert page.plots.loss.frame.view()[:2] == (0.0, 600.0)


def test_new_points_lengthen_the_curves(studio: Studio, page: RunPage, qtbot: QtBot) -> None:
    studio.engine.send(MetricsAdded("r14", (MetricPoint(401, 2.005, train_loss=0.9),)))
    qtbot.waitUntil(lambda: last_point(page, "raw") == (401, 0.9))


def test_points_gone_through_again_after_a_resume_are_replaced(
    studio: Studio, page: RunPage, qtbot: QtBot
) -> None:
    again = tuple(MetricPoint(step, step / 200, train_loss=3.0) for step in range(301, 351))
    studio.engine.send(MetricsAdded("r14", again))

    def drawn() -> Any:
        return page.plots.loss._lines["raw"].getOriginalDataset()

    qtbot.waitUntil(lambda: drawn()[1][320] == 3.0)
    assert len(drawn()[0]) == 400


def test_it_redraws_at_most_ten_times_a_second_and_only_in_view(
    studio: Studio, page: RunPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws: list[int] = []
    draw = page._draw

    def counted() -> None:
        draws.append(1)
        draw()

    monkeypatch.setattr(page, "_draw", counted)
    qtbot.wait(120)  # what was still to be drawn
    draws.clear()
    for step in range(401, 431):
        studio.app.store.apply(RunChanged(replace(RUNNING, step=step)))
        studio.app.store.flush()
    assert len(draws) == 1
    qtbot.waitUntil(lambda: page.strip.done.whole_text().startswith("step 430"))
    studio.app.open("run", "r13")
    draws.clear()
    studio.app.store.apply(RunChanged(replace(RUNNING, step=440)))
    studio.app.store.flush()
    qtbot.wait(150)
    assert draws == []
    studio.app.open("run", "r14")
    assert page.strip.done.whole_text().startswith("step 440")


def test_checkpoints_show_the_best(page: RunPage) -> None:
    rows = page.checkpoints.rows
    texts = [[rows.index(row, column).data() for column in range(3)] for row in range(2)]
    assert texts == [["Step 300", "1.250", "1.100"], ["Step 400", "1.300", "1.000"]]
    assert rows.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "Saved Step 300, best"


def test_pausing_says_so_until_the_engine_has_done_it(
    studio: Studio, page: RunPage, qtbot: QtBot
) -> None:
    studio.engine.answer("POST", "/api/jobs/j14/pause", RUNNING_JOB)
    QTest.keyClick(studio.app.window, Qt.Key.Key_F5, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page.chip.text() == "Pausing")
    assert not button(page, "Pause").isEnabled()
    studio.engine.send(
        JobChanged(replace(RUNNING_JOB, state=JobState.PAUSED)),
        RunChanged(replace(RUNNING, state=JobState.PAUSED)),
    )
    qtbot.waitUntil(lambda: page.chip.text() == "Paused")
    assert page.strip.ends.whole_text() == "a checkpoint of step 400 is kept"
    studio.engine.answer("POST", "/api/jobs/j14/resume", RUNNING_JOB)
    QTest.keyClick(studio.app.window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: "/api/jobs/j14/resume" in studio.engine.paths("POST"))


def test_stopping_offers_undo_which_resumes(studio: Studio, page: RunPage, qtbot: QtBot) -> None:
    studio.engine.answer("POST", "/api/jobs/j14/stop", RUNNING_JOB)
    studio.engine.answer("POST", "/api/jobs/j14/resume", RUNNING_JOB)
    QTest.mouseClick(button(page, "Stop"), Qt.MouseButton.LeftButton)
    notices = studio.app.notifications.notices
    qtbot.waitUntil(lambda: len(notices) < len(studio.app.notifications.notices))
    notice = studio.app.notifications.notices[-1]
    assert notice.text == "Run 14 is stopped. Its best checkpoint becomes an adapter."
    notice.actions[0].run()
    qtbot.waitUntil(lambda: "/api/jobs/j14/resume" in studio.engine.paths("POST"))


def test_advice_is_acted_on_by_its_button(studio: Studio, page: RunPage, qtbot: QtBot) -> None:
    studio.engine.answer("POST", "/api/jobs/j14/finish", RUNNING_JOB)
    assert page.advice.finish.text() == "Finish with step 300"
    QTest.mouseClick(page.advice.finish, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "/api/jobs/j14/finish" in studio.engine.paths("POST"))
    qtbot.waitUntil(lambda: page.chip.text() == "Finishing")


def test_keep_going_silences_advice_until_there_is_a_better_step(
    studio: Studio, page: RunPage, qtbot: QtBot
) -> None:
    QTest.mouseClick(page.advice.keep, Qt.MouseButton.LeftButton)
    assert not page.advice.isVisible()
    studio.engine.send(RunChanged(replace(RUNNING, advice=RUNNING.advice.replace("3", "4"))))
    qtbot.waitUntil(lambda: "4 eval" in studio.app.store.runs["r14"].advice)
    qtbot.wait(120)
    assert not page.advice.isVisible()
    studio.engine.send(RunChanged(replace(RUNNING, best_step=350)))
    qtbot.waitUntil(lambda: page.advice.isVisible())


def test_a_failed_run_says_why_and_can_be_resumed(studio: Studio, qtbot: QtBot) -> None:
    page = open_run(studio, qtbot, "r11")
    studio.engine.answer("POST", "/api/jobs/j11/resume", RUNNING_JOB)
    assert page._band._label.text() == "The loss diverged at step 46. Lower the learning rate."
    QTest.mouseClick(button(page, "Resume"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "/api/jobs/j11/resume" in studio.engine.paths("POST"))


def test_a_finished_run_opens_its_adapter(studio: Studio, qtbot: QtBot) -> None:
    page = open_run(studio, qtbot, "r13")
    assert page.strip.left.text() == "Done"
    QTest.mouseClick(button(page, "Open adapter"), Qt.MouseButton.LeftButton)
    assert studio.app.window.editors.is_open("adapter", "a1")
    assert studio.app.selection.id("adapter") == "a1"


def test_run_again_begins_a_draft_with_the_same_settings(studio: Studio, qtbot: QtBot) -> None:
    page = open_run(studio, qtbot, "r13")
    QTest.mouseClick(button(page, "Run again with…"), Qt.MouseButton.LeftButton)
    assert studio.app.window.editors.is_open("new-run")
    draft: dict[str, Any] = studio.app.settings.get("runs.draft", {})
    assert (draft["dataset"], draft["preset"], draft["values"]["epochs"]) == ("d1", "custom", 3.0)


def test_a_drag_zooms_and_a_double_click_resets(page: RunPage, qtbot: QtBot) -> None:
    frame = page.plots.loss.frame
    view = frame.plot.viewport()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 50))
    for x in (150, 200, 300):
        QTest.mouseMove(view, QPoint(x, 150))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 150))
    qtbot.waitUntil(lambda: frame.zoomed)
    low, high, _, _ = frame.view()
    assert 50 < low < high < 350
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    qtbot.waitUntil(lambda: not frame.zoomed)
    assert frame.view()[:2] == (0.0, 600.0)


def test_the_pointer_tells_the_values_of_its_step(page: RunPage, qtbot: QtBot) -> None:
    frame = page.plots.loss.frame
    view = frame.plot.viewport()
    QTest.mouseMove(view, QPoint(view.width() // 4, 60))
    qtbot.waitUntil(lambda: frame.readout.isVisible())
    qtbot.wait(50)  # pyqtgraph looks at the pointer a few dozen times a second
    QTest.mouseMove(view, QPoint(view.width() // 3, 60))
    qtbot.waitUntil(lambda: frame.readout.text.startswith("Step 200, epoch 1.00\nTraining 1."))
    assert "Validation 1.317 at step 200" in frame.readout.text


def test_the_plots_are_saved_as_picture_and_as_table(
    studio: Studio, page: RunPage, tmp_path: Path
) -> None:
    page.plots.write("png", tmp_path / "run.png")
    page.plots.write("csv", tmp_path / "run.csv")
    assert (tmp_path / "run.png").read_bytes().startswith(b"\x89PNG")
    lines = (tmp_path / "run.csv").read_text().splitlines()
    assert lines[0].startswith("step,epoch,train_loss")
    assert len(lines) == 1 + len(points(400))


def test_a_picture_that_cannot_be_written_is_said_to_be(
    studio: Studio, page: RunPage, tmp_path: Path
) -> None:
    page.plots.write("csv", tmp_path / "nowhere" / "run.csv")
    assert "cannot be written" in studio.app.notifications.notices[-1].text


def test_the_page_of_a_deleted_run_closes(studio: Studio, page: RunPage, qtbot: QtBot) -> None:
    studio.engine.send(RecordRemoved("run", "r14"))
    qtbot.waitUntil(lambda: not studio.app.window.editors.is_open("run", "r14"))


def test_gradient_processor_and_memory_are_drawn_and_a_missing_gpu_is_not(page: RunPage) -> None:
    plots = page.plots
    values = [each._value.text() for each in (plots.gradient, plots.processor, plots.memory)]
    assert values == ["0.5", "90 %", "1.2 GB"]
    assert plots.memory.isVisible()
    assert not plots.gpu.isVisible()
    assert not plots.gpu_memory.isVisible()


def test_a_gpu_is_drawn_as_soon_as_it_is_measured(
    studio: Studio, page: RunPage, qtbot: QtBot
) -> None:
    point = MetricPoint(401, 2.0, train_loss=1.0, gpu_share=0.75, gpu_memory_bytes=6_000_000_000)
    studio.engine.send(MetricsAdded("r14", (point,)))
    qtbot.waitUntil(page.plots.gpu.isVisible)
    assert page.plots.gpu_memory._value.text() == "6.0 GB"


def test_smoothing_is_set_by_the_slider_and_by_command_and_is_remembered(
    studio: Studio, page: RunPage, qtbot: QtBot
) -> None:
    controls = page.plots.loss.controls
    smooth = last_point(page, "smooth")[1]
    controls.slider.setFocus()
    QTest.keyClick(controls.slider, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: last_point(page, "smooth")[1] == last_point(page, "raw")[1])
    command = studio.app.commands.get("runs.smoothing")
    assert command.choices is not None
    next(each for each in command.choices() if each.id == "0.9").run()
    qtbot.waitUntil(lambda: last_point(page, "smooth")[1] == smooth)
    assert controls.value.text() == "0.90"
    assert studio.app.settings.get("runs.smoothing", 0.0) == 0.9


def test_the_log_scale_draws_logarithms_and_names_the_losses(
    studio: Studio, page: RunPage, qtbot: QtBot
) -> None:
    raw = last_point(page, "raw")[1]
    QTest.mouseClick(page.plots.loss.controls.scale, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: last_point(page, "raw")[1] == pytest.approx(math.log10(raw)))
    ticks = dict(page.plots.loss._y_ticks(*page.plots.loss.frame.view()[2:]))
    assert ticks[0.0] == "1.0"
    assert studio.app.settings.get("runs.log-scale", False)
    studio.app.commands.run("runs.log-scale")
    qtbot.waitUntil(lambda: last_point(page, "raw")[1] == raw)


def test_a_run_that_waits_for_room_says_how_much_and_resumes(
    studio: Studio, page: RunPage, qtbot: QtBot
) -> None:
    full = Problem("disk.full", "Disk full: a checkpoint needs 92.0 MB, 12.0 MB are free.")
    studio.engine.send(
        JobChanged(replace(RUNNING_JOB, state=JobState.PAUSED, problem=full)),
        RunChanged(replace(RUNNING, state=JobState.PAUSED)),
    )
    qtbot.waitUntil(lambda: page._band.isVisible())
    assert "needs 92.0 MB, 12.0 MB are free" in page._band._label.text()


def test_what_a_run_did_by_itself_is_said_on_its_page(
    studio: Studio, page: RunPage, qtbot: QtBot
) -> None:
    notice = "Micro-batch halved to 4 after running out of memory at step 12."
    studio.engine.send(RunChanged(replace(RUNNING, notices=(notice,))))
    qtbot.waitUntil(lambda: page._band.isVisible())
    assert notice in page._band._label.text()


def test_a_checkpoint_is_taken_into_a_chat_with_enter_or_the_button(
    studio: Studio, qtbot: QtBot
) -> None:
    app = studio.app
    asked: list[str] = []
    app.commands.add(
        Command(id="chat.with-checkpoint", title="Chat with it",
                run=lambda: asked.append(app.selection.id("checkpoint")))
    )  # fmt: skip
    page = open_run(studio, qtbot, "r14")
    QTest.mouseClick(page.chat, Qt.MouseButton.LeftButton)
    assert asked == ["r14@300"]  # the best
    page.checkpoints.setFocus()
    page.checkpoints.selectRow(1)
    QTest.keyClick(page.checkpoints, Qt.Key.Key_Return)
    QTest.mouseClick(page.chat, Qt.MouseButton.LeftButton)
    assert asked == ["r14@300", "r14@400", "r14@400"]


def test_without_a_chat_there_is_no_button_for_it(page: RunPage) -> None:
    assert not page.chat.isVisible()
