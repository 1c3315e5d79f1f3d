"""An example contribution: what a feature does, with the content of the design's run page."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.app import App
from desktop.core import formatting
from desktop.core.commands import Choice, Command
from desktop.core.engine_process import EngineState
from desktop.core.tokens import Token
from desktop.workbench.buttons import command_button
from desktop.workbench.chip import Chip
from desktop.workbench.contributions import (
    Activity,
    DropKind,
    EditorKind,
    PaletteItem,
    PaletteProvider,
    PanelTab,
)
from desktop.workbench.label import Label
from desktop.workbench.page import Page, PageHeader
from desktop.workbench.progress_bar import ProgressBar
from desktop.workbench.row_list import RowList
from desktop.workbench.rows import Row, Section
from desktop.workbench.side_bar import SideBar
from desktop.workbench.status_bar import StatusText
from engine.protocol.events import State
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.records import BaseModel, EngineInfo, Run
from engine.protocol.specs import TrainSpec

ACTIVITIES = (
    ("models", "Models", "package"),
    ("adapters", "Adapters", "layers"),
    ("datasets", "Datasets", "database"),
    ("runs", "Runs", "pulse"),
    ("chat", "Chat", "comment-discussion"),
    ("evaluations", "Evaluations", "graph"),
)
COMMANDS = (
    ("chat.switch", "Chat: Switch Adapter", "comment-discussion", "Alt+1"),
    ("adapters.export", "Adapters: Export Adapter…", "layers", "Ctrl+Shift+E"),
    ("adapters.merge", "Adapters: Merge Adapter into Base…", "layers", ""),
    ("evaluations.compare", "Evaluations: Compare Adapters…", "graph", ""),
    ("adapters.import", "Adapters: Import Adapter from Folder…", "layers", "Ctrl+O"),
    ("runs.new-from", "Runs: New Run from This Adapter", "pulse", ""),
    ("adapters.verify", "Adapters: Verify Adapter Files", "layers", ""),
    ("runs.new", "Runs: New Run", "add", "Ctrl+N"),
    ("runs.pause", "Runs: Pause", "debug-pause", "Ctrl+F5"),
    ("runs.stop", "Runs: Stop", "debug-stop", "Shift+F5"),
)
NOW = 1_790_000_000.0


def contribute(app: App) -> None:
    for id, title, icon, keys in COMMANDS:
        app.commands.add(Command(id=id, title=title, icon=icon, keys=keys, run=lambda: None))
    app.commands.add(
        Command(
            id="runs.finish",
            title="Runs: Finish with the Best Checkpoint",
            enabled=lambda: app.selection.run is not None,
            reason="Choose a run first.",
            run=lambda: None,
        ),
        Command(id="runs.preset", title="Runs: Choose Preset", choices=lambda: presets(app)),
    )
    for order, (id, title, icon) in enumerate(ACTIVITIES):
        app.contributions.add_activity(
            Activity(id=id, title=title, icon=icon, order=order, keys=f"Ctrl+Shift+{order + 1}",
                     side_bar=lambda title=title: ExampleSideBar(app, title))  # type: ignore[misc]
        )  # fmt: skip
    app.contributions.add_activity(
        Activity(id="settings", title="Settings", icon="settings-gear", order=99, at_bottom=True,
                 side_bar=lambda: ExampleSideBar(app, "Settings"))
    )  # fmt: skip
    add_editors(app)
    app.contributions.add_panel(
        PanelTab(id="jobs", title="Jobs", order=0, make=lambda: jobs_list(app))
    )
    for order, title in enumerate(("Problems", "Output", "Resources")):
        app.contributions.add_panel(
            PanelTab(id=title.lower(), title=title, order=order + 1, make=QWidget)
        )
    app.contributions.add_provider(PaletteProvider(id="runs", items=lambda: places(app)))
    app.contributions.add_drop(
        DropKind(id="datasets", order=0, drop=lambda paths: None,
                 offer=lambda paths: "Add as dataset" if paths[0].suffix == ".jsonl" else "")
    )  # fmt: skip
    app.contributions.add_to_menu("Train", "runs.new", "runs.pause", "runs.stop")
    app.contributions.add_to_menu("Edit", "runs.finish")
    app.contributions.add_to_menu("Help", "adapters.verify")
    add_status(app)


def presets(app: App) -> list[Choice]:
    return [
        Choice(id=name, title=name, run=lambda name=name: app.settings.set("example.preset", name))  # type: ignore[misc]
        for name in ("Quick", "Balanced", "Thorough")
    ]


def places(app: App) -> list[PaletteItem]:
    return [
        PaletteItem(id=run.id, title=run.name, icon="pulse", tone="orange",
                    run=lambda id=run.id: app.open("run", id))  # type: ignore[misc]
        for run in app.store.runs.values()
    ]  # fmt: skip


def add_editors(app: App) -> None:
    app.contributions.add_editor(
        EditorKind(
            id="run",
            icon="pulse",
            tone="orange",
            title=lambda key: app.store.runs[key].name if key in app.store.runs else "Run",
            make=lambda key: RunPage(app, key),
        )
    )
    plain: Callable[[str, str], Callable[[str], Page]] = lambda title, icon: (  # noqa: E731
        lambda key: Page(app.theme, title, icon, "teal" if icon == "database" else "text2")
    )
    app.contributions.add_editor(
        EditorKind(id="dataset", icon="database", make=plain("tickets.jsonl", "database"))
    )
    app.contributions.add_editor(
        EditorKind(id="chat", icon="comment-discussion", make=plain("Chat", "comment-discussion"))
    )


def add_status(app: App) -> None:
    running = app.window.status.add(
        "Running job", side="left", order=20, priority=100, run=lambda: None
    )
    base = app.window.status.add("Base model", side="right", order=0, priority=40, run=lambda: None)
    adapter = app.window.status.add("Adapter", side="right", order=1, priority=60, run=lambda: None)

    def refresh(ids: object) -> None:
        job = next((j for j in app.store.jobs.values() if j.state is JobState.RUNNING), None)
        if job is None:
            running.show_status(StatusText())
        else:
            running.show_status(
                StatusText(text="support-triage r16", icon="sync", tone="accent",
                           progress=job.progress, extra="28 min")
            )  # fmt: skip
        base.show_status(StatusText(text="SmolLM2-135M-Instruct", icon="package"))
        adapter.show_status(StatusText(text="support-triage r16", icon="layers", tone="violet"))
        app.window.activities.set_badge("runs", 1 if job else 0)
        app.window.panel.set_count("jobs", sum(j.active for j in app.store.jobs.values()))

    app.store.jobs_changed.connect(refresh)


class ExampleSideBar(SideBar):
    def __init__(self, app: App, title: str) -> None:
        super().__init__(
            app.theme, app.commands, app.settings, id=title.lower(), title=title, add="runs.new",
            menu=("runs.new",), row_menu=lambda row: ("runs.pause", "runs.stop"),
            empty="No runs yet. A first one takes about 4 minutes with the sample.",
            empty_command="runs.new", empty_text="Try the sample",
            hint="Drop a dataset to start a run", on_drop=lambda paths: None,
        )  # fmt: skip
        self._app = app
        self.opened.connect(lambda id, keep: app.open("run", id, preview=not keep, focus=keep))
        self.selected.connect(lambda id: app.selection.set("run", id))
        app.store.runs_changed.connect(self.refresh)
        self.refresh()

    def refresh(self, ids: object = None) -> None:
        runs = sorted(self._app.store.runs.values(), key=lambda run: -run.number)
        active = [row_of(run) for run in runs if run.state in (JobState.RUNNING, JobState.QUEUED)]
        ended = [row_of(run) for run in runs if run.state in (JobState.DONE, JobState.FAILED)]
        self.set_sections(
            (
                Section(id="active", title="Active", rows=tuple(reversed(active))),
                Section(id="finished", title="Finished", rows=tuple(ended)),
            )
        )


def row_of(run: Run) -> Row:
    looks: dict[JobState, tuple[str, Token]] = {
        JobState.RUNNING: ("pulse", "orange"),
        JobState.QUEUED: ("clockface", "text3"),
        JobState.DONE: ("pass", "ok"),
        JobState.FAILED: ("error", "err"),
    }
    icon, tone = looks[run.state]
    details = {
        JobState.RUNNING: f"Run {run.number} · step {run.step} of {run.total_steps}",
        JobState.QUEUED: f"Run {run.number} · queued",
        JobState.FAILED: f"Run {run.number} · loss diverged at step 46",
    }
    done = f"Run {run.number} · {formatting.duration(run.elapsed_s)} · val loss {run.best_loss}"
    return Row(
        id=run.id, title=run.name, detail=details.get(run.state, done), icon=icon,
        tone=tone, right="28 min" if run.state is JobState.RUNNING else "", kind="run",
    )  # fmt: skip


class RunPage(Page):
    def __init__(self, app: App, key: str) -> None:
        run = app.store.runs.get(key)
        name = run.name if run is not None else "Run"
        super().__init__(app.theme, name, "pulse", "orange")
        header = PageHeader(app.theme, name, "Run 14 · LoRA · tickets.jsonl")
        header.add_chip(Chip(app.theme, "Running", "accent", "sync"))
        pause = command_button(app.theme, app.commands, "runs.pause")
        header.add_button(pause)
        header.add_button(command_button(app.theme, app.commands, "runs.stop"))
        self.first_focus = pause
        self.header_slot.addWidget(header)
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(Label("28 min left", "section"))
        line.addWidget(Label("ends about 15:14", "meta", "text3"))
        line.addStretch()
        line.addWidget(Label("step 402 of 618 · epoch 1.95 of 3 · 52 min so far", "meta", "text2"))
        bar = ProgressBar(app.theme)
        bar.set_share(0.65)
        box = QVBoxLayout()
        box.setContentsMargins(24, 16, 24, 0)
        box.setSpacing(8)
        box.addLayout(line)
        box.addWidget(bar)
        box.addStretch()
        self.body.addLayout(box)


def jobs_list(app: App) -> QWidget:
    jobs = RowList(app.theme, "Jobs")

    def refresh(ids: object = None) -> None:
        rows = tuple(
            Row(id=job.id, title=job.title, icon="sync", tone="accent", right=job.detail,
                strong=False)
            for job in app.store.jobs.values()
        )  # fmt: skip
        jobs.set_sections((Section(id="jobs", title="", rows=rows),))

    app.store.jobs_changed.connect(refresh)
    refresh()
    jobs.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return jobs


ENGINE = EngineInfo(
    version="0.1.0", pid=1, started_at=NOW, home="/tmp", device="CPU", threads=2,
    memory_total_bytes=7_800_000_000, memory_used_bytes=3_300_000_000, disk_free_bytes=38 * 10**9,
)  # fmt: skip


def run_record(id: str, number: int, name: str, state: JobState, **more: Any) -> Run:
    return Run(
        id=id, number=number, name=name, job=f"j{number}", spec=TrainSpec("m1", "d1"),
        base_name="SmolLM2-135M-Instruct", dataset_name="tickets.jsonl", dataset_version=1,
        path="/tmp", state=state, **more,
    )  # fmt: skip


def example_state(sequence: int = 0) -> State:
    runs = (
        run_record("r14", 14, "support-triage r16", JobState.RUNNING, step=402, total_steps=618),
        run_record("r15", 15, "sql-writer r8", JobState.QUEUED),
        run_record("r13", 13, "house-style r16", JobState.DONE, elapsed_s=2520, best_loss=1.612),
        run_record("r12", 12, "support-triage r16", JobState.DONE, elapsed_s=4740, best_loss=1.331),
        run_record("r11", 11, "support-triage full", JobState.FAILED),
    )
    train = JobKind.TRAIN
    jobs = (
        Job(id="j14", kind=train, title="Train support-triage r16", state=JobState.RUNNING,
            progress=0.65, detail="28 min left"),
        Job(id="j15", kind=train, title="Train sql-writer r8", detail="about 46 min"),
        Job(id="j16", kind=JobKind.MEASURE, title="Measure", detail="about 6 min"),
        Job(id="j13", kind=JobKind.IMPORT_DATASET, title="Import phrases.csv",
            state=JobState.DONE, detail="0.4 s"),
    )  # fmt: skip
    return State(
        sequence=sequence, engine=ENGINE, adapters=(), datasets=(), runs=runs, jobs=jobs,
        models=(BaseModel(id="m1", name="SmolLM2-135M-Instruct", path="/m", source="built-in"),),
        conversations=(), presets=(),
    )  # fmt: skip


def fill_store(app: App) -> None:
    """As if the engine had answered."""
    app.store.replace(example_state())
    app.store.state = EngineState.READY
    app.store.state_changed.emit()
    app.store.flush()
