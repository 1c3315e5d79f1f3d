"""From the sample's rows to a chat with its adapter, without another question."""

from PySide6.QtCore import QObject

from desktop.app import App
from desktop.core.arrivals import Arrivals
from desktop.core.base_at_hand import base_at_hand
from desktop.core.engine_process import EngineState
from engine.protocol.dataset_specs import AddDataset
from engine.protocol.jobs import Job, JobState
from engine.protocol.options import with_values
from engine.protocol.problems import Problem
from engine.protocol.records import Dataset, Run
from engine.protocol.specs import TrainSpec

PRESET = "quick"
REMEMBERED = "welcome.sample-run"  # its run's id, so that a closed window takes it up again


class SampleRun(QObject):
    """Adds the sample, starts the quick preset, opens the run, and the chat when it is done.

    The base may still be in preparation: the run waits behind it in the engine's queue.
    """

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self._app = app
        self._arrivals = Arrivals(app.store, self)
        self._adding = False
        for signal in (app.store.runs_changed, app.store.adapters_changed):
            signal.connect(self._look)
        app.store.state_changed.connect(self._look)

    @property
    def why_off(self) -> str:
        """A sentence, or nothing when it can be started."""
        if self._app.store.state is not EngineState.READY:
            return "The engine is not ready."
        if not self._app.store.models:
            return "There is no base model yet."
        return "The sample is on its way." if self._adding else ""

    def start(self) -> None:
        run = self._app.store.runs.get(self._app.settings.get(REMEMBERED, ""))
        if run is not None:
            self._show(run)
            return
        self._adding = True
        sample = sample_of(self._app.store.datasets)
        if sample is not None:
            self._train(sample.id)
            return
        self._app.client.post(
            "/api/datasets",
            AddDataset(sample=True),
            answer=Job,
            then=lambda job: self._arrivals.expect(job, self._train, self._failed),
            failed=self._failed,
            owner=self,
        )

    def _train(self, dataset: str) -> None:
        base = base_at_hand(self._app.store, self._app.selection)
        presets = {preset.id: preset for preset in self._app.store.presets}
        if base is None or PRESET not in presets:
            self._failed(Problem("welcome.no-base", "There is no base model to train.",
                                 "Add a model folder first."))  # fmt: skip
            return
        spec = with_values(TrainSpec(base.id, dataset, preset=PRESET), presets[PRESET].values)
        self._app.client.post("/api/runs", spec, answer=Run, then=self._started,
                              failed=self._failed, owner=self)  # fmt: skip

    def _started(self, run: Run) -> None:
        self._adding = False
        self._app.store.runs.setdefault(run.id, run)  # the answer may be faster than the event
        self._app.settings.set(REMEMBERED, run.id)
        self._show(run)
        self._look()

    def _show(self, run: Run) -> None:
        self._app.selection.set("run", run.id)
        if "run" in self._app.contributions.editors:
            self._app.open("run", run.id)

    def _failed(self, problem: Problem) -> None:
        self._adding = False
        self._app.notifications.problem(problem)
        self._app.commands.refresh()

    def _look(self) -> None:
        """Whether the run that is waited for has its adapter by now, or never will."""
        id = self._app.settings.get(REMEMBERED, "")
        if not id or self._app.store.state is not EngineState.READY:
            return
        run = self._app.store.runs.get(id)
        if run is not None and run.adapter in self._app.store.adapters:
            self._app.settings.set(REMEMBERED, "")
            self._chat(run.adapter)
        elif run is None or run.state in (JobState.FAILED, JobState.CANCELLED):
            self._app.settings.set(REMEMBERED, "")

    def _chat(self, adapter: str) -> None:
        self._app.selection.set("adapter", adapter)
        if "chat.with-adapter" in self._app.commands:
            self._app.commands.run("chat.with-adapter")


def sample_of(datasets: dict[str, Dataset]) -> Dataset | None:
    return next((each for each in datasets.values() if each.sample), None)
