import random
from itertools import pairwise

import pytest

from engine.workers.spikes import FEWEST, Spikes


def falling(draw: random.Random, steps: int, noise: float) -> list[float]:
    return [2.0 / (1 + step / 50) * draw.lognormvariate(0, noise) for step in range(steps)]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("noise", [0.02, 0.2, 0.5])
def test_noise_is_no_spike(seed: int, noise: float) -> None:
    spikes = Spikes(3.0)
    losses = falling(random.Random(seed), 400, noise)
    assert [loss for loss in losses if spikes.take(loss) is not None] == []


@pytest.mark.parametrize("noise", [0.02, 0.2, 0.5])
@pytest.mark.parametrize("step", [FEWEST, 100, 399])
def test_a_loss_a_hundred_times_higher_is_told_at_once(noise: float, step: int) -> None:
    losses = falling(random.Random(step), 400, noise)
    spikes = Spikes(3.0, losses[:step])
    usual = spikes.take(losses[step] * 100)
    assert usual is not None
    assert 0 < usual < 4


def test_rows_known_by_heart_with_a_hard_one_among_them_are_no_spike() -> None:
    """Batches of one row: most losses next to nothing, every tenth is not."""
    spikes = Spikes(3.0)
    losses = [2.0 + at / 1000 if at % 10 == 0 else 0.01 for at in range(200)]
    assert all(spikes.take(loss) is None for loss in losses)
    assert spikes.take(20.0) is not None


def test_a_rise_that_is_not_sudden_is_left_to_early_stopping() -> None:
    spikes = Spikes(3.0)
    losses = [1.0 * 1.02**step for step in range(200)]
    assert all(before < after for before, after in pairwise(losses))
    assert all(spikes.take(loss) is None for loss in losses)


def test_nothing_is_a_spike_where_that_is_switched_off_or_little_is_known() -> None:
    assert Spikes(0.0, [1.0] * 64).take(1e9) is None
    assert Spikes(3.0, [1.0] * (FEWEST - 1)).take(1e9) is None
