"""What a setting leads to, in a few words under its field."""

from bisect import bisect_right
from collections.abc import Mapping

from desktop.core import formatting
from desktop.features.training.spec_values import kind_in
from engine.protocol.method_specs import METHODS, method_of
from engine.protocol.options import Value
from engine.protocol.presets import LORA
from engine.protocol.records import Dataset, Forecast, TokenStats

SCALED_AS_LORA = tuple(
    each.kind for each in METHODS if each.learning_rate == method_of(LORA).learning_rate
)
SCALED_BY_RANK = ("lora", "qlora", "loha", "lokr")
SCHEDULES = {"cosine": "Cosine", "linear": "Linear", "constant": "Constant"}


def hints(
    values: Mapping[str, Value],
    *,
    dataset: Dataset | None,
    forecast: Forecast | None,
    stats: TokenStats | None,
    rate: float,
) -> dict[str, str]:
    """By option path; "" leaves the declared help. `values` may be out of bounds.

    `rate` is the learning rate that the preset has for the method.
    """
    return {
        "method.alpha": _alpha(values.get("method.alpha"), values.get("method.rank"))
        if kind_in(values) in SCALED_BY_RANK
        else "",
        "learning_rate": _learning_rate(values, rate),
        "batch_size": _batch(values.get("batch_size"), values.get("accumulation"), dataset),
        "max_length": _max_length(values.get("max_length"), stats),
        "early_stopping": "Never stops early"
        if values.get("early_stopping") == 0
        else "Evaluations without gain",
        "eval_every": _every(values.get("eval_every"), forecast),
    }


def _number(value: Value | None) -> float | None:
    return float(value) if isinstance(value, int | float) and value > 0 else None


def _alpha(alpha: Value | None, rank: Value | None) -> str:
    a, r = _number(alpha), _number(rank)
    if a is None or r is None:
        return ""
    named = {0.5: "Half the rank", 1.0: "Equal to the rank", 2.0: "Twice the rank"}
    return named.get(a / r, f"{formatting.number(round(a / r, 2))} times the rank")


def _learning_rate(values: Mapping[str, Value], rate: float) -> str:
    """Where it comes from when it is not LoRA's, then how it moves."""
    method = method_of(kind_in(values))
    if values.get("learning_rate") != rate:
        return f"{formatting.number(rate)} is usual for {method.title} here"
    course = _course(values.get("schedule"), values.get("warmup_ratio"))
    if method.kind in SCALED_AS_LORA:
        return course
    return f"Set for {method.title}; {course[0].lower()}{course[1:]}"


def _course(schedule: Value | None, warmup: Value | None) -> str:
    word = SCHEDULES.get(str(schedule), str(schedule).replace("-", " ").capitalize())
    if not isinstance(warmup, int | float):
        return word
    if warmup == 0:
        return f"{word}, no warm-up"
    return f"{word}, {formatting.number(round(warmup * 100, 2))} % warm-up"


def _batch(batch: Value | None, accumulation: Value | None, dataset: Dataset | None) -> str:
    size, added = _number(batch), _number(accumulation)
    if size is None or added is None:
        return ""
    if added > 1:
        return f"{added:.0f} added up, {formatting.count(size * added)} rows a step"
    if dataset is None or not dataset.train_rows:
        return "Rows in one step"
    steps = -(-dataset.train_rows // int(size)) if size >= 1 else 0
    return f"{formatting.plural(steps, 'step')} an epoch"


def _max_length(limit: Value | None, stats: TokenStats | None) -> str:
    most = _number(limit)
    if most is None or stats is None:
        return ""
    cut = rows_over(stats, int(most))
    if cut == 0:
        return "No row is cut"
    return f"{formatting.plural(cut, 'row')} {'is' if cut == 1 else 'are'} cut"


def rows_over(stats: TokenStats, limit: int) -> int:
    """Rows longer than the limit, by the histogram; at least one when the longest is."""
    if stats.longest <= limit:
        return 0
    first = bisect_right(stats.bin_edges, limit) - 1
    if first < 0:
        return sum(stats.bin_counts)
    over = float(sum(stats.bin_counts[first + 1 :]))
    if first < len(stats.bin_counts):
        low, high = stats.bin_edges[first], stats.bin_edges[first + 1]
        over += stats.bin_counts[first] * (high - limit) / max(high - low, 1)
    return max(1, round(over))


def _every(steps: Value | None, forecast: Forecast | None) -> str:
    every = _number(steps)
    if every is None or forecast is None or not forecast.steps:
        return ""
    return f"{formatting.plural(max(1, int(forecast.steps / every)), 'evaluation')} in the run"
