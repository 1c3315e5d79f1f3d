"""Real processes in the place of an engine that does not come up."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from pytestqt.qtbot import QtBot

from desktop.core.engine_process import EngineProcess
from engine.protocol.engine_launch import TAKEN


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], EngineProcess]]:
    """An EngineProcess whose engine is that Python script."""
    made = []

    def make(script: str) -> EngineProcess:
        made.append(EngineProcess(tmp_path, command=[sys.executable, "-c", script]))
        return made[-1]

    yield make
    for process in made:
        shiboken6.delete(process)


def failure(qtbot: QtBot, process: EngineProcess) -> str:
    """What is said once it has given up."""
    with qtbot.waitSignal(process.failed, timeout=10_000) as failed:
        process.attach_or_start()
    return str(failed.args[0])


def test_an_engine_that_fails_is_told_with_its_last_words(
    qtbot: QtBot, tmp_path: Path, start: Callable[[str], EngineProcess]
) -> None:
    said = failure(qtbot, start("raise SystemExit('no room in the inn')"))
    assert "no room in the inn" in said
    assert "engine-start.log" in said


def test_of_an_exception_only_its_words_are_told(
    qtbot: QtBot, tmp_path: Path, start: Callable[[str], EngineProcess]
) -> None:
    script = "class Refused(Exception): pass\nraise Refused('The catalog is newer.')"
    assert failure(qtbot, start(script)).startswith(
        "The engine did not start: The catalog is newer. The"
    )


def test_a_folder_that_another_engine_holds_is_tried_again(
    qtbot: QtBot, tmp_path: Path, start: Callable[[str], EngineProcess]
) -> None:
    tried = tmp_path / "tried"
    script = (
        "import pathlib, sys\n"
        f"tried = pathlib.Path({str(tried)!r})\n"
        f"status = 1 if tried.exists() else {TAKEN}\n"
        "tried.touch()\n"
        "sys.exit(status)\n"
    )
    failure(qtbot, start(script))
    assert tried.exists()


def test_an_engine_is_started_where_no_modules_of_the_person_lie(
    qtbot: QtBot, tmp_path: Path, start: Callable[[str], EngineProcess]
) -> None:
    script = "import os; raise SystemExit(f'started in {os.getcwd()}')"
    assert f"started in {tmp_path / 'logs'}" in failure(qtbot, start(script))
