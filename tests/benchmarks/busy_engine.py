"""An engine in a process of its own that reports on a run as busily as a real one may.

python -m tests.benchmarks.busy_engine HOME ADAPTERS
"""

import itertools
import math
import sys
import time
from pathlib import Path

from msgspec.structs import replace

from engine.protocol.events import Event, JobChanged, MetricsAdded, RunChanged, State
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.records import Adapter, BaseModel, Checkpoint, EngineInfo, MetricPoint, Run
from engine.protocol.specs import TrainSpec
from tests.fakes.engine import FakeEngine

EVENTS_A_SECOND = 50
TOTAL = 4000  # steps
NOW = 1_790_000_000.0
ENGINE = EngineInfo(
    version="0.1.0", pid=1, started_at=NOW, home="/tmp", device="CPU", threads=2,
    memory_total_bytes=8 * 10**9, memory_used_bytes=3 * 10**9, disk_free_bytes=38 * 10**9,
)  # fmt: skip
RUN = Run(
    id="run", number=14, name="support-triage r16", job="job", spec=TrainSpec("base", "data"),
    base_name="SmolLM2-135M-Instruct", dataset_name="tickets.jsonl", dataset_version=1,
    path="/tmp", state=JobState.RUNNING, total_steps=TOTAL,
    checkpoints=tuple(Checkpoint(step, "/tmp", 1.3, 1.1, NOW) for step in (100, 200, 300)),
)  # fmt: skip
JOB = Job("job", JobKind.TRAIN, "Train support-triage r16", JobState.RUNNING, subject="run")


def state(adapters: int) -> State:
    return State(
        sequence=0, engine=ENGINE, datasets=(), runs=(RUN,), jobs=(JOB,), conversations=(),
        presets=(), models=(BaseModel("base", "SmolLM2-135M-Instruct", "/tmp", "built-in"),),
        adapters=tuple(
            Adapter(f"{number:032x}", f"adapter {number}", 1, "/tmp", f"{number:064x}", rank=16,
                    base="base", base_name="SmolLM2-135M-Instruct", size_bytes=19_600_000)
            for number in range(adapters)
        ),
    )  # fmt: skip


def point(step: int) -> MetricPoint:
    return MetricPoint(
        step=step, epoch=step / 1000, learning_rate=2e-4, tokens_per_second=120.0 + step % 7,
        train_loss=1 + 1.6 * math.exp(-step / 400) + 0.05 * math.sin(step * 12.9898),
    )  # fmt: skip


def events() -> list[Event]:
    """What a run sends, three a step, for as long as anybody listens."""
    out: list[Event] = []
    for step in range(1001, TOTAL):
        new = point(step)
        out.append(MetricsAdded("run", (new,)))
        out.append(RunChanged(replace(RUN, step=step, epoch=new.epoch, train_loss=new.train_loss)))
        done = step / TOTAL
        out.append(JobChanged(replace(JOB, progress=done, detail=f"step {step}", remaining_s=900)))
    return out


def main(home: Path, adapters: int) -> None:
    engine = FakeEngine(state(adapters)).start()
    engine.answer("GET", "/api/runs/run/metrics", [point(step) for step in range(1, 1001)])
    engine.write_engine_file(home)
    due = time.perf_counter()
    for event in itertools.cycle(events()):
        engine.send(event)
        due += 1 / EVENTS_A_SECOND
        time.sleep(max(0.0, due - time.perf_counter()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
