"""`jobs when`, `jobs move` and `jobs queue` against an engine that says what it is asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from msgspec.structs import replace

from engine.cli import commands, main
from engine.protocol.start_rules import Move, StartRule
from tests.desktop.features.run_records import QUEUED_JOB, RUNNING_JOB, job, runs_state
from tests.fakes.engine import FakeEngine

LATE = replace(QUEUED_JOB, id="j16", title="Train last", created_at=99.0)


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    monkeypatch.setenv("ADAPTER_STUDIO_HOME", str(tmp_path))
    ended = job(13, RUNNING_JOB.state.DONE)
    made = FakeEngine(runs_state(jobs=(RUNNING_JOB, QUEUED_JOB, LATE, ended))).start()
    made.answer("GET", "/api/ping", {})
    made.write_engine_file(tmp_path)
    yield made
    made.stop()


@pytest.mark.parametrize(
    ("flags", "rule"),
    [
        (("--after", "#14"), StartRule(after="j14")),
        (("--idle",), StartRule(only_idle=True)),
        (("--night",), StartRule(only_at_night=True)),
        (("--hours", "20:30-06:00"), StartRule(only_at_night=True, night_hours="20:30-06:00")),
        (("--night", "--idle"), StartRule(only_at_night=True, only_idle=True)),
        (("--now",), StartRule()),
    ],
)
def test_flags_become_one_rule(
    engine: FakeEngine, flags: tuple[str, ...], rule: StartRule, capsys: pytest.CaptureFixture[str]
) -> None:
    told = replace(QUEUED_JOB, start_rule=rule, detail="" if rule.empty else "Waits a while")
    engine.answer("PUT", "/api/jobs/j15/start-rule", told)
    assert main(["jobs", "when", "tickets 15", *flags]) == 0
    (asked,) = [each for each in engine.asked if each.method == "PUT"]
    assert asked.read(StartRule) == rule
    said = capsys.readouterr().err
    assert ("Waits a while" in said) is not rule.empty
    assert "starts about" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("when", "#15", "--now", "--idle"), "give it alone"),
        (("when", "#15", "--hours", "25:00-07:00"), "like 22:00-07:00"),
        (("move", "#15"), "Say where"),
        (("move", "#15", "--up", "--before", "j16"), "Say where"),
    ],
)
def test_what_makes_no_sense_is_refused_before_the_engine_is_asked(
    engine: FakeEngine,
    arguments: tuple[str, ...],
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["jobs", *arguments]) == 2
    assert words in capsys.readouterr().err
    assert not engine.paths("PUT") + engine.paths("POST")


@pytest.mark.parametrize(
    ("name", "where", "before"),
    [
        ("j15", ("--down",), ""),
        ("j16", ("--up",), "j15"),
        ("j16", ("--first",), "j15"),
        ("j15", ("--last",), ""),
        ("j16", ("--before", "#15"), "j15"),
    ],
)
def test_a_move_is_a_place_before_another_job(
    engine: FakeEngine, name: str, where: tuple[str, ...], before: str
) -> None:
    engine.answer("POST", f"/api/jobs/{name}/move", QUEUED_JOB)
    assert main(["jobs", "move", name, *where]) == 0
    (asked,) = [each for each in engine.asked if each.method == "POST"]
    assert asked.read(Move) == Move(before)


def test_the_first_cannot_move_up_and_the_queue_is_shown(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["jobs", "move", "j15", "--up"]) == 0
    assert not engine.paths("POST")
    running, first, second = capsys.readouterr().out.splitlines()[1:]
    assert "28 min 0 s left" in running
    assert first.split()[0] == "1"
    assert "starts about" in first
    assert second.rstrip().endswith("starts when its turn comes")


def test_the_shell_completes_jobs_that_have_not_ended(engine: FakeEngine) -> None:
    def complete(*typed: str, begun: str = "") -> list[str]:
        shell = ShellComplete(commands, {}, "adapter-studio", "_COMPLETE")
        return [item.value for item in shell.get_completions(list(typed), begun)]

    assert complete("jobs", "when") == ["tickets 14", "tickets 15", "j16"]
    assert complete("jobs", "when", begun="J1") == ["j16"]
    assert complete("jobs", "when", "j16", "--after", begun="tickets 14") == ["tickets 14"]
    assert "tickets 13" in complete("jobs", "log")
