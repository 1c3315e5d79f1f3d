"""The line over the table while changes are pending: how many, and what can be done with them."""

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout

from desktop.core import formatting
from desktop.core.theme import Theme, repolish
from desktop.features.datasets.edit_saving import EditSaving
from desktop.features.datasets.pending_edits import PendingEdits
from desktop.workbench.buttons import Button
from desktop.workbench.glyph import Glyph
from desktop.workbench.label import Paragraph
from desktop.workbench.notifications import Notifications


class EditStrip(QFrame):
    """Hidden while nothing is pending."""

    def __init__(
        self,
        theme: Theme,
        edits: PendingEdits,
        saving: EditSaving,
        *,
        notifications: Notifications,
        save: Callable[[], object],
    ) -> None:
        super().__init__()
        self._edits, self._saving, self._notifications = edits, saving, notifications
        self._glyph = Glyph(theme, "edit", "accent")
        self.text = Paragraph(theme, centred=True)
        self.restore = Button(theme, "", run=self._restore)
        self.save = Button(theme, "Save", run=save)
        self.save.setToolTip("Save as the next version (Ctrl+S)")
        self.discard = Button(theme, "Discard", kind="ghost", run=self.discard_all)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 6, 16, 6)
        row.setSpacing(8)
        row.addWidget(self._glyph)
        row.addWidget(self.text, 1)
        for button in (self.restore, self.save, self.discard):
            row.addWidget(button)
        edits.changed.connect(self.refresh)
        saving.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        pending, saving = self._edits.changes.any, self._saving
        bad = bool(saving.overtaken or saving.problem)
        self.setProperty("band", "warning" if bad else "information")
        repolish(self)
        self._glyph.set_icon("warning" if bad else "edit", "warn" if bad else "accent")
        self.text.setText(self._words())
        self.restore.setText(f"Restore version {self._edits.version}")
        self.restore.setAccessibleName(self.restore.text())
        self.restore.setVisible(bool(saving.overtaken))
        self.save.setVisible(not saving.overtaken)
        self.save.setEnabled(bool(self._edits.count) and not saving.busy)
        self.discard.setEnabled(not saving.busy)
        self.setVisible(pending)

    def _words(self) -> str:
        saving, count = self._saving, self._edits.count
        if saving.busy:
            return f"Saving {formatting.plural(count, 'change')}…"
        changes = formatting.plural(count, "change")
        if saving.overtaken:
            are = "is" if count == 1 else "are"
            return (
                f"Version {saving.overtaken} came meanwhile; {changes} here {are} for version"
                f" {self._edits.version}, which is shown. Restore that version to save, or discard."
            )
        if saving.problem is not None:
            return f"Not saved: {saving.problem.message} {saving.problem.hint}".strip()
        return changes if count else "An empty row is not saved"

    def _restore(self) -> None:
        self._saving.restore(self._edits.version)

    def discard_all(self) -> None:
        """At once, with the way back that every discarding has."""
        edits, before = self._edits, self._edits.changes
        edits.discard()
        words = f"{formatting.plural(before.count, 'change')} discarded."
        self._notifications.undo(words, lambda: edits.bring_back(before))
