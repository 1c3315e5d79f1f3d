from typing import cast

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QEnterEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.features.adapters.page import AdapterPage
from desktop.features.adapters.tables import HashButton
from desktop.workbench.label import Label, Paragraph
from engine.protocol.events import AdapterChanged, RecordRemoved
from engine.protocol.records import FileCheck
from tests.desktop.features.adapters import records
from tests.fakes.engine import FakeEngine


@pytest.fixture
def page(app: App, qtbot: QtBot) -> AdapterPage:
    page = cast(AdapterPage, app.open("adapter", "a3"))
    qtbot.waitUntil(lambda: "verified" in shown_text(page))
    return page


def shown_text(page: AdapterPage) -> str:
    texts = [each.text() for each in page.findChildren(Label) if each.isVisible()]
    texts += [each.text() for each in page.findChildren(Paragraph) if each.isVisible()]
    return " | ".join(texts)


def test_the_passport_says_what_it_is_and_that_it_fits(page: AdapterPage) -> None:
    assert page.header.name.whole_text() == "support-triage r16"
    assert page.header.version.text() == "v3"
    assert page.header.fit.text() == "Fits the loaded base"
    assert "All 3 verified" in shown_text(page)
    assert "Exact match" in shown_text(page)
    assert "Loads, untested" in shown_text(page)
    assert "1.274" in shown_text(page)


def test_opening_the_page_selects_its_adapter(app: App, page: AdapterPage) -> None:
    assert app.selection.id("adapter") == "a3"


def test_chat_is_the_one_blue_button_and_ctrl_enter_runs_it(app: App, page: AdapterPage) -> None:
    assert page.header.chat.property("kind") == "primary"
    QTest.keyClick(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    tab = app.window.editors.active_tab
    assert tab is not None
    assert tab.kind == "chat"


def test_an_adapter_without_its_base_says_so_and_cannot_chat(app: App, qtbot: QtBot) -> None:
    page = cast(AdapterPage, app.open("adapter", "a9"))
    qtbot.waitUntil(lambda: not page.header.chat.isEnabled())
    assert page.header.fit.text() == "Needs another base"
    assert "Qwen2-0.5B" in shown_text(page)
    QApplication.sendEvent(page.header.chat, QEnterEvent(QPointF(), QPointF(), QPointF()))
    assert page.header.chat.toolTip() == "It needs another base: Qwen2-0.5B."
    assert not app.commands.run("chat.with-adapter")


def test_a_changed_and_a_missing_file_are_named(app: App, engine: FakeEngine, qtbot: QtBot) -> None:
    names = [file.name for file in records.FILES]
    states = ("changed", "missing", "intact")
    checks = [FileCheck(name, state) for name, state in zip(names, states, strict=True)]
    engine.answer("GET", "/api/adapters/a2/files", checks)
    page = cast(AdapterPage, app.open("adapter", "a2"))
    qtbot.waitUntil(lambda: "2 of 3 not as published" in shown_text(page))
    qtbot.waitUntil(lambda: "missing" in shown_text(page))  # new rows show with the next event


def test_a_click_on_a_hash_copies_the_whole_value(page: AdapterPage, app: App) -> None:
    button = page.files.findChildren(HashButton)[0]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == records.FILES[0].sha256
    assert app.notifications.notices[-1].text == "Copied."


def test_lineage_names_every_step_and_its_edges(page: AdapterPage) -> None:
    nodes = [button.node for button in page.lineage.nodes]
    assert [node.title for node in nodes] == [
        "tickets.jsonl", "house-style r16", "Run 14", "support-triage r16",
    ]  # fmt: skip
    assert nodes[0].detail == "rev 5 · sha 2f9c41d0"
    assert nodes[2].detail == "1 h 21 min · val loss 1.274"


def test_a_node_opens_its_page_by_click_and_by_enter(app: App, page: AdapterPage) -> None:
    opened: list[tuple[str, str]] = []
    page.lineage._opened = lambda kind, key: opened.append((kind, key))
    dataset, parent, run, this = page.lineage.nodes
    QTest.mouseClick(run, Qt.MouseButton.LeftButton)
    QTest.keyClick(dataset, Qt.Key.Key_Return)
    QTest.keyClick(parent, Qt.Key.Key_Space)
    assert opened == [("run", "r14"), ("dataset", "d1"), ("adapter", "a1")]
    assert not this.isEnabled()


def test_an_imported_adapter_comes_from_a_folder(app: App) -> None:
    page = cast(AdapterPage, app.open("adapter", "a9"))
    assert [button.node.title for button in page.lineage.nodes] == ["Imported folder", "poet r4"]


def test_a_new_name_from_the_engine_is_shown(
    app: App, page: AdapterPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    renamed = replace(app.store.adapters["a3"], name="triage, final")
    engine.send(AdapterChanged(renamed))
    qtbot.waitUntil(lambda: page.header.name.whole_text() == "triage, final")
    tab = app.window.editors.active_tab
    assert tab is not None
    assert tab.title == "triage, final"


def test_the_page_of_a_deleted_adapter_closes(
    app: App, page: AdapterPage, engine: FakeEngine, qtbot: QtBot
) -> None:
    engine.send(RecordRemoved("adapter", "a3"))
    qtbot.waitUntil(lambda: not app.window.editors.is_open("adapter", "a3"))
    assert app.selection.adapter is None
