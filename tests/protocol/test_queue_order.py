"""When queued jobs start, as far as it is known."""

from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.queue_order import start_times
from engine.protocol.start_rules import StartRule, in_night, night_begins, night_is_over

HOUR = 3600.0
NIGHT = StartRule(only_at_night=True)


def at(hour: int, minute: int = 0, *, day: int = 10) -> float:
    return datetime(2026, 3, day, hour, minute).timestamp()


def job(name: str, hours: float | None = None, **more: Any) -> Job:
    forecast_s = None if hours is None else hours * HOUR
    plain = {"created_at": float(len(name)), "forecast_s": forecast_s}
    return Job(name, JobKind.TRAIN, name, **{**plain, **more})


RUNNING = job("r", state=JobState.RUNNING, remaining_s=2 * HOUR)
NOON = at(12)


def test_each_starts_when_the_one_before_it_ends() -> None:
    starts = start_times([RUNNING, job("b", 1.5), job("cc", 1), job("ddd")], NOON)
    assert starts == {"b": at(14), "cc": at(15, 30), "ddd": at(16, 30)}


def test_nothing_is_said_of_what_is_behind_an_unknown_length() -> None:
    starts = start_times([RUNNING, job("b"), job("cc", 1)], NOON)
    assert starts == {"b": at(14)}
    unknown = replace(RUNNING, remaining_s=None)
    assert start_times([unknown, job("b", 1)], NOON) == {}


def test_a_job_that_has_done_a_part_needs_the_rest() -> None:
    starts = start_times([job("b", 4, progress=0.75), job("cc", 1)], NOON)
    assert starts == {"b": NOON, "cc": at(13)}


def test_a_night_run_lets_others_pass_and_is_put_off_in_the_morning() -> None:
    night = job("b", 10, start_rule=NIGHT)
    starts = start_times([RUNNING, night, job("cc", 3), job("ddd", 1, position=1)], NOON)
    assert starts == {"cc": at(14), "ddd": at(17), "b": at(22)}
    later = job("eeee", 30, start_rule=replace(NIGHT, after="b"))
    # b has nine hours in its first night and one in the next.
    assert start_times([night, later], NOON) == {"b": at(22), "eeee": at(23, day=11)}


def test_a_job_after_another_starts_when_that_has_ended() -> None:
    first = job("b", 3, position=5)
    second = job("cc", 1, start_rule=StartRule(after="b"))
    assert start_times([RUNNING, first, second], NOON) == {"b": at(14), "cc": at(17)}
    assert start_times([replace(first, state=JobState.PAUSED), second], NOON) == {}
    gone = replace(first, state=JobState.FAILED)
    assert start_times([gone, second], NOON) == {"cc": NOON}


def test_nobody_knows_when_a_machine_will_be_idle() -> None:
    idle = job("b", 1, start_rule=StartRule(only_idle=True))
    assert start_times([RUNNING, idle, job("cc", 1)], NOON) == {}
    assert start_times([RUNNING, job("a", 1), replace(idle, position=1)], NOON) == {"a": at(14)}


def test_small_jobs_have_room_of_their_own() -> None:
    small = Job("s", JobKind.IMPORT_DATASET, "s")
    busy = [
        replace(small, id=str(number), state=JobState.RUNNING, remaining_s=60.0 * number)
        for number in (1, 2)
    ]
    assert start_times([RUNNING, small], NOON) == {"s": NOON}
    assert start_times([*busy, small], NOON) == {"s": NOON + 60}
    assert start_times([busy[0], replace(busy[1], remaining_s=None), small], NOON) == {}


@pytest.mark.parametrize(
    ("hours", "moment", "within"),
    [
        ("22:00-07:00", at(22), True),
        ("22:00-07:00", at(3), True),
        ("22:00-07:00", at(7), False),
        ("22:00-07:00", at(21, 59), False),
        ("01:00-05:30", at(5, 29), True),
        ("01:00-05:30", at(23), False),
        ("08:00-08:00", at(12), True),
    ],
)
def test_nights_may_wrap_midnight(hours: str, moment: float, within: bool) -> None:
    assert in_night(replace(NIGHT, night_hours=hours), moment) is within


def test_nights_begin_and_end_by_the_clock_on_the_wall() -> None:
    assert night_begins(NIGHT, NOON) == at(22)
    assert night_begins(NIGHT, at(23)) == at(23)
    assert night_is_over(NIGHT, at(23)) == at(7, day=11)
    assert night_is_over(NIGHT, at(3)) == at(7)
    assert night_is_over(replace(NIGHT, night_hours="08:00-08:00"), NOON) == float("inf")
