"""The curves of the runs that somebody looks at."""

from collections.abc import Callable

from desktop.core.engine_client import EngineClient
from engine.protocol.problems import Problem
from engine.protocol.records import MetricPoint


class RunMetrics:
    """Fetched once a run is asked for, kept up by events from then on."""

    def __init__(self, client: EngineClient, changed: Callable[[str], None]) -> None:
        self._client = client
        self._changed = changed
        self._points: dict[str, list[MetricPoint]] = {}
        self._fetching: dict[str, list[MetricPoint]] = {}  # with what came meanwhile

    def of(self, run: str) -> list[MetricPoint]:
        """What is here now, in the order of steps; the rest comes with `metrics_changed`."""
        if run not in self._points and run not in self._fetching:
            self._fetching[run] = []
            self._client.get(
                f"/api/runs/{run}/metrics",
                list[MetricPoint],
                lambda points: self._fetched(run, points),
                failed=lambda problem: self._not_fetched(run, problem),
            )
        return self._points.get(run, [])

    def add(self, run: str, points: tuple[MetricPoint, ...]) -> None:
        """New points of a run; dropped for runs that nobody asked for."""
        if run in self._points:
            known = self._points[run]
            if known and points and points[0].step <= known[-1].step:
                known = self._points[run] = _merged(known, points)
            else:
                known.extend(points)
            self._changed(run)
        elif run in self._fetching:
            self._fetching[run].extend(points)

    def forget(self) -> tuple[str, ...]:
        """Drop everything; gives the runs to be asked for anew."""
        runs = tuple(self._points)
        self._points.clear()
        self._fetching.clear()
        return runs

    def _fetched(self, run: str, points: list[MetricPoint]) -> None:
        self._points[run] = _merged(points, tuple(self._fetching.pop(run, ())))
        self._changed(run)

    def _not_fetched(self, run: str, problem: Problem) -> None:
        self._fetching.pop(run, None)


def _merged(old: list[MetricPoint], new: tuple[MetricPoint, ...]) -> list[MetricPoint]:
    """By step, a newer point of the same step and kind in the older one's place.

    A run resumed from a checkpoint goes through some steps a second time.
    """
    by_key = {(point.step, point.validation_loss is not None): point for point in (*old, *new)}
    return [by_key[key] for key in sorted(by_key)]
