"""The New run page: methods, presets of one's own, and settings as files."""

import time
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desktop.features.training.new_run_page import NewRunPage
from desktop.workbench.check_box import CheckBox
from desktop.workbench.record_changes import RenamePopover
from engine.protocol.events import PresetsChanged
from engine.protocol.method_specs import METHODS
from engine.protocol.options import with_values
from engine.protocol.presets import FRESH, METHOD
from engine.protocol.problems import Problem
from engine.protocol.settings_file import format_preset, format_spec, parse_spec
from engine.protocol.specs import Preset, TrainSpec
from tests.desktop.features.conftest import Studio
from tests.desktop.features.records import QUICK
from tests.desktop.features.run_records import BALANCED, THOROUGH

MINE = Preset("Mine", "Mine", "", {METHOD: "ia3", "epochs": 7.0, "learning_rate": 0.01}, own=True)
ALL = (QUICK, BALANCED, THOROUGH, MINE)


@pytest.fixture
def page(studio: Studio, qtbot: QtBot) -> NewRunPage:
    studio.app.selection.set("dataset", "d1")
    studio.app.commands.run("runs.new")
    page = studio.app.window.editors.active
    assert isinstance(page, NewRunPage)
    qtbot.waitUntil(lambda: bool(page.forecasts.latest))
    return page


@pytest.fixture
def with_mine(studio: Studio, page: NewRunPage, qtbot: QtBot) -> NewRunPage:
    studio.engine.send(PresetsChanged(ALL))
    qtbot.waitUntil(lambda: "Mine" in page.form.presets.cards)
    return page


def choose(page: NewRunPage, kind: str) -> None:
    QTest.mouseClick(page.form.methods.rows[kind], Qt.MouseButton.LeftButton)


def text(page: NewRunPage, path: str) -> str:
    widget = page.form.form.field(path).input
    assert isinstance(widget, QLineEdit)
    return widget.text()


def enter(page: NewRunPage, path: str, typed: str) -> None:
    widget = page.form.form.field(path).input
    assert isinstance(widget, QLineEdit)
    widget.selectAll()
    QTest.keyClicks(widget, typed)


def popover(studio: Studio) -> RenamePopover:
    found = studio.app.window.findChildren(RenamePopover)
    assert found
    return found[-1]


def sent(studio: Studio, method: str, path: str) -> list[bytes]:
    return [each.body for each in studio.engine.asked
            if (each.method, each.path) == (method, path)]  # fmt: skip


def test_every_method_shows_its_cost_before_the_start(page: NewRunPage) -> None:
    rows = page.form.methods.rows
    assert list(rows) == [method.kind for method in METHODS]
    assert "1.5 GB of memory" in rows["lora"].accessibleDescription()
    for kind in [*rows][1:]:
        assert "about 1.1 GB of memory" in rows[kind].accessibleDescription()
        assert "4.88 M trainable" in rows[kind].accessibleDescription()


def test_the_less_usual_methods_unfold_and_the_chosen_one_stays(page: NewRunPage) -> None:
    methods = page.form.methods
    assert not methods.rows["oft"].isVisible()
    assert "OFT" in methods.more.accessibleDescription()
    QTest.mouseClick(methods.more, Qt.MouseButton.LeftButton)
    choose(page, "oft")
    QTest.mouseClick(methods.more, Qt.MouseButton.LeftButton)
    assert methods.rows["oft"].isVisible()
    assert not methods.rows["vera"].isVisible()
    assert "OFT" not in methods.more.accessibleDescription()


def test_arrow_keys_choose_a_method_and_keep_the_focus(page: NewRunPage) -> None:
    rows = page.form.methods.rows
    rows["lora"].setFocus()
    QTest.keyClick(rows["lora"], Qt.Key.Key_Down)
    assert rows["qlora"].hasFocus()
    assert rows["qlora"].isChecked()
    assert page.form.name.placeholderText() == "tickets qlora 16"


def test_another_method_brings_its_own_fields(page: NewRunPage) -> None:
    choose(page, "ia3")
    form = page.form.form
    assert "method.rank" not in form.values()
    box = form.field("method.feed_forward").input
    assert isinstance(box, CheckBox)
    assert box.isChecked()
    assert text(page, "learning_rate") == "0.0045"
    assert form.field("learning_rate")._hint.text().startswith("Set for IA³")
    assert page.form.presets.cards["balanced"].isChecked()
    spec = page.form.spec()
    assert spec is not None
    assert spec.learning_rate == 0.0045


