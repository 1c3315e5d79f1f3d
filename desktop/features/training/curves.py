"""A run's metric points as the lines that are drawn, and the ticks of their axes."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from engine.protocol.records import MetricPoint

TIME_STEPS = ((1, (1, 2, 5, 10, 30)), (60, (1, 2, 5, 10, 30)), (3600, (1, 2, 6, 12, 24, 48, 240)))


@dataclass
class Line:
    """Steps in rising order with a value each."""

    steps: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)  # steps that have no value

    def add(self, step: float, value: float | None) -> None:
        if value is not None and math.isfinite(value):
            self.steps.append(step)
            self.values.append(value)

    def drawn(self) -> tuple[list[float], list[float]]:
        """Steps and values to draw, with NaN where the line breaks."""
        steps, values = [*self.steps], [*self.values]
        for gap in self.gaps:
            at = bisect_left(steps, gap)
            steps.insert(at, gap)
            values.insert(at, math.nan)
        return steps, values

    def at(self, step: float) -> tuple[float, float] | None:
        """The point nearest to a step."""
        if not self.steps:
            return None
        right = min(bisect_left(self.steps, step), len(self.steps) - 1)
        left = max(right - 1, 0)
        nearest = left if step - self.steps[left] < self.steps[right] - step else right
        return self.steps[nearest], self.values[nearest]

    @property
    def last(self) -> float | None:
        return self.values[-1] if self.values else None


@dataclass
class Curves:
    train: Line = field(default_factory=Line)
    smooth: Line = field(default_factory=Line)
    validation: Line = field(default_factory=Line)
    learning_rate: Line = field(default_factory=Line)
    gradient_norm: Line = field(default_factory=Line)
    speed: Line = field(default_factory=Line)
    processor: Line = field(default_factory=Line)
    memory: Line = field(default_factory=Line)
    gpu: Line = field(default_factory=Line)
    gpu_memory: Line = field(default_factory=Line)
    epochs: Line = field(default_factory=Line)
    times: Line = field(default_factory=Line)  # seconds since the first point


class Smoothing:
    """Exponential moving average as TensorBoard's: `factor` of the old, without a start's bias."""

    def __init__(self, factor: float) -> None:
        self._keep = factor
        self._mean = self._weight = 0.0

    def next(self, value: float) -> float:
        self._mean = self._keep * self._mean + (1 - self._keep) * value
        self._weight = self._keep * self._weight + (1 - self._keep)
        return self._mean / self._weight


class CurveDrawer:
    """Keeps the lines of one run up with its points, looking only at those that are new."""

    def __init__(self) -> None:
        self.curves = Curves()
        self._points: Sequence[MetricPoint] = ()
        self._taken = 0
        self._factor = 0.0
        self._smoothing = Smoothing(0)

    def follow(self, points: Sequence[MetricPoint], factor: float) -> Curves:
        """`points` is the same list grown longer, or another one: then all begins anew."""
        if points is not self._points or factor != self._factor or len(points) < self._taken:
            self.curves = Curves()
            self._points, self._factor, self._taken = points, factor, 0
            self._smoothing = Smoothing(factor)
        for point in points[self._taken :]:
            self._take(point)
        self._taken = len(points)
        return self.curves

    def _take(self, point: MetricPoint) -> None:
        curves, step = self.curves, point.step
        known = len(curves.train.values)
        curves.train.add(step, point.train_loss)
        if len(curves.train.values) > known:
            curves.smooth.add(step, self._smoothing.next(curves.train.values[-1]))
        if point.train_loss is None and point.validation_loss is None:  # not learned from
            curves.train.gaps.append(step)
            curves.smooth.gaps.append(step)
        curves.validation.add(step, point.validation_loss)
        curves.learning_rate.add(step, point.learning_rate)
        curves.gradient_norm.add(step, point.gradient_norm)
        curves.speed.add(step, point.tokens_per_second)
        curves.processor.add(step, point.processor_share)
        curves.memory.add(step, point.memory_bytes)
        curves.gpu.add(step, point.gpu_share)
        curves.gpu_memory.add(step, point.gpu_memory_bytes)
        if point.epoch:
            curves.epochs.add(step, point.epoch)
        if point.at:
            curves.times.add(step, point.at - self._points[0].at)


def along(line: Line, axis: Line) -> Line:
    """The line over what `axis` has at each of its steps, such as the epoch; rising."""
    places = dict(zip(axis.steps, axis.values, strict=True))
    moved = Line()
    for step, value in zip(line.steps, line.values, strict=True):
        if step in places:
            moved.add(places[step], value)
    return moved


def logarithm(line: Line) -> Line:
    """Decimal logarithms of the values; what is not above zero is left out."""
    moved = Line()
    moved.gaps = [*line.gaps]
    for step, value in zip(line.steps, line.values, strict=True):
        if value > 0:
            moved.add(step, math.log10(value))
    return moved


def span_of(*lines: Line, low: float | None = None) -> tuple[float, float]:
    """The values' range with a little air, so that no line touches the frame."""
    values = [value for line in lines for value in line.values]
    if not values:
        return (0.0, 1.0)
    least = min(values) if low is None else low
    most = max(values)
    air = (most - least) * 0.06 or max(abs(most) * 0.1, 1e-12)
    return (least - air if low is None else low, most + air)


