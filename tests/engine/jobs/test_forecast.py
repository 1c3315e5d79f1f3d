"""Reckoning from what was measured."""

import pytest
from msgspec.structs import replace

from engine.jobs.forecast import forecast
from engine.jobs.memory import measured_method
from engine.jobs.trainable import trainable_parameters
from engine.protocol.method_specs import (
    METHODS,
    Ia3Spec,
    LohaSpec,
    LoraSpec,
    Method,
    QloraSpec,
    size_of,
    targets_of,
)
from engine.protocol.records import BaseModel, Dataset, Forecast, LinearShape, TokenStats
from engine.protocol.specs import TrainSpec
from engine.protocol.tasks import Measurement

BASE = BaseModel(
    "b",
    "base",
    "/b",
    "folder",
    parameters=1000,
    linears=(LinearShape("q_proj", 64, 64, 2), LinearShape("up_proj", 64, 128, 2)),
)
DATASET = Dataset("d", "data", 1, "/d", "s", "/s", rows=100, train_rows=90, validation_rows=10)
STATS = TokenStats("d", 1, "t", "c", 50.0, 90, 100, 4500, 500, 900, (0, 50, 101), (50, 50))
MEASURED = Measurement("f", "lora", "all-linear", 16, 2, 100.0, 1_000_000, 10.0, 10.0, 0.0)
SPEC = TrainSpec("b", "d", epochs=2.0, batch_size=8, max_length=512)


def reckoned(spec: TrainSpec, *, measured: Measurement | None = MEASURED) -> Forecast:
    return forecast(
        spec,
        base=BASE,
        dataset=DATASET,
        stats=STATS,
        measurement=measured,
        free_memory_bytes=1,
    )


def test_trainable_parameters_follow_the_rank_and_the_targets() -> None:
    assert trainable_parameters(LoraSpec(rank=4), BASE) == 4 * 2 * (128 + 192)
    assert trainable_parameters(LoraSpec(rank=4, target_modules="attention"), BASE) == 4 * 2 * 128


def test_time_grows_with_the_epochs() -> None:
    short, long = reckoned(SPEC), reckoned(replace(SPEC, epochs=20.0))
    assert short.seconds is not None
    assert long.seconds is not None
    assert short.seconds > 10.0 + 2 * 4500 / 100.0
    assert long.seconds > 5 * short.seconds


def test_time_follows_how_often_the_validation_rows_are_looked_at() -> None:
    rare, often = reckoned(replace(SPEC, eval_every=12)), reckoned(replace(SPEC, eval_every=1))
    assert rare.seconds is not None
    assert often.seconds is not None
    assert often.seconds - rare.seconds == pytest.approx((24 - 2) * 500 / 3 / 100.0)


def test_memory_grows_with_the_longest_batch() -> None:
    assert reckoned(SPEC).memory_bytes == 1_000_000 + 10 * 100 * 8


def test_nothing_is_guessed_without_a_measurement() -> None:
    made = reckoned(SPEC, measured=None)
    assert (made.seconds, made.memory_bytes, made.tokens_per_second) == (None, None, None)
    assert made.steps == 24


def of_other(spec: TrainSpec, **more: bool) -> Forecast:
    return forecast(spec, base=BASE, dataset=DATASET, stats=STATS, measurement=None,
                    other=MEASURED, free_memory_bytes=1, **more)  # fmt: skip


def test_another_method_s_memory_is_an_estimate_and_its_time_is_not_guessed() -> None:
    made = of_other(replace(SPEC, method=Ia3Spec()))
    fewer = trainable_parameters(LoraSpec(), BASE) - made.trainable
    assert made.memory_estimated
    assert made.memory_bytes == 1_000_000 + 10 * 100 * 8 - 16 * fewer
    assert made.seconds is None
    assert not reckoned(SPEC).memory_estimated


def test_qlora_keeps_the_linear_layers_in_4_bits() -> None:
    weights = 2 * (64 * 64 + 64 * 128)
    made = of_other(replace(SPEC, method=QloraSpec(double_quantization=False)))
    lora = reckoned(SPEC).memory_bytes
    assert lora is not None
    assert made.memory_bytes == lora - round(weights * (4 - 0.5625))
    half = of_other(replace(SPEC, method=QloraSpec()), half_precision=True)
    assert half.memory_bytes is not None
    assert made.memory_bytes is not None
    assert half.memory_bytes > made.memory_bytes


def test_methods_that_multiply_their_update_out_need_room_for_it() -> None:
    made = of_other(replace(SPEC, method=LohaSpec(rank=8, alpha=16.0)))
    same_size = trainable_parameters(LoraSpec(), BASE)
    assert made.trainable == same_size
    assert made.memory_bytes == 1_000_000 + 10 * 100 * 8 + 4 * 2 * (64 * 64 + 64 * 128)


def test_a_larger_rank_than_was_measured_needs_more_memory() -> None:
    small, large = reckoned(SPEC), reckoned(replace(SPEC, method=LoraSpec(rank=64)))
    assert small.memory_bytes is not None
    assert large.memory_bytes == small.memory_bytes + 16 * (large.trainable - small.trainable)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.kind)
def test_a_measurement_remembers_its_method(method: Method) -> None:
    spec = method.spec()
    made = replace(MEASURED, method=method.kind, target_modules=targets_of(spec),
                   rank=size_of(spec))  # fmt: skip
    assert measured_method(made) == spec


def test_a_shorter_limit_cuts_tokens_and_says_so() -> None:
    made = reckoned(replace(SPEC, max_length=50))
    assert made.tokens_per_epoch is not None
    assert made.tokens_per_epoch < 4500
    assert "the longest has 100" in made.warnings[0]
