from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from msgspec.structs import replace
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.core.engine_client import EngineClient
from desktop.core.engine_process import EngineProcess, EngineState
from desktop.core.store import Store
from engine.protocol import events
from engine.protocol.engine_file import engine_file_path
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.records import MetricPoint
from tests.fakes.engine import FakeEngine

JOB = Job(id="j1", kind=JobKind.TRAIN, title="Train", state=JobState.RUNNING)


@pytest.fixture
def store(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Store]:
    never = ["python3", "-c", "raise SystemExit(1)"]
    store = Store(EngineClient(), EngineProcess(tmp_path / "home", command=never))
    yield store
    store.close()
    shiboken6.delete(store)


@pytest.fixture
def connected(qtbot: QtBot, engine: FakeEngine, store: Store) -> Store:
    store.connect_engine()
    qtbot.waitUntil(lambda: store.state is EngineState.READY and engine.listeners == 1)
    store.flush()
    return store


def test_the_state_is_taken_whole(connected: Store, engine: FakeEngine) -> None:
    assert set(connected.runs) == {"r11", "r12", "r13", "r14", "r15"}
    assert connected.engine == engine.state.engine
    assert connected.busy


def test_an_event_replaces_its_record_and_is_told_once_a_flush(
    qtbot: QtBot, connected: Store, engine: FakeEngine
) -> None:
    connected.flush()
    told: list[set[str]] = []
    connected.jobs_changed.connect(told.append)
    for step in range(200):
        engine.send(events.JobChanged(replace(JOB, progress=step / 199)))
    qtbot.waitUntil(lambda: "j1" in connected.jobs and connected.jobs["j1"].progress == 1.0)
    connected.flush()
    assert all(ids == {"j1"} for ids in told)
    assert 1 <= len(told) < 50


def test_a_removed_record_is_gone(qtbot: QtBot, connected: Store, engine: FakeEngine) -> None:
    with qtbot.waitSignal(connected.runs_changed, check_params_cb=lambda ids: "r11" in ids):
        engine.send(events.RecordRemoved(kind="run", id="r11"))
    assert "r11" not in connected.runs


def test_a_lost_connection_is_taken_up_again_with_a_new_state(
    qtbot: QtBot, connected: Store, engine: FakeEngine
) -> None:
    engine.state = replace(engine.state, runs=engine.state.runs[:2])
    engine.drop_connections()
    qtbot.waitUntil(lambda: len(connected.runs) == 2 and engine.listeners == 1)
    assert connected.state is EngineState.READY
    assert engine.paths("GET").count("/api/state") == 2


def test_numbers_that_are_gone_lead_to_a_new_state(
    qtbot: QtBot, connected: Store, engine: FakeEngine
) -> None:
    engine.state = replace(engine.state, runs=())
    engine.send(events.Restarted())
    qtbot.waitUntil(lambda: not connected.runs)


def test_a_dead_engine_is_said_to_be_gone_and_can_be_started_again(
    qtbot: QtBot, connected: Store, engine: FakeEngine, tmp_path: Path
) -> None:
    engine_file_path(tmp_path / "home").unlink()
    engine.drop_connections()
    qtbot.waitUntil(lambda: connected.state is EngineState.GONE)
    assert connected.runs, "what was read stays readable"
    engine.write_engine_file(tmp_path / "home")
    connected.connect_engine()
    qtbot.waitUntil(lambda: connected.state is EngineState.READY)


def test_an_engine_that_does_not_start_is_told(qtbot: QtBot, store: Store) -> None:
    store.connect_engine()
    assert store.state is EngineState.STARTING
    qtbot.waitUntil(lambda: store.state is EngineState.GONE, timeout=5000)
    assert "engine-start.log" in store.why_gone


def test_metrics_are_fetched_when_asked_for_and_kept_up(
    qtbot: QtBot, connected: Store, engine: FakeEngine
) -> None:
    old = [MetricPoint(step=1, train_loss=2.0), MetricPoint(step=2, train_loss=1.9)]
    engine.answer("GET", "/api/runs/r14/metrics", old)
    assert connected.metrics.of("r14") == []
    qtbot.waitUntil(lambda: connected.metrics.of("r14") == old)
    connected.flush()
    new = MetricPoint(step=3, train_loss=1.8)
    with qtbot.waitSignal(connected.metrics_changed, check_params_cb=lambda ids: ids == {"r14"}):
        engine.send(events.MetricsAdded("r14", (new,)))
    assert connected.metrics.of("r14") == [*old, new]
    assert engine.paths("GET").count("/api/runs/r14/metrics") == 1


def test_a_resumed_run_replaces_the_steps_it_repeats(
    qtbot: QtBot, connected: Store, engine: FakeEngine
) -> None:
    engine.answer(
        "GET", "/api/runs/r14/metrics", [MetricPoint(step=n, train_loss=1.0) for n in range(5)]
    )
    connected.metrics.of("r14")
    qtbot.waitUntil(lambda: len(connected.metrics.of("r14")) == 5)
    again = (MetricPoint(step=3, train_loss=0.5), MetricPoint(step=3, validation_loss=0.7))
    engine.send(events.MetricsAdded("r14", again))
    qtbot.waitUntil(lambda: len(connected.metrics.of("r14")) == 6)
    steps = [(p.step, p.train_loss, p.validation_loss) for p in connected.metrics.of("r14")]
    assert steps[3:5] == [(3, 0.5, None), (3, None, 0.7)]


def test_points_of_runs_nobody_looks_at_are_dropped(
    qtbot: QtBot, connected: Store, engine: FakeEngine
) -> None:
    engine.send(events.MetricsAdded("r12", (MetricPoint(step=1),)), events.JobChanged(JOB))
    qtbot.waitUntil(lambda: "j1" in connected.jobs)
    assert engine.paths("GET").count("/api/runs/r12/metrics") == 0


def test_log_lines_come_together(qtbot: QtBot, connected: Store, engine: FakeEngine) -> None:
    lines = [events.LogAdded("engine", f"line {n}", 0.0) for n in range(100)]
    got: list[events.LogAdded] = []
    connected.log_added.connect(got.extend)
    engine.send(*lines)
    qtbot.waitUntil(lambda: len(got) == 100)
    assert list(connected.log) == lines
