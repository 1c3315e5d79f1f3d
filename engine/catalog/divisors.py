"""How PEFT divides a layer's size into factors and blocks."""

import math


def factors(size: int, first: int = -1) -> tuple[int, int]:
    """The two factors that are nearest to each other, the smaller first.

    `first` is LoKr's decompose factor: taken as it is where it divides, else a bound of the
    smaller factor; -1 for none (peft.tuners.lokr.layer.factorization).
    """
    if first > 0 and size % first == 0:
        return first, size // first
    most = math.isqrt(size) if first == -1 else min(math.isqrt(size), max(first, 1))
    small = next(each for each in range(most, 0, -1) if size % each == 0)
    return small, size // small


def nearest_divisor(size: int, wanted: int) -> int:
    """The divisor nearest to what is wanted, the smaller of two."""
    if wanted >= size:
        return size
    return min(
        (each for each in range(1, size + 1) if size % each == 0),
        key=lambda each: (abs(each - wanted), each),
    )
