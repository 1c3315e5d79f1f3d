from random import Random

import pytest

from engine.protocol.mixable import rows_taken


@pytest.mark.parametrize("seed", range(50))
def test_the_scarcest_is_taken_whole_and_the_others_in_proportion(seed: int) -> None:
    random = Random(seed)
    many = random.randint(1, 32)
    rows = [random.randint(1, 2_000_000) for _ in range(many)]
    weights = [float(random.randint(1, 99)) for _ in range(many)]
    counts = rows_taken(rows, weights)
    scarcest = min(range(many), key=lambda at: rows[at] / weights[at])
    assert counts[scarcest] == rows[scarcest]
    assert all(count <= there for count, there in zip(counts, rows, strict=True))
    unit = rows[scarcest] / weights[scarcest]
    assert all(
        abs(count - unit * weight) <= 0.5 for count, weight in zip(counts, weights, strict=True)
    )


def test_a_mix_of_nothing_takes_nothing() -> None:
    assert rows_taken([], []) == []
