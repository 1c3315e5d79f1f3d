"""The marks of a value axis, linear or logarithmic."""

import math

from desktop.features.training.curves import log_ticks, nice_ticks, tick_text


def value_ticks(
    low: float, high: float, most: int, *, logarithmic: bool
) -> list[tuple[float, str]]:
    """Place and text; on a logarithmic axis `low`, `high` and the places are logarithms."""
    if logarithmic:
        values = log_ticks(low, high, most)
        even = high - low < 1
        return [
            (math.log10(value), tick_text(value, values) if even else f"{value:g}")
            for value in values
        ]
    values = nice_ticks(low, high, most)
    return [(value, tick_text(value, values)) for value in values]
