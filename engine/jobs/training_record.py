"""Keeps one run's record and its metrics true while its worker trains."""

import time
from collections.abc import Callable

from msgspec.structs import replace

from engine.catalog.catalog import Catalog
from engine.jobs import run_progress
from engine.protocol.events import Event, MetricsAdded
from engine.protocol.jobs import Job
from engine.protocol.records import Run
from engine.protocol.worker_messages import CheckpointSaved, Metrics, RunStarted


class TrainingRecord:
    """One attempt at one run. Metrics and checkpoints are committed, the rest is announced."""

    def __init__(self, catalog: Catalog, publish: Callable[[Event], None], job: Job) -> None:
        self._catalog = catalog
        self._publish = publish
        self._run = job.subject
        self._elapsed_before_s = self._record().elapsed_s
        self._started = time.monotonic()

    def apply(self, message: RunStarted | Metrics | CheckpointSaved) -> None:
        run = self._record()
        match message:
            case RunStarted():
                self._catalog.metrics.forget_after(run.id, message.resumed_step)
                self._catalog.runs.put(run_progress.started(run, message))
            case Metrics():
                self._measure(run, message)
            case CheckpointSaved():
                self._catalog.runs.put(run_progress.saved(run, message))

    def _measure(self, run: Run, message: Metrics) -> None:
        self._catalog.metrics.add(run.id, message.points)
        self._publish(MetricsAdded(run.id, message.points))
        elapsed_s = self._elapsed_before_s + time.monotonic() - self._started
        run = run_progress.measured(run, message, elapsed_s=elapsed_s)
        if any(point.validation_loss is not None for point in message.points):
            advice = run_progress.advice(run, self._catalog.metrics.of(run.id))
            self._catalog.runs.put(replace(run, advice=advice))
        else:
            self._catalog.runs.announce(run)

    def _record(self) -> Run:
        return self._catalog.run(self._run)
