"""What makes one run another, and what came of each: for the window and the command line."""

from collections.abc import Sequence
from pathlib import PurePath
from statistics import median

from msgspec import Struct

from engine.protocol.method_specs import kind_of, method_of
from engine.protocol.options import Option, Value, options_of
from engine.protocol.records import MetricPoint, Run

NAMED_ELSEWHERE = frozenset({"base", "dataset", "name"})  # ids, or the run's own name


class Difference(Struct, frozen=True):
    """A setting that is not the same in all runs; None where a run has no such setting."""

    path: str
    title: str
    values: tuple[Value | None, ...]  # one per run
    unit: str = ""


class Result(Struct, frozen=True):
    """What came of a run; None where it was not measured."""

    best_loss: float | None
    best_step: int | None
    tokens_per_second: float | None  # the median of its steps
    elapsed_s: float
    peak_memory_bytes: int | None
    peak_gpu_memory_bytes: int | None


def differences(runs: Sequence[Run]) -> tuple[Difference, ...]:
    """The settings that differ, in the order of their declaration; data and method first."""
    rows = [
        Difference("base", "Base model", tuple(run.base_name for run in runs)),
        Difference(
            "dataset",
            "Dataset",
            tuple(f"{run.dataset_name} v{run.dataset_version}" for run in runs),
        ),
        Difference("method", "Method", tuple(method_title(run) for run in runs)),
    ]
    options: dict[str, Option] = {}
    for run in runs:
        options |= _options_in(run.spec)
    for path, option in options.items():
        if path not in NAMED_ELSEWHERE:
            values = tuple(_value_at(run.spec, path) for run in runs)
            rows.append(Difference(path, option.title, values, option.unit))
    return tuple(row for row in rows if len(set(row.values)) > 1)


def method_title(run: Run) -> str:
    """What people call its method: "LoRA"."""
    return method_of(kind_of(run.spec.method)).title


def _options_in(spec: Struct) -> dict[str, Option]:
    """By path; those of nested specs as they are in this one, where others may differ in kind."""
    found = {option.path: option for option in options_of(type(spec))}
    for name in spec.__struct_fields__:
        inner = getattr(spec, name)
        if isinstance(inner, Struct):
            found |= {option.path: option for option in options_of(type(inner), f"{name}.")}
    return found


def _value_at(spec: Struct, path: str) -> Value | None:
    value: object = spec
    for name in path.split("."):
        value = getattr(value, name, None)
    return value if isinstance(value, Value) else None


def result_of(run: Run, points: Sequence[MetricPoint]) -> Result:
    """Its best validation loss, its usual speed, its time and its highest memory."""

    def measured(name: str) -> list[float]:
        return [value for point in points if (value := getattr(point, name)) is not None]

    speeds = measured("tokens_per_second")
    memory, gpu = measured("memory_bytes"), measured("gpu_memory_bytes")
    return Result(
        best_loss=run.best_loss,
        best_step=run.best_step,
        tokens_per_second=median(speeds) if speeds else run.tokens_per_second,
        elapsed_s=run.elapsed_s,
        peak_memory_bytes=int(max(memory)) if memory else run.memory_bytes,
        peak_gpu_memory_bytes=int(max(gpu)) if gpu else None,
    )


def events_folder(run: Run) -> PurePath:
    """Where TensorBoard finds its figures."""
    return PurePath(run.path) / "tensorboard"
