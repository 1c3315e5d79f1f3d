from collections.abc import Callable

from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.core.engine_process import EngineState
from desktop.workbench.buttons import Button
from desktop.workbench.notifications import NoticeAction
from engine.protocol.problems import Problem, Refused


def test_at_most_three_toasts_are_on_the_screen_and_all_under_the_bell(app: App) -> None:
    for number in range(5):
        app.notifications.show(f"Notice {number}")
    shown = [toast.notice.text for toast in app.window.toasts.toasts]
    assert shown == ["Notice 2", "Notice 3", "Notice 4"]
    assert len(app.notifications.notices) == 5
    assert app.notifications.unread == 5


def test_toasts_stand_above_the_status_bar_and_inside_the_window(
    app: App, flush: Callable[[], None]
) -> None:
    app.notifications.show("A sentence that is rather long and needs a second line in a toast.")
    app.notifications.problem(Problem("x", "It failed.", "Try again."))
    flush()
    edge = app.window.height() - 24 - 16
    bottoms = []
    for toast in app.window.toasts.toasts:
        assert toast.width() == 360
        assert toast.geometry().right() == app.window.width() - 17
        bottoms.append(toast.geometry().bottom())
    assert max(bottoms) == edge - 1
    first, second = app.window.toasts.toasts
    assert not first.geometry().intersects(second.geometry())


def test_undo_runs_once_and_takes_the_toast_away(qtbot: QtBot, app: App) -> None:
    undone: list[bool] = []
    app.notifications.undo("Deleted tickets.jsonl.", lambda: undone.append(True))
    toast = app.window.toasts.toasts[0]
    assert toast.clock.interval() == 10_000
    button = next(b for b in toast.findChildren(Button) if b.text() == "Undo")
    button.click()
    assert undone == [True]
    assert app.window.toasts.toasts == []
    assert app.notifications.notices == []


def test_errors_stay(app: App) -> None:
    app.notifications.problem(Problem("x", "No.", "Do this."), NoticeAction("Fix", lambda: None))
    toast = app.window.toasts.toasts[0]
    assert not toast.clock.isActive()
    assert toast.notice.text == "No. Do this."


def test_a_refusal_in_a_slot_is_shown_and_a_bug_says_something_went_wrong(app: App) -> None:
    refused = Refused("a.b", "That cannot be.", "Do this.")
    app.crashed(Refused, refused, None)
    app.crashed(ZeroDivisionError, ZeroDivisionError("x"), None)
    texts = [notice.text for notice in app.notifications.notices]
    assert texts == ["That cannot be. Do this.", "Something went wrong in Adapter Studio."]
    assert app.notifications.notices[1].actions[0].title == "Copy details"


def test_a_stopped_engine_is_told_with_a_way_to_restart(app: App) -> None:
    app.store.why_gone = "It ended without being asked to."
    app.store.state = EngineState.GONE
    app.store.state_changed.emit()
    assert app.notifications.notices[-1].actions[0].title == "Restart"


def test_the_word_of_a_stopped_engine_goes_once_it_is_back(app: App) -> None:
    for state in (EngineState.GONE, EngineState.READY):
        app.store.state = state
        app.store.state_changed.emit()
    assert app.notifications.notices == []
