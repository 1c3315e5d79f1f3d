"""Where the template editor stands: in the inspector's place, wider than it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from desktop.app import App
from desktop.features.datasets.template_editing import TemplateEditing
from desktop.features.datasets.version_changes import VersionChanges
from engine.protocol.records import Dataset

if TYPE_CHECKING:
    from desktop.features.datasets.page import DatasetPage

WIDE, LOW = 560, 420  # px at 100 %: beside the table, under it


class TemplatePlace(QObject):
    """The editor is made when it is opened for the first time, and kept."""

    def __init__(
        self, app: App, page: "DatasetPage", dataset: str, changes: VersionChanges
    ) -> None:
        super().__init__(page)
        self._app, self._page, self._id, self._changes = app, page, dataset, changes
        self.editing: TemplateEditing | None = None

    @property
    def is_open(self) -> bool:
        return self.editing is not None and not self.editing.editor.isHidden()

    def open(self) -> None:
        """With the focus in its text."""
        page = self._page
        if self.editing is None:
            self.editing = self._make()
            page.show_modified()
        if not self.is_open:
            page.inspector.hide()
            self.editing.editor.show()
            self._mark_primary()
            self.arrange()
            self.editing.gallery.load()
            page.show_row()
        self.editing.editor.text.setFocus()

    def _make(self) -> TemplateEditing:
        page = self._page
        editing = TemplateEditing(self._app, page, self._id, self._changes)
        editing.editor.setMinimumWidth(self._app.theme.px(400))
        editing.editor.hide()
        editing.editor.left.connect(self.close)
        editing.editor.stepped.connect(page.table.step)
        editing.used.connect(self.close)
        page.splitter.addWidget(editing.editor)
        return editing

    @property
    def unused(self) -> bool:
        """Whether a text was written that no version has yet."""
        return self.editing is not None and self.editing.unused

    @property
    def save_template(self) -> Callable[[], object] | None:
        return self._save if self.editing is not None else None

    def _save(self) -> None:
        """A text that waits behind the inspector is shown before it is used."""
        if self.is_open:
            self._app.commands.run("datasets.use-template")
        else:
            self.open()

    def close(self) -> None:
        """What was written stays for the next time; the focus goes to the table."""
        if self.editing is not None and self.is_open:
            self.editing.preview.stop()
            self.editing.editor.hide()
            self._page.inspector.show()
            self._mark_primary()
            self._page.arrange(anew=True)
            self._page.show_row()
            self._page.table.setFocus()

    def _mark_primary(self) -> None:
        """One blue button a page: Train, or Use template while the editor is open."""
        page, commands = self._page, self._app.commands
        wanted = "datasets.use-template" if self.is_open else "datasets.train"
        page.primary = lambda: commands.run(wanted)
        page.train.set_kind("flat" if self.is_open else "primary")
        commands.refresh()

    def arrange(self) -> None:
        """Give the editor its part of the page."""
        if self.editing is None or not self.is_open:
            return
        splitter, px = self._page.splitter, self._app.theme.px
        beside = splitter.orientation() is Qt.Orientation.Horizontal
        self.editing.editor.set_wide(not beside)
        room = self._page.width() if beside else self._page.height()
        side = min(px(WIDE if beside else LOW), room * 3 // 5)
        splitter.setSizes([room - side, 0, side])

    def show_dataset(self, dataset: Dataset) -> None:
        if self.editing is not None:
            self.editing.show_dataset(dataset)

    def show_row(self, number: int | None, base: str, limit: int) -> None:
        if self.editing is not None and self.is_open:
            self.editing.show_row(number, base, limit)
