"""The shares of a mix and the rows that follow from them."""

from collections.abc import Mapping, Sequence

LEAST = 1.0  # per cent, of a dataset that is in the mix


def with_share(shares: Mapping[str, float], id: str, share: float) -> dict[str, float]:
    """That dataset at `share` per cent; the others keep their proportions and fill up to 100."""
    others = {other: value for other, value in shares.items() if other != id}
    if not others:
        return {id: 100.0}
    share = min(max(share, LEAST), 100.0 - LEAST * len(others))
    return {each: share if each == id else 0.0 for each in shares} | _scaled(others, 100.0 - share)


def with_dataset(shares: Mapping[str, float], id: str) -> dict[str, float]:
    """One more, with the share of an equal one."""
    return with_share({**shares, id: 0.0}, id, 100.0 / (len(shares) + 1))


def without(shares: Mapping[str, float], id: str) -> dict[str, float]:
    return _scaled({other: value for other, value in shares.items() if other != id}, 100.0)


def _scaled(shares: Mapping[str, float], total: float) -> dict[str, float]:
    """In the same proportions, as far as none falls below the least."""
    whole_sum = sum(shares.values())
    if whole_sum and all(value * total / whole_sum >= LEAST for value in shares.values()):
        return {id: value * total / whole_sum for id, value in shares.items()}
    over = {id: max(value - LEAST, 0.0) for id, value in shares.items()}
    spare, most = total - LEAST * len(shares), sum(over.values())
    return {
        id: LEAST + spare * (value / most if most else 1 / len(shares))
        for id, value in over.items()
    }


def whole(shares: Sequence[float]) -> list[int]:
    """Whole per cents that sum to 100: the largest remainders are rounded up (Hamilton)."""
    shares = [round(share, 6) for share in shares]  # without the noise of the arithmetic
    floors = [int(share) for share in shares]
    missing = round(sum(shares)) - sum(floors)
    by_remainder = sorted(range(len(shares)), key=lambda at: floors[at] - shares[at])
    for at in by_remainder[:missing]:
        floors[at] += 1
    return floors
