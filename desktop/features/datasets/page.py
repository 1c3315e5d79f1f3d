"""A dataset's page: will the model learn what I mean?"""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from desktop.app import App
from desktop.core.base_at_hand import base_at_hand
from desktop.core.engine_process import EngineState
from desktop.features.datasets import wording
from desktop.features.datasets.coming_rows import REMOVED, ComingRows
from desktop.features.datasets.explore import Explore
from desktop.features.datasets.find_bar import FindBar
from desktop.features.datasets.fixes import Fixes
from desktop.features.datasets.inspector import Inspector
from desktop.features.datasets.limits import limit_of, limits_for, set_limit
from desktop.features.datasets.mapping_bar import MappingBar
from desktop.features.datasets.model_view import ModelView
from desktop.features.datasets.pending_edits import PendingEdits
from desktop.features.datasets.row_editing import RowEditing
from desktop.features.datasets.row_queries import EVERYTHING
from desktop.features.datasets.rows_model import RowsModel
from desktop.features.datasets.table import RowTable
from desktop.features.datasets.template_place import TemplatePlace
from desktop.features.datasets.wording import Group
from desktop.workbench.buttons import Button, command_button, command_icon_button
from desktop.workbench.page import Page, PageHeader, Severity
from desktop.workbench.splitter import Splitter
from engine.protocol.dataset_specs import Mapping, RowQuery
from engine.protocol.finding_sorts import fixed_at_once
from engine.protocol.problems import Problem
from engine.protocol.records import BaseModel, DataPreview, Dataset, Finding, ModelStatus

NARROW = 880  # px of the page; below it the inspector moves under the table


