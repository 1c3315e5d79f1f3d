"""Editing the template of the dataset on a page: the draft, its preview and its use."""

from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from desktop.app import App
from desktop.features.datasets.template_draft import (
    EDITED,
    TemplateDraft,
    draft_of,
    faulty_line,
    is_fault,
    is_in_use,
    with_text,
)
from desktop.features.datasets.template_editor import TemplateEditor
from desktop.features.datasets.template_gallery import TemplateGallery
from desktop.features.datasets.template_marks import Syntax
from desktop.features.datasets.template_offers import groups_of, names_for
from desktop.features.datasets.template_preview import TemplatePreview, Wanted
from desktop.features.datasets.version_changes import VersionChanges
from engine.protocol.dataset_specs import EditDataset, Template
from engine.protocol.problems import Problem
from engine.protocol.records import Dataset, GalleryTemplate, TokenView

if TYPE_CHECKING:
    from desktop.features.datasets.page import DatasetPage

NO_BASE = "Tokens appear when the base model is ready."
NO_ROW = "There is no row to show."


class TemplateEditing(QObject):
    """Lives as long as the page, so that a text that is not used yet is there again later.

    `used` when a new version has the template.
    """

    used = Signal()

    def __init__(
        self, app: App, page: "DatasetPage", dataset: str, changes: VersionChanges
    ) -> None:
        super().__init__(page)
        self._app, self._page, self._changes = app, page, changes
        self._draft = TemplateDraft()
        self._used: Template | None = None  # by the version that the draft began with
        self._problem: Problem | None = None
        self._use_when_shown = False
        self._number: int | None = None
        self._base, self._limit = "", 0
        self.editor = TemplateEditor(app.theme, app.commands)
        self.gallery = TemplateGallery(app.client, app.notifications, self)
        self.preview = TemplatePreview(app.client, dataset, self)
        self._connect()
        self._begin(page.dataset)

    def _connect(self) -> None:
        editor = self.editor
        editor.edited.connect(self._on_edit)
        editor.syntax_chosen.connect(self._on_syntax)
        editor.menu.chosen.connect(self.choose)
        editor.menu.removed.connect(self.gallery.remove)
        self.gallery.loaded.connect(self._on_gallery)
        self.gallery.kept.connect(self._on_kept)
        self.preview.shown.connect(self._on_shown)
        self.preview.refused.connect(self._on_refused)

    @property
    def draft(self) -> TemplateDraft:
        return self._draft

    @property
    def changed(self) -> bool:
        return not is_in_use(self._draft, self._used)

    def _begin(self, dataset: Dataset | None) -> None:
        if dataset is not None:
            self._used = dataset.template
            self._show(draft_of(dataset.template))

    def show_dataset(self, dataset: Dataset) -> None:
        """A new version takes the draft with it, unless the person has written something else."""
        if not self.changed or is_in_use(self._draft, dataset.template):
            self._begin(dataset)
        self._used = dataset.template
        self.editor.chips.show_names(names_for(dataset), self._draft.syntax)
        self._offer()
        self._app.commands.refresh()

    def show_row(self, number: int | None, base: str, limit: int) -> None:
        self._number, self._base, self._limit = number, base, limit
        self.editor.show_row(number)
        self._ask()

    def _on_gallery(self) -> None:
        self._offer()
        self._show_draft()

    def _on_kept(self, entry: GalleryTemplate) -> None:
        """It was saved under that name, which the draft has from now on."""
        self._show(draft_of(entry.template))

    def _offer(self) -> None:
        dataset = self._page.dataset
        if dataset is not None:
            groups = groups_of(self.gallery.entries, dataset)
            self.editor.menu.fill(groups, self._draft.template)

    # The draft.

    def choose(self, template: Template | None) -> None:
        """A text that was written and not used is given back by the toast."""
        before = self._draft
        written = self.changed and before.template is not None and before != draft_of(before.origin)
        self._show(draft_of(template))
        self._ask()
        if written:
            self._app.notifications.undo("Your text was replaced.", lambda: self._bring(before))

    def _bring(self, draft: TemplateDraft) -> None:
        self._show(draft)
        self._ask()

    def _show(self, draft: TemplateDraft) -> None:
        self._draft = draft
        self._show_draft()
        self._offer()
        self._tell()

    def _show_draft(self) -> None:
        origin = self._draft.origin
        name = origin.name.removesuffix(EDITED) if origin is not None else ""
        self.editor.show_draft(self._draft, self.gallery.description_of(name))
        dataset = self._page.dataset
        if dataset is not None:
            self.editor.chips.show_names(names_for(dataset), self._draft.syntax)

    def _on_edit(self) -> None:
        self._show(with_text(self._draft, self.editor.text.text))
        self._ask(soon=True)
        self._page.touched.emit()

    def _on_syntax(self, syntax: Syntax) -> None:
        self._show(replace(self._draft, syntax=syntax))
        self._ask()

    @property
    def unused(self) -> bool:
        """Whether a template was written that no version has yet."""
        return self.changed and self._draft.template is not None

    def _tell(self) -> None:
        self._page.show_modified()
        self._app.commands.refresh()

    # The preview.

    def _ask(self, *, soon: bool = False) -> None:
        self.preview.stop()
        if self.editor.isHidden():
            return
        if self._number is None or not self._base:
            self._problem = None
            self.editor.show_fault("", 0)
            self.editor.show_note(NO_ROW if self._number is None else NO_BASE)
            return
        wanted = Wanted(self._number, self._base, self._limit, self._draft.template)
        self.preview.ask(wanted, soon=soon)

    def _on_shown(self, view: TokenView) -> None:
        self._problem = None
        self.editor.show_view(view, self._limit)
        self._app.commands.refresh()
        if self._use_when_shown:
            self.use()

    def _on_refused(self, problem: Problem) -> None:
        self._use_when_shown = False
        text = f"{problem.message} {problem.hint}".strip()
        if is_fault(problem):
            self._problem = problem
            self.editor.show_fault(text, faulty_line(problem))
        else:
            self.editor.show_note(text)
        self._app.commands.refresh()

    # Using it.

    def why_not_used(self) -> str:
        """Empty: it can be used."""
        if self._problem is not None:
            return "Correct the template first."
        if not self.changed:
            return "This template is in use."
        return "The dataset is being read." if self._page.is_being_read() else ""

    def use(self) -> None:
        """A new version; waits for a preview that is under way, which may find a fault."""
        dataset = self._page.dataset
        if dataset is None or self.why_not_used():
            return
        self._use_when_shown = self.preview.pending
        if self._use_when_shown:
            return
        template = self._draft.template
        name = f"the template '{template.name}'" if template else "the model's own template"
        self._changes.edit(
            dataset,
            EditDataset(dataset.version, template=template),
            lambda now: f"{now.name} uses {name}.",
            there=self._on_used,
            failed=self._on_failed,
        )

    def _on_used(self) -> None:
        if isValid(self):  # the page may be closed by now
            self.used.emit()

    def _on_failed(self, problem: Problem) -> None:
        if isValid(self) and is_fault(problem):
            self._on_refused(problem)
        else:
            self._app.notifications.problem(problem)

    def own_name(self) -> str:
        """Of the entry of the person's own that stands in the editor, or nothing."""
        template = self._draft.template
        entry = self.gallery.own(template.name) if template is not None else None
        return entry.template.name if entry is not None else ""
