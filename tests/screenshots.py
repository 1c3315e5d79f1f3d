"""`make screenshots`: every screen with real content, dark and light, as PNG files.

    python -m tests.screenshots OUT_FOLDER

The engine is real and so is everything it shows: the built-in model, the sample, a run that is
training while its page is drawn, an adapter, a chat. The data folder is kept beside the pictures,
so that a second call takes seconds.
"""

import os
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEventLoop
from PySide6.QtWidgets import QApplication, QStyleFactory

from desktop.app import App
from desktop.core.engine_process import EngineState
from engine.client import EngineClient
from engine.protocol.dataset_specs import AddDataset
from engine.protocol.events import ChatDone
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.offline import go_offline
from engine.protocol.records import Adapter, BaseModel, Conversation, Dataset, Reply, Run, Turn
from engine.protocol.specs import ChatRequest, Message, SamplingSpec, TrainSpec

SIZE = (1440, 900)
WITHIN_S = 900.0
QUIET_S = 0.6  # nothing asked of the engine for so long: a page has all it wants
SYSTEM = "You sort support tickets. Answer in JSON."
PROMPTS = (
    "I was charged twice for the May invoice, order 88213. Please refund one of them today.",
    "Parcel 4471 shows delivered but nothing arrived. No rush.",
    "My two-factor codes are rejected and I am locked out.",
)


def main(folder: Path) -> int:
    go_offline()
    folder.mkdir(parents=True, exist_ok=True)
    home = folder / "home"
    client = EngineClient.attach_or_start(home)
    content = Content(client)
    content.prepare()
    live = content.start_live_run()
    try:
        take_all(home, folder, content, live)
    finally:
        client.send("POST", f"/api/jobs/{live.job}/cancel")
        client.send("DELETE", f"/api/runs/{live.id}")
        client.send("POST", "/api/engine/stop")
    return 0


class Content:
    """What there is to see, made by the engine where it is not there yet."""

    def __init__(self, client: EngineClient) -> None:
        self.client = client
        self.base: BaseModel
        self.dataset: Dataset
        self.adapter: Adapter
        self.conversation: str

    def prepare(self) -> None:
        for job in self.client.state().jobs:
            if job.kind is JobKind.TRAIN and job.active:  # of a call that was broken off
                self.client.send("POST", f"/api/jobs/{job.id}/cancel")
            elif job.active:
                self._done(job)
        self.base = self.client.state().models[0]
        if not self.client.state().datasets:
            self._done(self.client.post("/api/datasets", AddDataset(sample=True), Job))
        self.dataset = self.client.state().datasets[0]
        if not self.client.state().adapters:
            print("Training the adapter that the pictures show …")
            run = self.client.post("/api/runs", self._spec("ticket triage", 48), Run)
            self._done(self.client.get(f"/api/jobs/{run.job}", Job))
        self.adapter = self.client.state().adapters[0]
        if not self.client.state().conversations:
            self._talk()
        self.conversation = self.client.state().conversations[0].id

    def start_live_run(self) -> Run:
        """A run that has trained and validated a little by the time its page is drawn."""
        run = self.client.post("/api/runs", self._spec("ticket triage", 400), Run)
        deadline = time.monotonic() + WITHIN_S
        while (now := self.client.get(f"/api/runs/{run.id}", Run)).step < 24:
            assert time.monotonic() < deadline, now
            assert now.state in (JobState.QUEUED, JobState.RUNNING), now
            time.sleep(0.2)
        return run

    def _spec(self, name: str, steps: int) -> TrainSpec:
        return TrainSpec(
            self.base.id,
            self.dataset.id,
            name=name,
            learning_rate=5e-4,
            max_steps=steps,
            eval_every=8,
            checkpoint_every=8,
        )

    def _done(self, job: Job) -> None:
        ended = self.client.wait_for_job(job.id)
        assert ended.state is not JobState.FAILED, ended.problem

    def _talk(self) -> None:
        """Three turns, the base and the adapter side by side."""
        turns: list[Turn] = []
        columns = (None, self.adapter.id)
        for prompt in PROMPTS:
            replies = tuple(self._reply(turns, at, who, prompt) for at, who in enumerate(columns))
            turns.append(Turn(prompt, replies))
        conversation = Conversation(
            id=uuid.uuid4().hex,
            title="Ticket triage",
            base=self.base.id,
            columns=columns,
            system=SYSTEM,
            turns=tuple(turns),
            created_at=time.time(),
            updated_at=time.time(),
        )
        self.client.put(f"/api/conversations/{conversation.id}", conversation, Conversation)

    def _reply(self, turns: list[Turn], column: int, adapter: str | None, prompt: str) -> Reply:
        messages = [Message("system", SYSTEM)]
        for turn in turns:
            messages += [
                Message("user", turn.prompt),
                Message("assistant", turn.replies[column].text),
            ]
        messages.append(Message("user", prompt))
        sampling = SamplingSpec(max_tokens=48)
        request = ChatRequest(self.base.id, tuple(messages), adapter, sampling)
        *_, last = self.client.chat(request)
        assert isinstance(last, ChatDone)
        return Reply(adapter, last.text, last.stamp)


def take_all(home: Path, folder: Path, content: Content, live: Run) -> None:
    qt = QApplication.instance() or QApplication(["screenshots"])
    assert isinstance(qt, QApplication)
    qt.setStyle(QStyleFactory.create("Fusion"))
    for theme in ("dark", "light"):
        take(home, folder, theme, content, live)


def take(home: Path, folder: Path, theme: str, content: Content, live: Run) -> None:
    app = App(home)
    app.theme.choose(theme)
    app.start()
    app.window.resize(*SIZE)
    app.window.show()
    app.store.connect_engine()
    until(lambda: app.store.state is EngineState.READY)
    for name, show in screens(app, content, live).items():
        show()
        settle(app)
        path = folder / f"{name}-{theme}.png"
        app.window.grab().save(str(path))
        print(path)
    app.store.close()
    app.window.close()
    app.deleteLater()


def screens(app: App, content: Content, live: Run) -> dict[str, Callable[[], object]]:
    """Name of the picture: what brings the window there."""

    def at(activity: str, kind: str, key: str = "", *, panel: str = "") -> Callable[[], object]:
        def show() -> None:
            app.window.show_activity(activity, focus=False)
            app.window.show_panel(bool(panel), panel or "jobs")
            app.open(kind, key)

        return show

    def new_run() -> None:
        app.selection.set("dataset", content.dataset.id)
        at("runs", "new-run")()
        app.commands.run("runs.new")

    def palette() -> None:
        at("runs", "run", live.id, panel="jobs")()
        app.commands.run("workbench.palette")

    return {
        "01-welcome": at("models", "welcome"),
        "02-dataset": at("datasets", "dataset", content.dataset.id, panel="problems"),
        "03-train": new_run,
        "04-run": at("runs", "run", live.id, panel="jobs"),
        "05-adapter": at("adapters", "adapter", content.adapter.id),
        "06-chat": at("chat", "chat", content.conversation),
        "07-model": at("models", "model", content.base.id),
        "08-settings": at("models", "settings"),
        "09-palette": palette,
        "10-compare": at("runs", "compare-runs", f"{live.id}+{content.adapter.run}"),
    }


def settle(app: App) -> None:
    """Turn the event loop until the page has asked for nothing for a while."""
    quiet_since = time.monotonic()
    deadline = time.monotonic() + 30
    while time.monotonic() - quiet_since < QUIET_S and time.monotonic() < deadline:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
        if not app.client.idle:
            quiet_since = time.monotonic()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, "the window did not get there"
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
