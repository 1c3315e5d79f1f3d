from random import Random

import pytest

from desktop.features.datasets.mix_shares import whole, with_dataset, with_share, without


def test_shares_sum_to_a_hundred_whatever_is_done() -> None:
    random = Random(7)
    shares: dict[str, float] = {}
    for step in range(300):
        id = f"d{random.randint(0, 9)}"
        if id not in shares:
            shares = with_dataset(shares, id)
        elif step % 3 and len(shares) > 1:
            shares = with_share(shares, id, random.uniform(-5, 120))
        else:
            shares = without(shares, id)
        assert not shares or sum(shares.values()) == pytest.approx(100)
        assert all(share >= 1 - 1e-9 for share in shares.values())
        assert not shares or sum(whole(list(shares.values()))) == 100


def test_the_others_keep_their_proportions() -> None:
    shares = with_share({"a": 50.0, "b": 30.0, "c": 20.0}, "a", 40.0)
    assert shares == pytest.approx({"a": 40, "b": 36, "c": 24})


def test_one_more_gets_an_equal_share() -> None:
    shares = with_dataset(with_dataset(with_dataset({}, "a"), "b"), "c")
    assert whole(list(shares.values())) == [34, 33, 33]