def nice_ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` round values from low to high."""
    if not high > low or most < 1:
        return []
    raw = (high - low) / most
    scale = 10.0 ** math.floor(math.log10(raw))
    step = next(each * scale for each in (1, 2, 2.5, 5, 10) if each * scale >= raw * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def time_ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` round times in seconds: whole minutes, hours or days."""
    steps = [unit * many for unit, all_of in TIME_STEPS for many in all_of]
    step = next((each for each in steps if (high - low) / each <= most), steps[-1])
    return [number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


def round_above(value: float) -> float:
    """The next round number from zero up: 2 for 1.59, 2e-4 for itself."""
    if value <= 0:
        return 1.0
    step = nice_ticks(0, value, 4)[1]
    return round(math.ceil(value / step - 1e-9) * step, 12)


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Round values between 10 to the power of `low` and of `high`, at most `most`."""
    if high - low < 1:
        return [value for value in nice_ticks(10**low, 10**high, most) if value > 0]
    powers = range(math.floor(low), math.ceil(high) + 1)
    for steps in ((1, 2, 5), (1, 3), (1,)):
        values = [step * 10.0**power for power in powers for step in steps]
        shown = [value for value in values if low <= math.log10(value) <= high]
        if len(shown) <= most:
            return shown
    return shown[:: -(-len(shown) // most)]


def tick_text(value: float, ticks: Sequence[float]) -> str:
    """With as many places as the ticks need, so that they line up."""
    if len(ticks) < 2:
        return f"{value:g}"
    distance = min(abs(b - a) for a, b in pairwise(ticks))
    places = max(0, -math.floor(math.log10(distance) + 1e-9))
    if round(distance * 10**places, 6) != round(distance * 10**places):
        places += 1
    return f"{value:.{places}f}"


def step_ticks(
    low: float, high: float, steps_per_epoch: float | None, most: int
) -> list[tuple[float, str]]:
    """ "step 0", "epoch 1", …; steps alone where fewer than one epoch ends in view."""
    if steps_per_epoch and steps_per_epoch > 0:
        first = max(1, math.ceil(low / steps_per_epoch - 1e-6))
        last = math.floor(high / steps_per_epoch + 1e-6)
        if last >= first and (low <= 0 or last > first):
            stride = max(1, math.ceil((last - first + 1) / most))
            epochs = range(-(-first // stride) * stride, last + 1, stride)
            marks = [(epoch * steps_per_epoch, f"epoch {epoch}") for epoch in epochs]
            return [(0.0, "step 0"), *marks] if low <= 0 else marks
    return [(tick, f"step {tick:.0f}") for tick in nice_ticks(low, high, most) if tick % 1 == 0]
