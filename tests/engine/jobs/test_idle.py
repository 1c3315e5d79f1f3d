"""Whether a machine counts as idle, from readings taken every five seconds."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from engine.jobs.activity import OthersActivity, used_s
from engine.jobs.idle import BUSY_FOR_S, LONGEST_GAP_S, QUIET_FOR_S, Activity, IdleWatch

BURN = """
import time
while time.process_time() < 1.0:
    pass
print("burnt", flush=True)
input()
"""


class Machine:
    """Plays readings into a watch."""

    def __init__(self) -> None:
        self.at_s = self.used_s = 0.0
        self.input_idle_s: float | None = None
        self.watch = IdleWatch(lambda: Activity(self.at_s, self.used_s, self.input_idle_s))

    def passes(self, seconds: float, *, others: float = 0.0, step_s: float = 5.0) -> bool:
        for _ in range(round(seconds / step_s)):
            self.at_s += step_s
            self.used_s += others * step_s
            self.watch.look()
        return self.watch.idle


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def idle(machine: Machine) -> Machine:
    assert machine.passes(QUIET_FOR_S + 5)
    return machine


def test_it_takes_two_quiet_minutes(machine: Machine) -> None:
    assert not machine.passes(QUIET_FOR_S)
    assert machine.passes(5)


def test_somebody_who_works_is_no_idle_machine(machine: Machine) -> None:
    assert not machine.passes(600, others=0.5)


def test_a_short_burst_is_not_yet_use(idle: Machine) -> None:
    assert idle.passes(5, others=1.5)
    assert idle.passes(60)


def test_use_ends_it_within_a_quarter_of_a_minute(idle: Machine) -> None:
    assert not idle.passes(BUSY_FOR_S, others=1.0)


def test_what_had_kept_it_from_being_idle_does_not_end_it(idle: Machine) -> None:
    assert idle.passes(600, others=0.5)


def test_after_use_two_quiet_minutes_have_to_pass_again(idle: Machine) -> None:
    idle.passes(BUSY_FOR_S, others=1.0)
    assert not idle.passes(QUIET_FOR_S - 15)
    assert idle.passes(30)


def test_one_key_press_ends_it(idle: Machine) -> None:
    idle.input_idle_s = 2.0
    assert not idle.passes(5)
    idle.input_idle_s = QUIET_FOR_S - 1
    assert not idle.passes(600)
    idle.input_idle_s = QUIET_FOR_S
    assert idle.passes(QUIET_FOR_S)


def test_nothing_is_known_of_a_time_when_nobody_looked(idle: Machine) -> None:
    assert not idle.passes(LONGEST_GAP_S + 5, step_s=LONGEST_GAP_S + 5)


@pytest.fixture
def burner() -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-c", BURN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        yield process
        process.kill()


def test_the_work_of_our_own_jobs_is_not_that_of_others(burner: "subprocess.Popen[str]") -> None:
    everybody, others = OthersActivity(lambda: ()), OthersActivity(lambda: (burner.pid,))
    assert burner.stdout is not None
    assert burner.stdout.readline() == "burnt\n"
    told = others.read().used_s
    assert everybody.read().used_s - told > 0.8
    assert 0.9 < used_s((burner.pid,)) < 3.0


def test_a_worker_that_has_left_takes_no_time_of_others_with_it(
    burner: "subprocess.Popen[str]",
) -> None:
    watched = OthersActivity(lambda: (burner.pid,))
    assert burner.stdout is not None
    burner.stdout.readline()
    before = watched.read()
    burner.kill()
    burner.wait()
    after = watched.read()
    assert after.used_s == before.used_s
    assert after.at_s > before.at_s
