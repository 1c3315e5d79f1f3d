"""The Models side bar."""

from desktop.app import App
from desktop.core.base_at_hand import base_at_hand
from desktop.features.models import wording
from desktop.features.models.actions import ModelActions
from desktop.workbench.rows import Row, Section
from desktop.workbench.side_bar import SideBar
from engine.protocol.jobs import Job, JobKind
from engine.protocol.records import BaseModel, ModelStatus

ROW_MENU = (
    "models.chat", "", "models.rename", "models.show-folder", "models.locate", "", "models.remove",
)  # fmt: skip


class ModelsSideBar(SideBar):
    def __init__(self, app: App, actions: ModelActions) -> None:
        super().__init__(
            app.theme,
            app.commands,
            app.settings,
            id="models",
            title="Models",
            add="models.add",
            menu=("models.add", "models.add-file"),
            row_menu=lambda row: ROW_MENU if row.id in app.store.models else (),
            empty="No base model yet.",
            empty_command="models.add",
            empty_text="Add a model folder",
            hint="Drop a model folder\nto add a base model",
            delete="models.remove",
            on_drop=lambda paths: actions.add(*paths),
        )
        self._app = app
        self.opened.connect(self._open)
        self.selected.connect(self._select)
        app.store.models_changed.connect(self.refresh)
        app.store.jobs_changed.connect(self.refresh)
        app.selection.changed.connect(self._follow)
        self.refresh()

    def refresh(self, ids: object = None) -> None:
        store = self._app.store
        models = sorted(store.models.values(), key=lambda each: (each.created_at, each.id))
        rows = [row_of(model, wording.job_of(store, model.id)) for model in models]
        coming = [
            Row(id=job.subject, title=job.title.removeprefix("Add "), icon="package", tone="text3",
                progress=job.progress)
            for job in store.jobs.values()
            if job.kind is JobKind.ADD_MODEL and job.active and job.subject not in store.models
        ]  # fmt: skip
        self.set_sections((Section(id="bases", title="Base models", rows=(*rows, *coming)),))
        self._follow()

    def _open(self, id: str, keep: bool) -> None:
        if id in self._app.store.models:
            self._app.open("model", id, preview=not keep, focus=keep)

    def _select(self, id: str) -> None:
        if id in self._app.store.models:
            self._app.selection.set("model", id)

    def _follow(self) -> None:
        """The page that is shown is the row that is chosen; at first it is the base at hand."""
        base = base_at_hand(self._app.store, self._app.selection)
        if base is not None and self._app.selection.model is None:
            self._app.selection.set("model", base.id)
        id = self._app.selection.id("model")
        if id and id != self.list.current_id():
            self.list.select(id)


def row_of(model: BaseModel, job: Job | None) -> Row:
    detail, icon, tone, progress = wording.in_short(model), "pass-filled", "ok", None
    if model.status is ModelStatus.PREPARING:
        detail, icon = "Preparing", "" if job is not None else "clockface"
        progress = job.progress if job is not None else None
        tone = "text3"
    elif model.status is ModelStatus.MISSING:
        detail, icon, tone = "Its folder is not where it was", "warning", "warn"
    return Row(
        id=model.id,
        title=model.name,
        detail=detail,
        icon="package",
        tone="accent",
        state_icon=icon,
        state_tone=tone,  # type: ignore[arg-type]
        progress=progress,
        tip=wording.state_of(model, job),
        kind="model",
    )