class DatasetPage(Page):
    """The table is the file; the inspector is the model's view of the selected row."""

    def __init__(self, app: App, key: str, fixes: Fixes, edits: PendingEdits) -> None:
        super().__init__(app.theme, wording.name_of(app.store, key), "database", "teal")
        self._app, self._id, self._fixes = app, key, fixes
        self._shown: Dataset | None = None
        self._base: BaseModel | None = None
        self._number: int | None = None
        self._pinned = 0  # the version of the rows in the table, 0 for the newest
        self._severities: dict[int, str] = {}
        self.rows = RowsModel(app.client, edits, self)
        self.header = PageHeader(app.theme, "")
        self.mapping = MappingBar(app.theme)
        self.find_bar = FindBar(app.theme, self.rows)
        self.table = RowTable(app.theme, self.rows, lambda row: self._severities.get(row, ""))
        self.editing = RowEditing(app, key, edits, self.rows, self.table)
        self.inspector = Inspector(app.theme)
        self.coming = ComingRows(app, key, self)
        self.view = ModelView(app.client, self.inspector, key)
        self.view.limit = limit_of(app.settings, key)
        self.templates = TemplatePlace(app, self, key, fixes.changes)
        self.explore = Explore(app, key, self)
        self.first_focus = self.table
        self.primary = lambda: app.commands.run("datasets.train")
        self._lay_out()
        self._connect()
        self.refresh()

    @property
    def dataset(self) -> Dataset | None:
        return self._app.store.datasets.get(self._id)

    def _lay_out(self) -> None:
        commands = self._app.commands
        self.header.setContentsMargins(0, 0, -8, 0)
        self._cancel = Button(self.theme, "Cancel", run=self.coming.cancel)
        self.header.add_button(self._cancel)
        self.header.add_button(command_icon_button(self.theme, commands, "datasets.versions"))
        self.export_button = command_icon_button(self.theme, commands, "datasets.export")
        self.header.add_button(self.export_button)
        self.header.add_button(command_icon_button(self.theme, commands, "datasets.reread"))
        self.inspector.add_split_link(
            command_button(self.theme, commands, "datasets.split", text="Change…", kind="link",
                           icon="")
        )  # fmt: skip
        self.train = command_button(
            self.theme, commands, "datasets.train", text="Train", kind="primary"
        )
        self.header.add_button(self.train)
        self.splitter: QSplitter = Splitter(self.theme, Qt.Orientation.Horizontal)
        self.body.addWidget(self.splitter, 1)
        left = QWidget(self.splitter)  # parents before children: each widget is styled once
        self.splitter.addWidget(self.inspector)
        self.splitter.setStretchFactor(0, 1)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.header, self._band, self.mapping, self.find_bar, self.editing.strip):
            column.addWidget(widget)
        column.addWidget(self.explore.middle, 1)
        column.addWidget(self.editing.json)
        self.inspector.setMinimumWidth(self.theme.px(320))

    def _connect(self) -> None:
        store = self._app.store
        store.datasets_changed.connect(self._on_datasets)
        store.jobs_changed.connect(self._show_job)
        store.models_changed.connect(self._on_base)
        self._app.selection.changed.connect(self._on_base)
        store.tokens_counted.connect(self._on_counted)
        store.state_changed.connect(self._on_engine)
        self.rows.busy.connect(self._on_busy)
        self.rows.failed.connect(self._on_problem)
        self.table.current.connect(self._on_row)
        self.inspector.stepped.connect(self.table.step)
        self.inspector.limit_chosen.connect(self.set_limit)
        self.inspector.template_asked.connect(self.templates.open)
        self.inspector.findings.chosen.connect(self._on_group)
        self.inspector.findings.fix.connect(self._on_fix)
        self.inspector.fix_all.clicked.connect(self.fix_all)
        self.coming.told.connect(self.header.meta.setText)
        self.coming.arrived.connect(self._show_preview)
        self.coming.failed.connect(self._show_failed)
        self.mapping.chosen.connect(self._on_mapping)
        self.find_bar.closed.connect(self.table.setFocus)
        self.editing.touched.connect(self._show_pending)

    def _on_datasets(self, ids: set[str]) -> None:
        if self._id in ids:
            self.refresh()

    def _on_engine(self) -> None:
        """An engine that came back is asked for everything again."""
        if self._app.store.state is EngineState.READY:
            self._shown = None
            self.refresh()

    def shown(self) -> None:
        self._app.selection.set("dataset", self._id)

    def refresh(self) -> None:
        """Take the record; a new version reads everything again."""
        dataset = self.dataset
        if dataset is None:
            self.header.title.setText(self.title)
            self.coming.look()
            return
        self.hide_band()
        before, self._shown = self._shown, dataset
        self.describe(dataset.name)
        self.header.title.setText(dataset.name)
        self.header.meta.setText(wording.meta_of(dataset))
        self.header.meta.set_more(wording.version_of(dataset))
        self._severities = severities_of(dataset.findings)
        self.mapping.show_dataset(dataset)
        self.inspector.show_dataset(dataset)
        self.templates.show_dataset(dataset)
        self._show_job()
        self._show_pending()
        if before is None or (before.version, before.sha256) != (dataset.version, dataset.sha256):
            self._base = base_at_hand(self._app.store, self._app.selection)
            self._read()

    def _show_preview(self, preview: DataPreview) -> None:
        if self.dataset is None:
            self.rows.show_preview(wording.coming(self._id, self.title, preview), preview.rows)

    def _show_failed(self, problem: Problem) -> None:
        """There is no dataset: why, where its rows would be."""
        if self.dataset is None:
            self.header.meta.setText("")
            severity: Severity = "warning" if problem is REMOVED else "error"
            self.show_band(severity, f"{problem.message} {problem.hint}".strip())

    def _read(self) -> None:
        dataset = self.dataset
        if dataset is not None:
            keep = self._number
            self.editing.edits.follow(dataset.version)
            self._pinned = self._version
            self.rows.show_dataset(dataset, self.ready_base, self._pinned)
            if keep is not None and self.rows.wanted == EVERYTHING:
                self.table.select_row(min(keep, max(dataset.rows, 1)))
            self.view.show_lengths(self.ready_base)
            self.inspector.show_limits(limits_for(self._base), self.view.limit)
            self.explore.show_dataset(dataset)

    @property
    def _version(self) -> int:
        """The earlier one that pending edits are for, 0 for the newest."""
        return self.editing.edits.version if self.editing.saving.overtaken else 0

    def show_modified(self) -> None:
        """The dot, and what Ctrl+S does: for the rows, or for the template where it is at hand."""
        rows, template = self.editing.unsaved, self.templates.unused
        at_template = template and self.templates.is_open
        self.save = self.editing.save if rows and not at_template else self.templates.save_template
        if self.modified != (rows or template):
            self.describe(modified=rows or template)

    def _show_pending(self) -> None:
        """Also the rows of the version that the edits are for."""
        self.show_modified()
        self._show_saved()
        if self._shown is not None and self._pinned != self._version:
            self._read()

    @property
    def base(self) -> BaseModel | None:
        return self._base

    @property
    def ready_base(self) -> str:
        """Its id, empty while none is ready."""
        ready = self._base is not None and self._base.status is ModelStatus.READY
        return self._base.id if ready and self._base is not None else ""

    def _on_base(self) -> None:
        """Another base has another tokenizer: lengths and tokens are asked for again."""
        base = base_at_hand(self._app.store, self._app.selection)
        known = (self._base.id, self._base.status) if self._base is not None else None
        if base is not None and (base.id, base.status) != known:
            self._base = base
            self._read()

    def _on_counted(self, dataset: str, base: str) -> None:
        if dataset == self._id and base == self.ready_base:
            self.rows.refresh()
            self.view.show_lengths(self.ready_base)

    # The selected row.

    def _on_row(self, number: int | None) -> None:
        self._number = number
        self.show_row()

    def show_row(self) -> None:
        """In the inspector, or in the template editor while that is open."""
        base = self.ready_base
        if self.templates.is_open:
            self.templates.show_row(self._number, base, self.view.limit)
        else:
            self.view.show_row(self._number, base, self._pinned)
            self._show_saved()

    def _show_saved(self) -> None:
        """Whether the tokens in the inspector are those of the row as it stands in the table."""
        number, edits = self._number, self.editing.edits
        if number is not None:
            self.inspector.show_saved(number, number in edits.changes.cells)
        elif self.table.currentIndex().row() >= max(self.rows.total, 1):
            self.inspector.show_note("Tokens appear once the new row is saved.")

    def set_limit(self, limit: int) -> None:
        set_limit(self._app.settings, self._id, limit)
        self.view.limit = limit
        self.inspector.show_limits(limits_for(self._base), limit)
        self.view.show_lengths(self.ready_base)
        self.show_row()

    def _on_group(self, group: Group) -> None:
        """Only the rows of a sort; lines that became no row are only in Problems."""
        if group.code == "long":
            self.rows.show(RowQuery(shortest=self.view.limit + 1))
        elif group.first is not None and group.first.row is not None:
            self.rows.show(RowQuery(finding=group.code))
        else:
            self._app.window.show_panel(True, "problems")

    def _on_fix(self, group: Group) -> None:
        dataset = self.dataset
        if dataset is None:
            return
        if group.code == "long":
            self._fixes.remove_longer(dataset, self.ready_base, self.view.limit)
        else:
            self._fixes.fix(dataset, (group.code,))

    def fix_all(self) -> None:
        dataset = self.dataset
        if dataset is not None and fixed_at_once(dataset.finding_counts):
            self._fixes.fix(dataset, fixed_at_once(dataset.finding_counts))

    def check(self) -> None:
        """Look at all rows once more for what reading does not tell."""
        self._app.client.post(f"/api/datasets/{self._id}/examine", owner=self)

    def go_to_row(self, number: int) -> None:
        self.explore.show_all()
        self.table.select_row(number)

    # What is going on.

    def _on_mapping(self, mapping: Mapping) -> None:
        dataset = self.dataset
        if dataset is None:
            return
        name, before = dataset.name, dataset.mapping

        def begun(answer: object) -> None:
            self._app.notifications.undo(
                f"{name} is read with other columns.", lambda: self._send_mapping(before)
            )

        self._send_mapping(mapping, begun)

    def _send_mapping(
        self, mapping: Mapping, begun: Callable[[object], None] | None = None
    ) -> None:
        self.touched.emit()
        self._app.client.patch(f"/api/datasets/{self._id}", {"mapping": mapping}, then=begun,
                               failed=self._on_problem, owner=self)  # fmt: skip

    def _show_job(self) -> None:
        job = wording.job_of(self._app.store, self._id)
        self._on_busy(job is not None)
        self._cancel.setVisible(self.dataset is None and job is not None)
        if self.dataset is None:
            self.coming.look()

    def is_being_read(self) -> bool:
        return wording.job_of(self._app.store, self._id) is not None

    def _on_busy(self, busy: bool) -> None:
        self.set_busy(busy or self.is_being_read())

    def _on_problem(self, problem: Problem) -> None:
        text = f"{problem.message} {problem.hint}".strip()
        self.show_band("error", text, ("Read again", self._read))

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)
        self.arrange()

    def arrange(self, *, anew: bool = False) -> None:
        narrow = self.width() < self.theme.px(NARROW)
        wanted = Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal
        room = self.width() if wanted is Qt.Orientation.Horizontal else self.height()
        fresh = anew or not self.property("arranged")
        if self.splitter.orientation() is not wanted or fresh:
            self.setProperty("arranged", True)
            self.splitter.setOrientation(wanted)
            self.inspector.set_wide(narrow)
            side = min(self.theme.px(300 if narrow else 416), room // 2)
            self.splitter.setSizes([room - side, side])
            self.templates.arrange()

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(800), self.theme.px(600))


def severities_of(findings: tuple[Finding, ...]) -> dict[int, str]:
    """The worst severity of each row that has findings."""
    worst: dict[int, str] = {}
    for finding in findings:
        if finding.row is not None and worst.get(finding.row) != "error":
            worst[finding.row] = finding.severity
    return worst
