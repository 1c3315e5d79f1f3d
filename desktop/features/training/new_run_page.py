"""The page that prepares a run: settings at the left, what they cost at the right."""

from collections.abc import Mapping
from time import time

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QBoxLayout, QMenu, QVBoxLayout, QWidget

from desktop.app import App
from desktop.features.training.draft import Draft
from desktop.features.training.forecast_card import WIDE, ForecastCard, Notes
from desktop.features.training.forecasts import Forecasts
from desktop.features.training.preset_actions import PresetActions
from desktop.features.training.run_actions import RunActions
from desktop.features.training.run_form import RunForm
from desktop.features.training.settings_files import SettingsFiles
from desktop.workbench.drops import paths_of
from desktop.workbench.label import Label
from desktop.workbench.page import Page, scrolled
from desktop.workbench.rows import dragged_row
from engine.protocol.jobs import JobKind, JobState
from engine.protocol.problems import Problem
from engine.protocol.records import Forecast, ModelStatus, Run
from engine.protocol.specs import TrainSpec

NARROW = 880  # px of the page; below it the forecast stands under the settings
CARD_TOP = 62  # the card begins where the first fields do
PRESET_MENU = ("runs.rename-preset", "runs.export-preset", "runs.delete-preset")
CHAT_NOTE = "Chat stays usable while training, but slower."


