"""How long a run is, counted as the Trainer counts."""

import pytest

from engine.protocol.run_length import interval_of, steps_of
from tests.fakes.training_job import tiny_spec


@pytest.mark.parametrize(
    ("rows", "options", "steps"),
    [
        (24, {"epochs": 3.0}, 18),
        (22, {"epochs": 3.0}, 18),
        (22, {"epochs": 0.5}, 3),
        (22, {"epochs": 3.0, "accumulation": 4}, 6),
        (22, {"epochs": 3.0, "max_steps": 7}, 7),
        (1, {"epochs": 1.0, "batch_size": 8}, 1),
    ],
)
def test_steps_count_the_last_smaller_batch(
    rows: int, options: dict[str, object], steps: int
) -> None:
    assert steps_of(tiny_spec(**options), rows) == steps


@pytest.mark.parametrize(
    ("total", "validation", "every"),
    [
        (200, 8, 20),  # ten a run
        (72, 48, 14),  # about a seventh of the work
        (72, 4000, 24),  # at least three
        (5, 0, 1),
        (1, 8, 1),
    ],
)
def test_validations_come_ten_a_run_unless_they_are_dear(
    total: int, validation: int, every: int
) -> None:
    spec = tiny_spec(batch_size=8)
    assert interval_of(spec, total_steps=total, validation_rows=validation) == every
