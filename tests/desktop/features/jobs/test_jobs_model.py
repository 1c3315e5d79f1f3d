from datetime import datetime

from msgspec.structs import replace
from pytestqt.modeltest import ModelTester

from desktop.features.jobs.jobs_model import JobsModel, rows_of
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.start_rules import StartRule
from tests.desktop.features.run_records import JOBS, QUEUED_JOB, RUNNING_JOB, job

ALL = {each.id: each for each in JOBS}


def test_what_runs_stands_before_what_waits_and_what_has_ended() -> None:
    assert [row.id for row in rows_of(ALL, 0.0)] == ["j14", "j15", "j13", "j11"]


def test_rows_say_state_detail_and_time() -> None:
    running, queued, done, failed = rows_of(ALL, 0.0)
    assert (running.state, running.progress, running.time) == ("Running", 0.65, "28 min left")
    assert queued.state == "Queued, 1st"
    assert queued.detail.startswith("starts about ")
    assert (done.state, done.time) == ("Done", "42 min")
    assert failed.detail == "The loss diverged at step 46."


def test_a_job_that_is_done_says_what_it_has_made_and_not_where_it_was_last() -> None:
    done = replace(JOBS[2], detail="step 599 of 600")
    rows = rows_of({"j13": done}, 0.0, lambda job: "validation loss 1.612")
    assert rows[0].detail == "validation loss 1.612"


def test_only_what_can_be_done_is_offered() -> None:
    second = job(16, JobState.QUEUED, created_at=7.0)
    shown = {row.id: [a[2] for a in row.actions] for row in rows_of({**ALL, "j16": second}, 0.0)}
    assert shown == {
        "j14": ["Pause", "Stop"], "j15": ["Remove from the queue"],
        "j16": ["Start next", "Remove from the queue"], "j13": [], "j11": ["Try again"],
    }  # fmt: skip


def test_a_job_other_than_a_training_cannot_be_paused() -> None:
    reading = Job("j1", JobKind.IMPORT_DATASET, "Import", JobState.RUNNING)
    assert [action[0] for action in rows_of({"j1": reading}, 0.0)[0].actions] == ["jobs.cancel"]


def test_the_queue_is_in_the_order_of_its_start() -> None:
    moved = job(17, JobState.QUEUED, created_at=9.0, position=-1)
    queue = [row for row in rows_of({**ALL, "j17": moved}, 0.0) if row.state.startswith("Queued")]
    assert [(row.id, row.state) for row in queue] == [
        ("j17", "Queued, 1st"),
        ("j15", "Queued, 2nd"),
    ]
    assert queue[1].detail == "after Train tickets 17"


def test_a_known_job_is_updated_in_place(qtmodeltester: ModelTester) -> None:
    model = JobsModel()
    resets = []
    model.set_rows(rows_of(ALL, 0.0))
    model.modelReset.connect(lambda: resets.append(1))
    model.set_rows(rows_of({**ALL, "j14": replace(RUNNING_JOB, progress=0.7)}, 0.0))
    assert resets == []
    assert model.index(0).data(0x0100).progress == 0.7
    model.set_rows(rows_of({"j15": QUEUED_JOB}, 0.0))
    assert model.rowCount() == 1
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]


def test_starting_times_follow_from_what_is_known() -> None:
    rule = StartRule(only_at_night=True)
    known = replace(QUEUED_JOB, forecast_s=3600.0)
    night = replace(QUEUED_JOB, id="n", created_at=8.0, start_rule=rule, detail="Waits until 22:00")
    last = replace(QUEUED_JOB, id="l", created_at=9.0, forecast_s=60.0)
    noon = datetime(2026, 3, 10, 12).timestamp()
    jobs = {each.id: each for each in (RUNNING_JOB, known, night, last)}
    details = {row.id: row.detail for row in rows_of(jobs, noon)}
    assert details["j15"] == "starts about 12:28"
    assert details["n"] == "Waits until 22:00"
    assert details["l"] == "starts about 13:28"
    busy = replace(known, forecast_s=9 * 3600.0)
    rows = rows_of({**jobs, "j15": busy}, noon)
    assert [row.detail for row in rows if row.id in "nl"] == [
        "Waits until 22:00",
        "starts about 21:28",
    ]
    unknown = rows_of({**jobs, "j15": QUEUED_JOB}, noon)
    assert [row.detail for row in unknown if row.id == "l"] == ["after Train tickets 15"]


def test_a_job_that_waits_for_another_says_when_that_will_be() -> None:
    waits = replace(QUEUED_JOB, start_rule=StartRule(after="j14"), detail="Waits for run #14")
    noon = datetime(2026, 3, 10, 12).timestamp()
    rows = rows_of({"j14": RUNNING_JOB, "j15": waits}, noon)
    assert rows[1].detail == "Waits for run #14, starts about 12:28"


def test_a_run_that_was_put_off_shows_how_far_it_is_and_a_running_one_its_rule() -> None:
    rule = StartRule(only_at_night=True, only_idle=True)
    put_off = replace(
        QUEUED_JOB, start_rule=rule, progress=0.65, started_at=1.0, detail="Waits until 22:00"
    )
    assert rows_of({"j15": put_off}, 0.0)[0].time == "65 % done"
    running = replace(put_off, state=JobState.RUNNING, detail="step 4 of 9", start_rule=rule)
    assert rows_of({"j15": running}, 0.0)[0].detail == (
        "step 4 of 9, only while the machine is idle and at night, 22:00 to 07:00"
    )
