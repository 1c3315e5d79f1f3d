"""The records that the design's pictures show."""

import time

from engine.protocol.events import State
from engine.protocol.jobs import JobState
from engine.protocol.records import (
    Adapter,
    AdapterFile,
    BaseModel,
    ConversationSummary,
    Dataset,
    EngineInfo,
    LinearShape,
    Run,
)
from engine.protocol.specs import TrainSpec

DAY = 86_400
LINEARS = tuple(
    LinearShape(name, inputs, outputs, 30)
    for name, inputs, outputs in (
        ("down_proj", 1536, 576), ("gate_proj", 576, 1536), ("k_proj", 576, 192),
        ("o_proj", 576, 576), ("q_proj", 576, 576), ("up_proj", 576, 1536), ("v_proj", 576, 192),
    )
)  # fmt: skip
TARGETS = tuple(linear.name for linear in LINEARS)
ENGINE = EngineInfo(
    version="0.1.0", pid=1, started_at=1.0, home="/tmp", device="CPU", threads=2,
    memory_total_bytes=7_800_000_000, memory_used_bytes=1_900_000_000,
    disk_free_bytes=38 * 10**9, loaded_bases=("m1",),
)  # fmt: skip
BASE = BaseModel(
    id="m1", name="SmolLM2-135M-Instruct", path="/models/m1", source="built-in",
    architecture="llama", parameters=134_515_008, layers=30, hidden_size=576, linears=LINEARS,
    fingerprint="a81c44e907b2" + "0" * 52, template_hash="7" * 64, created_at=1.0,
)  # fmt: skip
OTHER_BASE = BaseModel(
    id="m2", name="SmolLM2-135M", path="/models/m2", source="folder", architecture="llama",
    parameters=134_515_008, layers=30, hidden_size=576, linears=LINEARS,
    fingerprint="3d07b1c2e95f" + "0" * 52, created_at=2.0,
)  # fmt: skip
DATASET = Dataset(
    id="d1", name="tickets.jsonl", version=5, path="/datasets/d1", sha256="2f9c41d0" + "0" * 56,
    source="/home/me/tickets.jsonl", rows=1827, train_rows=1644, validation_rows=183,
)  # fmt: skip
RUN = Run(
    id="r14", number=14, name="support-triage r16", job="j14", spec=TrainSpec("m1", "d1"),
    base_name=BASE.name, dataset_name=DATASET.name, dataset_version=5, path="/runs/r14",
    state=JobState.DONE, step=618, total_steps=618, best_loss=1.274, best_step=325,
    elapsed_s=4860.0, adapter="a3",
)  # fmt: skip
FILES = (
    AdapterFile("adapter_model.safetensors", 9_770_000, "5c1e0b7a9f42d3e8" + "1" * 40 + "71aa04c6"),
    AdapterFile("adapter_config.json", 812, "e07f3c5518b9a4d2" + "2" * 40 + "0c9d2f1b"),
    AdapterFile("README.md", 1_900, "7b20e9c46d13fa58" + "3" * 40 + "b3c647e9"),
)


def adapter(id: str, name: str, version: int, *, rank: int = 16, age_s: float = 0.0) -> Adapter:
    """One that fits BASE; the newest has an age of 0."""
    parameters = sum(rank * (each.inputs + each.outputs) * each.count for each in LINEARS)
    return Adapter(
        id=id, name=name, version=version, path=f"/adapters/{id}", hash=id.ljust(64, "0"),
        rank=rank, alpha=2.0 * rank, target_modules=TARGETS, parameters=parameters,
        size_bytes=parameters * 2, base="m1", base_name=BASE.name,
        base_fingerprint=BASE.fingerprint, created_at=time.time() - age_s, files=FILES,
    )  # fmt: skip


def state(*more: Adapter) -> State:
    """Three adapters of one base, and whatever else is given."""
    from msgspec.structs import replace

    newest = replace(
        adapter("a3", "support-triage r16", 3), dataset="d1", dataset_name=DATASET.name,
        dataset_version=5, dataset_sha256=DATASET.sha256, train_rows=1644, run="r14",
        run_number=14, step=325, parents=("a1",),
        metrics={"validation_loss": 1.274, "train_loss": 1.108, "tokens_per_second": 1180.0},
    )  # fmt: skip
    adapters = (
        newest,
        adapter("a2", "sql-writer r8", 1, rank=8, age_s=DAY),
        adapter("a1", "house-style r16", 2, age_s=2 * DAY),
        *more,
    )
    return State(
        sequence=0, engine=ENGINE, models=(BASE, OTHER_BASE), adapters=adapters,
        datasets=(DATASET,), runs=(RUN,), jobs=(), conversations=conversations(), presets=(),
    )  # fmt: skip


def conversations() -> tuple[ConversationSummary, ...]:
    now = time.time()
    return (
        ConversationSummary("c1", "Ticket triage", (None, "a3"), 6, now),
        ConversationSummary("c2", "Refund wording", ("a1",), 4, now - 60),
        ConversationSummary("c3", "Join two tables", ("a2",), 9, now - 120),
        ConversationSummary("c4", "First try", (None,), 2, now - 3 * DAY),
        ConversationSummary("c5", "Long tickets", ("a3",), 12, now - 5 * DAY),
    )


HOMELESS = Adapter(
    id="a9", name="poet r4", version=1, path="/adapters/a9", hash="9" * 64, rank=4, alpha=8.0,
    target_modules=("q_proj", "v_proj"), parameters=61_440, size_bytes=250_000,
    base_name="Qwen2-0.5B", base_fingerprint="f" * 64, imported=True, created_at=1.0, files=FILES,
)  # fmt: skip
