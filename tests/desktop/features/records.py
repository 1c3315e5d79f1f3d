"""Records of a small catalog."""

from typing import Any

from engine.protocol.dataset_specs import Mapping
from engine.protocol.events import State
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.records import (
    Adapter,
    BaseModel,
    Dataset,
    EngineInfo,
    Finding,
    ModelStatus,
    Row,
    RowPage,
    Run,
    Token,
    TokenStats,
    TokenView,
)
from engine.protocol.specs import Preset, TrainSpec

ENGINE = EngineInfo(
    version="0.1.0", pid=1, started_at=1.0, home="/tmp", device="CPU", threads=2,
    memory_total_bytes=7_800_000_000, memory_used_bytes=900_000_000, disk_free_bytes=38 * 10**9,
)  # fmt: skip
BASE = BaseModel(
    id="m1", name="SmolLM2-135M-Instruct", path="/models/smol", source="built-in",
    architecture="llama", parameters=134_515_008, size_bytes=269_000_000, licence="Apache-2.0",
    context_length=8192, fingerprint="ab" * 32,
)  # fmt: skip
FINDINGS = (
    Finding("error", "The answer in 'completion' is empty", "tickets.jsonl", 417, None, "unusable"),
    Finding("warning", "Repeats row 21", "tickets.jsonl", 89, 88, "duplicate"),
    Finding("warning", "Repeats row 21", "tickets.jsonl", 204, 203, "duplicate"),
)
TICKETS = Dataset(
    id="d1", name="tickets.jsonl", version=1, path="/d1", sha256="1", source="/data/tickets.jsonl",
    mapping=Mapping(convention="prompt_completion", user="prompt", assistant="completion"),
    columns=("id", "prompt", "completion"), rows=250, train_rows=225, validation_rows=25,
    size_bytes=2_100_000, split="random, seed 42", findings=FINDINGS, finding_count=3,
    finding_counts={"unusable": 1, "duplicate": 2},
    read_s=1.2, created_at=2.0,
)  # fmt: skip
SAMPLE = Dataset(
    id="d2", name="sample-tickets.jsonl", version=1, path="/d2", sha256="2", source="tickets",
    sample=True, mapping=TICKETS.mapping, columns=("prompt", "completion", "split"), rows=240,
    train_rows=192, validation_rows=48, split="given by column split", created_at=1.0,
)  # fmt: skip
QUICK = Preset("quick", "Quick", "A first look.", {"epochs": 3.0, "learning_rate": 5e-4})
STATS = TokenStats("d1", 1, "t", "c", 118.4, 231, 412, 20000, 2000, 3000, (40, 200, 412), (200, 50))


def state(**more: Any) -> State:
    plain: dict[str, Any] = {
        "sequence": 0, "engine": ENGINE, "models": (BASE,), "adapters": (), "datasets": (TICKETS,),
        "runs": (), "jobs": (), "conversations": (), "presets": (QUICK,),
    }  # fmt: skip
    return State(**{**plain, **more})


def rows(offset: int, *, tokens: bool = True, total: int = 250) -> RowPage:
    numbers = range(offset + 1, min(offset + 100, total) + 1)
    made = tuple(
        Row(
            number, number, "train", (("user", f"Ticket {number}"), ("assistant", "{}")),
            {"prompt": f"Ticket {number}", "completion": '{"team": "bug"}', "id": str(number)},
        )
        for number in numbers
    )  # fmt: skip
    return RowPage(made, tuple(range(len(made))) if tokens else (), total, offset)


def view(row: int) -> TokenView:
    turn = [Token("<|im_start|>", False), Token("user", False), Token("\n", False)]
    words = [Token(f" word{at}", False) for at in range(60)]
    answer = [Token('{"', True), Token("team", True), Token("<|im_end|>", True)]
    return TokenView(row, (*turn, *words, *answer), 0, "ChatML template")


def job(kind: JobKind, subject: str, **more: Any) -> Job:
    return Job(**{"id": "j1", "kind": kind, "title": "Import phrases.csv", "subject": subject,
                  "state": JobState.RUNNING, "created_at": 3.0, **more})  # fmt: skip


def run(**more: Any) -> Run:
    plain: dict[str, Any] = {
        "id": "r1", "number": 1, "name": "tickets r16", "job": "j2", "base_name": BASE.name,
        "spec": TrainSpec("m1", "d2"), "dataset_name": SAMPLE.name, "dataset_version": 1,
        "path": "/r1",
    }  # fmt: skip
    return Run(**{**plain, **more})


ADAPTER = Adapter(id="a1", name="tickets r16", version=1, path="/a1", hash="h", base="m1")
PREPARING = BaseModel(id="m1", name=BASE.name, path=BASE.path, source="built-in",
                      status=ModelStatus.PREPARING)  # fmt: skip