class NewRunPage(Page):
    def __init__(
        self,
        app: App,
        draft: Draft,
        actions: RunActions,
        *,
        presets: PresetActions,
        files: SettingsFiles,
    ) -> None:
        super().__init__(app.theme, "New run", "pulse", "orange")
        self._app, self._draft, self._actions = app, draft, actions
        self._presets, self._files = presets, files
        self._warned = False
        self._starting = False
        self._asked: list[tuple[str, str]] = []  # what each forecast is of: a part and its id
        self.forecasts = Forecasts(app.client, app.store, self)
        self.form = RunForm(app, draft)
        self.card = ForecastCard(app.theme, self.start)
        self.notes = Notes(app.theme)
        self._lay_out()
        self.primary = self.start
        self.first_focus = self.form.methods.rows[self.form.methods.selected]
        self.setAcceptDrops(True)
        self.form.changed.connect(self._on_change)
        self.forecasts.changed.connect(self._show)
        self.form.presets.menu_asked.connect(self._show_preset_menu)
        self.form.presets.rename_asked.connect(lambda id: self._on_preset("runs.rename-preset", id))
        self.form.presets.removal_asked.connect(
            lambda id: self._on_preset("runs.delete-preset", id)
        )
        app.store.jobs_changed.connect(self._on_jobs)
        self._on_change()
        self.describe(modified=True)

    def _lay_out(self) -> None:
        px = self._app.theme.px
        main = QVBoxLayout()
        main.setSpacing(0)
        main.addWidget(Label("New run", "page"))
        main.addSpacing(px(16))
        main.addWidget(self.form)
        main.addStretch()
        self._side = QWidget()
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(px(16))
        self._card_top = QWidget()
        self._card_top.setFixedHeight(px(CARD_TOP - 16))
        side.addWidget(self._card_top)
        side.addWidget(self.card)
        side.addWidget(self.notes)
        side.addStretch()
        content = QWidget()
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight, content)
        self._columns.setContentsMargins(px(32), px(24), px(24), px(24))
        self._columns.setSpacing(px(32))
        self._columns.addLayout(main, 1)
        self._columns.addWidget(self._side)
        self.body.addWidget(scrolled(content))
        self._arrange(narrow=False)

    def _arrange(self, *, narrow: bool) -> None:
        way = QBoxLayout.Direction
        self._columns.setDirection(way.TopToBottom if narrow else way.LeftToRight)
        self._card_top.setVisible(not narrow)
        self._side.setMaximumWidth(16_777_215 if narrow else self._app.theme.px(WIDE))
        self._side.setMinimumWidth(0 if narrow else self._app.theme.px(WIDE))

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)
        self._arrange(narrow=self.width() < self._app.theme.px(NARROW))

    def shown(self) -> None:
        self._draft.begin()
        self.forecasts.refresh()

    # What it costs.

    def _on_change(self) -> None:
        self._warned = False
        self.hide_band()
        spec = self.form.spec()
        presets, methods = self.form.preset_specs(), self.form.method_specs()
        current = [("current", "", spec)] if spec is not None else []
        wanted = [
            *current,
            *(("preset", id, each) for id, each in presets.items()),
            *(("method", kind, each) for kind, each in methods.items()),
        ]
        self._asked = [(part, id) for part, id, _ in wanted]
        self.forecasts.ask([each for _, _, each in wanted])
        self._show()

    def _on_jobs(self, changed: set[str]) -> None:
        jobs = self._app.store.jobs
        if any(id in jobs and jobs[id].kind is JobKind.MEASURE for id in changed):
            self._show()

    def _show(self) -> None:
        answered = dict(zip(self._asked, self.forecasts.latest, strict=False))
        epochs = {id: spec.epochs for id, spec in self.form.preset_specs().items()}
        self.form.presets.set_costs(epochs, _of("preset", answered))
        methods = _of("method", answered)
        if methods or not self.form.form.valid():
            self.form.methods.set_costs(methods)
        self.form.show_costs(self.forecasts)
        self._show_card(answered.get(("current", "")))

    def _show_card(self, current: Forecast | None) -> None:
        store, draft = self._app.store, self._draft
        dataset = store.datasets.get(draft.dataset)
        warnings: tuple[str, ...] = ()
        if current is not None:
            self.card.show_forecast(current, waiting=self._waiting(current), now=time())
            warnings = current.warnings
        elif not self.form.form.valid():
            self.card.show_nothing("No forecast", "A setting is out of its bounds.")
        elif draft.base not in store.models or dataset is None:
            self.card.show_nothing("No forecast yet", "Choose a base model and a dataset first.")
        elif self.forecasts.problem is not None:
            problem = self.forecasts.problem
            self.card.show_nothing("No forecast", f"{problem.message} {problem.hint}".strip())
        if dataset is not None and dataset.finding_count:
            count = dataset.finding_count
            noun = "problem" if count == 1 else "problems"
            warnings = (*warnings, f"{count} {noun} in {dataset.name}.")
        self.notes.show_notes(warnings, (CHAT_NOTE,))

    def _waiting(self, forecast: Forecast) -> tuple[str, str]:
        """What stands in place of a time: what is being found out, or why it cannot be."""
        base = self._app.store.models.get(self._draft.base)
        if base is not None and base.status is not ModelStatus.READY:
            return "Not measured yet", f"{base.name} is not ready."
        if forecast.tokens_per_epoch is None:
            return "Counting tokens…", "The time follows from it."
        subject = f"{self._draft.base}/"
        for job in reversed(self._app.store.jobs.values()):
            if job.kind is JobKind.MEASURE and job.subject.startswith(subject):
                if job.state is JobState.QUEUED and self._app.store.busy:
                    return "Not measured yet", "Measures when the running job ends."
                if job.problem is not None:
                    return "Not measured", job.problem.message
                break
        return "Measuring on this machine…", "A few real steps give the speed."

    # Presets of one's own.

    def _on_preset(self, command: str, id: str) -> None:
        self._presets.point_at(id)
        self._app.commands.run(command)
        self._presets.point_at("")

    def _show_preset_menu(self, id: str, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for command in PRESET_MENU:
            action = menu.addAction(self._app.commands.get(command).name)
            action.triggered.connect(lambda _=False, command=command: self._on_preset(command, id))
        menu.popup(where)

    # The start.

    def start(self) -> None:
        """Ctrl+Enter: to the first bad field, or to the engine."""
        if self.form.focus_first_error() or self._starting:
            return
        spec = self.form.spec()
        if spec is not None and not self._asks_about_memory():
            self._send(spec)

    def _asks_about_memory(self) -> bool:
        """Once: more memory than is free is a choice the person makes knowingly."""
        current = self.forecasts.latest[0] if self.forecasts.latest else None
        if current is None or current.memory_bytes is None or self._warned:
            return False
        if current.memory_bytes <= current.free_memory_bytes:
            return False
        self._warned = True
        text = "This needs more memory than is free. A smaller batch or length needs less."
        self.show_band("warning", text, ("Start anyway", self.start))
        return True

    def _send(self, spec: TrainSpec) -> None:
        self._starting = True
        self.card.start.setEnabled(False)
        self.set_busy(True)
        self._app.client.post(
            "/api/runs", spec, answer=Run, then=self._started, failed=self._refused, owner=self
        )

    def _started(self, run: Run) -> None:
        self.describe(modified=False)
        self._draft.take()
        self._actions.show(run)
        self._app.window.editors.close_page("new-run")

    def _refused(self, problem: Problem) -> None:
        self._starting = False
        self.card.start.setEnabled(True)
        self.set_busy(False)
        self.show_band("error", f"{problem.message} {problem.hint}".strip())

    # Data dropped on it.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        kind, _ = dragged_row(event.mimeData())
        if kind == "dataset" or paths_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        kind, id = dragged_row(event.mimeData())
        event.acceptProposedAction()
        if kind == "dataset":
            self._draft.put(dataset=id)
            return
        path = paths_of(event.mimeData())[0]
        if path.suffix.lower() == ".toml":
            self._files.read(path)
        else:
            self._actions.add_file(path)


def _of(part: str, answered: Mapping[tuple[str, str], Forecast]) -> dict[str, Forecast]:
    return {id: each for (name, id), each in answered.items() if name == part}