def test_the_way_back_brings_back_what_was_typed(page: NewRunPage) -> None:
    enter(page, "method.rank", "24")
    enter(page, "batch_size", "4")
    choose(page, "ia3")
    assert text(page, "batch_size") == "4"
    choose(page, "lora")
    assert (text(page, "method.rank"), text(page, "batch_size")) == ("24", "4")
    assert text(page, "learning_rate") == "3e-4"


def test_a_learning_rate_that_was_typed_stays_and_the_usual_one_is_named(page: NewRunPage) -> None:
    enter(page, "learning_rate", "7e-4")
    choose(page, "ia3")
    assert text(page, "learning_rate") == "7e-4"
    hint = page.form.form.field("learning_rate")._hint.text()
    assert hint == "0.0045 is usual for IA³ here"


def test_a_method_is_chosen_in_under_a_tenth_of_a_second(page: NewRunPage) -> None:
    choose(page, "ia3")
    started = time.process_time()
    choose(page, "lora")
    assert time.process_time() - started < 0.1


def test_the_settings_of_the_method_stand_under_its_name_and_can_be_searched(
    page: NewRunPage,
) -> None:
    settings = page.form.form.all_settings
    assert settings is not None
    settings.set_open(True)
    assert "LoRA" in settings._headings
    settings._search.setText("dora")
    shown = [row.field.option.path for row in settings._rows if not row.isHidden()]
    assert shown == ["method.dora"]
    choose(page, "qlora")
    assert "QLoRA" in settings._headings
    assert not [row for row in settings._rows if not row.isHidden()]


def test_the_draft_keeps_the_method(studio: Studio, page: NewRunPage) -> None:
    choose(page, "ia3")
    draft: dict[str, Any] = studio.app.settings.get("runs.draft", {})
    assert draft["values"][METHOD] == "ia3"
    assert draft["before"]["lora"]["method.rank"] == 16


def test_a_preset_of_one_s_own_brings_its_method(with_mine: NewRunPage) -> None:
    QTest.mouseClick(with_mine.form.presets.cards["Mine"], Qt.MouseButton.LeftButton)
    assert with_mine.form.methods.selected == "ia3"
    assert text(with_mine, "learning_rate") == "0.01"
    assert with_mine.form.presets.cards["Mine"].isChecked()
    choose(with_mine, "lora")
    assert text(with_mine, "learning_rate") == "6.67e-4"
    assert with_mine.form.presets.back.text() == "Back to Mine"


def test_settings_are_saved_under_a_name(studio: Studio, page: NewRunPage, qtbot: QtBot) -> None:
    studio.engine.answer("PUT", "/api/presets/Mine", MINE)
    choose(page, "ia3")
    studio.app.commands.run("runs.save-preset")
    QTest.keyClicks(popover(studio).field, "Mine")
    QTest.keyClick(popover(studio).field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(sent(studio, "PUT", "/api/presets/Mine")))
    put = next(each.read(Preset) for each in studio.engine.asked if each.method == "PUT")
    assert (put.title, put.values[METHOD], put.values["epochs"]) == ("Mine", "ia3", 5.0)


def test_a_name_that_is_refused_keeps_the_field_open(
    studio: Studio, page: NewRunPage, qtbot: QtBot
) -> None:
    studio.engine.refuse("PUT", "/api/presets/Quick", Problem("x", "'Quick' is taken."))
    studio.app.commands.run("runs.save-preset")
    field = popover(studio)
    QTest.keyClicks(field.field, "Quick")
    QTest.keyClick(field.field, Qt.Key.Key_Return)
    qtbot.waitUntil(field._error.isVisible)
    field.close()


def test_a_preset_is_deleted_with_undo(studio: Studio, with_mine: NewRunPage, qtbot: QtBot) -> None:
    studio.engine.answer("DELETE", "/api/presets/Mine", {"undo": "t1"})
    studio.engine.answer("POST", "/api/trash/t1/restore", MINE)
    QTest.keyClick(with_mine.form.presets.cards["Mine"], Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: bool(studio.app.notifications.notices))
    studio.app.notifications.notices[-1].actions[0].run()
    qtbot.waitUntil(lambda: "/api/trash/t1/restore" in studio.engine.paths("POST"))


