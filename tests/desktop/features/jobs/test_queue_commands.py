"""The order of the queue and the rules of its runs, by keys, menu and palette."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.features.jobs.job_menu import job_menu
from desktop.features.jobs.jobs_view import JobsView
from desktop.features.jobs.queue_commands import NIGHT, WHEN
from engine.protocol.events import JobChanged
from engine.protocol.jobs import Job, JobState
from engine.protocol.start_rules import Move, StartRule
from tests.desktop.features.conftest import Studio
from tests.desktop.features.run_records import QUEUED_JOB, RUNNING_JOB, job

ALWAYS = ["Only while the machine is idle", "Only at night"]
LATE = job(16, JobState.QUEUED, created_at=50.0)


@pytest.fixture
def view(studio: Studio, qtbot: QtBot) -> JobsView:
    studio.engine.send(JobChanged(LATE))
    studio.app.commands.run("jobs.show")
    view = studio.app.window.panel.tab("jobs")
    assert isinstance(view, JobsView)
    qtbot.waitUntil(lambda: view.list.rows.index_of("j16").isValid())
    for each in ("j15", "j16"):
        studio.engine.answer("POST", f"/api/jobs/{each}/move", QUEUED_JOB)
    return view


def choose(view: JobsView, id: str) -> None:
    view.list.setCurrentIndex(view.list.rows.index_of(id))


def moves(studio: Studio) -> list[tuple[str, Move]]:
    asked = [each for each in studio.engine.asked if each.path.endswith("/move")]
    return [(each.path.split("/")[3], each.read(Move)) for each in asked]


def rules(studio: Studio) -> list[StartRule]:
    return [each.read(StartRule) for each in studio.engine.asked if each.method == "PUT"]


def test_alt_and_arrows_move_the_chosen_job(studio: Studio, view: JobsView, qtbot: QtBot) -> None:
    choose(view, "j16")
    QTest.keyClick(view.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: moves(studio) == [("j16", Move("j15"))])
    choose(view, "j15")
    QTest.keyClick(view.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: moves(studio)[1:] == [("j15", Move(""))])
    assert view.list.current() is not None


@pytest.mark.parametrize(
    ("id", "command"), [("j15", "jobs.move-up"), ("j16", "jobs.move-down"), ("j14", "jobs.up")]
)
def test_what_cannot_move_further_has_no_move(
    studio: Studio, view: JobsView, id: str, command: str
) -> None:
    choose(view, id)
    assert not studio.app.commands.get(command).enabled()


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        ("jobs.only-idle", StartRule(only_idle=True)),
        ("jobs.only-at-night", StartRule(only_at_night=True, night_hours="20:00-06:00")),
    ],
)
def test_a_rule_is_set_with_an_undo(
    studio: Studio, view: JobsView, qtbot: QtBot, command: str, rule: StartRule
) -> None:
    studio.app.settings.set(NIGHT, "20:00-06:00")
    told = replace(QUEUED_JOB, start_rule=rule, detail="Waits for its time")
    studio.engine.answer("PUT", "/api/jobs/j15/start-rule", told)
    choose(view, "j15")
    studio.app.commands.run(command)
    qtbot.waitUntil(lambda: bool(studio.app.notifications.notices))
    notice = studio.app.notifications.notices[-1]
    assert notice.text == "'Train tickets 15': Waits for its time."
    notice.actions[0].run()
    qtbot.waitUntil(lambda: rules(studio) == [rule, StartRule()])


def test_a_rule_is_taken_back(studio: Studio, view: JobsView, qtbot: QtBot) -> None:
    ruled = replace(QUEUED_JOB, start_rule=StartRule(only_idle=True), detail="Waits")
    studio.engine.answer("PUT", "/api/jobs/j15/start-rule", QUEUED_JOB)
    choose(view, "j15")
    assert not studio.app.commands.get("jobs.any-time").enabled()
    studio.engine.send(JobChanged(ruled))
    qtbot.waitUntil(studio.app.commands.get("jobs.any-time").enabled)
    studio.app.commands.run("jobs.any-time")
    qtbot.waitUntil(lambda: rules(studio) == [StartRule()])


def test_the_job_to_wait_for_is_chosen_in_the_palette(
    studio: Studio, view: JobsView, qtbot: QtBot
) -> None:
    studio.engine.answer("PUT", "/api/jobs/j15/start-rule", QUEUED_JOB)
    choose(view, "j15")
    offered = studio.app.commands.get("jobs.after").choices
    assert offered is not None
    assert [choice.id for choice in offered()] == ["j14", "j16"]
    offered()[0].run()
    qtbot.waitUntil(lambda: rules(studio) == [StartRule(after="j14")])
    choose(view, "j14")
    assert not studio.app.commands.get("jobs.after").enabled()


def test_the_hours_of_the_night_are_chosen_once(studio: Studio) -> None:
    offered = studio.app.commands.get(NIGHT).choices
    assert offered is not None
    assert {choice.id: choice.detail for choice in offered()}["22:00-07:00"] == "as it is now"
    offered()[0].run()
    assert studio.app.settings.get(NIGHT, "") == "00:00-08:00"


def test_the_menu_offers_what_fits_the_job(studio: Studio, view: JobsView) -> None:
    def texts(id: str) -> tuple[list[str], list[str]]:
        choose(view, id)
        row = view.list.current()
        assert row is not None
        menu = job_menu(studio.app, row, view)
        inner = [action.menu() for action in menu.actions() if action.menu() is not None]
        names = [a.text().split("\t")[0] for a in menu.actions() if not a.isSeparator()]
        found = names, [action.text() for each in inner for action in each.actions()]  # type: ignore[attr-defined]
        menu.deleteLater()
        return found

    assert texts("j16") == (
        ["Remove from the queue", "Start next", "Move up", "When to run", "Open", "Show log"],
        ["After another job…", *ALWAYS],
    )  # fmt: skip
    assert texts("j14")[1] == ALWAYS
    assert texts("j13") == (["Open", "Show log"], [])


def test_every_rule_can_be_found_in_the_palette(studio: Studio, view: JobsView) -> None:
    choose(view, "j15")
    assert [studio.app.commands.get(id).listed for id in WHEN] == [True] * len(WHEN)
    assert studio.app.commands.get("jobs.only-idle").enabled()
    studio.app.selection.set("job", RUNNING_JOB.id)
    running: Job | None = studio.app.selection.job
    assert running is not None
    assert studio.app.commands.get("jobs.only-idle").enabled()
