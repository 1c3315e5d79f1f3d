"""What is said when a run ends."""

from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from desktop.features.training.ended_runs import EndedRuns, words
from desktop.workbench.desktop_notices import SETTING, DesktopNotices
from engine.protocol.events import JobChanged, RunChanged
from engine.protocol.jobs import JobState
from tests.desktop.features.conftest import Studio
from tests.desktop.features.run_records import DIVERGED, DONE, FAILED, FAILED_JOB, RUNNING

ENDED = replace(RUNNING, state=JobState.DONE)


def listen(studio: Studio) -> list[tuple[str, str]]:
    """What the desktop would be told of runs that end from now on."""
    told: list[tuple[str, str]] = []
    ended = EndedRuns(studio.app, lambda title, sentence: told.append((title, sentence)))
    ended._on_runs(set(studio.app.store.runs))
    return told


def test_a_run_that_ends_out_of_sight_gets_a_toast_and_is_told_to_the_desktop(
    studio: Studio, qtbot: QtBot
) -> None:
    told = listen(studio)
    studio.engine.send(RunChanged(ENDED))
    qtbot.waitUntil(lambda: bool(told))
    sentence = "tickets 14 is trained: validation loss 1.250 after 52 min."
    assert told == [("Training done", sentence)]
    notice = studio.app.notifications.notices[-1]
    assert (notice.text, notice.severity) == (sentence, "done")
    notice.actions[0].run()
    assert studio.app.window.editors.is_open("run", "r14")


def test_a_run_whose_page_is_in_front_gets_no_toast(studio: Studio, qtbot: QtBot) -> None:
    told = listen(studio)
    studio.app.open("run", "r14")
    studio.engine.send(RunChanged(ENDED))
    qtbot.waitUntil(lambda: bool(told))
    assert not studio.app.notifications.notices


def test_a_failure_says_why(studio: Studio, qtbot: QtBot) -> None:
    told = listen(studio)
    studio.engine.send(JobChanged(replace(FAILED_JOB, id="j14", problem=DIVERGED)))
    studio.engine.send(RunChanged(replace(RUNNING, state=JobState.FAILED)))
    qtbot.waitUntil(lambda: bool(told))
    assert told == [("Training failed", "tickets 14 has failed: The loss diverged at step 46.")]
    assert studio.app.notifications.notices[-1].severity == "error"


def test_runs_that_had_ended_before_are_no_news(studio: Studio) -> None:
    told: list[tuple[str, str]] = []
    ended = EndedRuns(studio.app, lambda title, sentence: told.append((title, sentence)))
    ended._on_runs({"r13", "r11"})
    assert not told


def test_the_words_leave_out_what_is_not_known() -> None:
    assert words(replace(DONE, best_loss=None, elapsed_s=0.0), None) == "tickets 13 is trained."
    assert words(FAILED, None) == "tickets 11 has failed."


def test_the_desktop_is_told_only_while_the_window_is_not_in_front_and_it_is_wanted(
    studio: Studio, qtbot: QtBot
) -> None:
    notices = DesktopNotices(studio.app.window, studio.app.settings)
    assert not notices.wanted()
    studio.app.window.hide()
    qtbot.waitUntil(lambda: not studio.app.window.isActiveWindow())
    assert notices.wanted()
    notices.show("Training done", "Where there is no tray, nothing happens.")
    studio.app.settings.set(SETTING, False)
    assert not notices.wanted()