def test_a_renamed_preset_stays_the_one_of_the_draft(
    studio: Studio, with_mine: NewRunPage, qtbot: QtBot
) -> None:
    new = replace(MINE, id="Yours", title="Yours")
    studio.engine.answer("PATCH", "/api/presets/Mine/name", new)
    QTest.mouseClick(with_mine.form.presets.cards["Mine"], Qt.MouseButton.LeftButton)
    QTest.keyClick(with_mine.form.presets.cards["Mine"], Qt.Key.Key_F2)
    field = popover(studio).field
    field.selectAll()
    QTest.keyClicks(field, "Yours")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(sent(studio, "PATCH", "/api/presets/Mine/name")))
    studio.engine.send(PresetsChanged((*ALL[:3], new)))
    qtbot.waitUntil(lambda: "Yours" in with_mine.form.presets.cards)
    assert with_mine.form.presets.cards["Yours"].isChecked()


def test_a_preset_that_goes_leaves_the_settings(
    studio: Studio, with_mine: NewRunPage, qtbot: QtBot
) -> None:
    QTest.mouseClick(with_mine.form.presets.cards["Mine"], Qt.MouseButton.LeftButton)
    studio.engine.send(PresetsChanged(ALL[:3]))
    qtbot.waitUntil(lambda: "Mine" not in with_mine.form.presets.cards)
    assert with_mine.form.methods.selected == "ia3"
    assert text(with_mine, "learning_rate") == "0.01"


def drop(page: NewRunPage, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    page.dropEvent(
        QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                   Qt.KeyboardModifier.NoModifier)
    )  # fmt: skip


def test_a_dropped_file_of_a_run_fills_the_page(page: NewRunPage, tmp_path: Path) -> None:
    spec = TrainSpec("SmolLM2-135M-Instruct", "sample-tickets.jsonl", name="theirs", epochs=4.0)
    path = tmp_path / "run.toml"
    path.write_bytes(format_spec(with_values(spec, {METHOD: "vera", "method.rank": 64})))
    drop(page, path)
    assert page.form.dataset.currentText() == "sample-tickets.jsonl"
    assert page.form.methods.selected == "vera"
    assert page.form.methods.rows["vera"].isVisible()
    assert (text(page, "method.rank"), page.form.name.text()) == ("64", "theirs")


def test_what_a_file_names_and_is_not_here_is_said(
    studio: Studio, page: NewRunPage, tmp_path: Path
) -> None:
    path = tmp_path / "run.toml"
    path.write_bytes(format_spec(TrainSpec("SmolLM2-135M-Instruct", "gone.jsonl")))
    drop(page, path)
    assert "There is no dataset 'gone.jsonl' here." in studio.app.notifications.notices[-1].text
    assert page.form.dataset.currentIndex() == -1


def test_a_dropped_preset_is_kept_and_applied(
    studio: Studio, page: NewRunPage, tmp_path: Path, qtbot: QtBot
) -> None:
    studio.engine.answer("PUT", "/api/presets/Mine", MINE)
    path = tmp_path / "mine.toml"
    path.write_bytes(format_preset(MINE))
    drop(page, path)
    qtbot.waitUntil(lambda: page.form.methods.selected == "ia3")
    assert text(page, "learning_rate") == "0.01"


def test_a_file_that_is_none_changes_nothing(
    studio: Studio, page: NewRunPage, tmp_path: Path
) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("base = ")
    drop(page, path)
    assert "broken.toml" in studio.app.notifications.notices[-1].text
    assert page.form.presets.cards["balanced"].isChecked()


def test_the_settings_of_a_run_become_a_file(
    studio: Studio, page: NewRunPage, tmp_path: Path, qtbot: QtBot
) -> None:
    files = page._files
    spec = page.form.spec()
    assert spec is not None
    files.write(tmp_path / "run.toml", format_spec(replace(spec, base="b", dataset="d")))
    assert parse_spec((tmp_path / "run.toml").read_bytes()).epochs == 5.0
    files.write(tmp_path / "no" / "run.toml", b"")
    assert "cannot be written" in studio.app.notifications.notices[-1].text


def test_run_again_with_takes_the_method_along(studio: Studio, page: NewRunPage) -> None:
    studio.app.selection.set("run", "r13")
    run = studio.app.store.runs["r13"]
    spec = with_values(FRESH, {METHOD: "lokr", "method.rank": 4})
    studio.app.store.runs["r13"] = replace(run, spec=replace(spec, base="m1", dataset="d2"))
    studio.app.commands.run("runs.again")
    assert page.form.methods.selected == "lokr"
    assert text(page, "method.rank") == "4"
    assert page.form.dataset.currentText() == "sample-tickets.jsonl"
