"""The menu of templates to start from."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QMenu, QWidget

from desktop.features.datasets.template_offers import OfferGroup
from engine.protocol.dataset_specs import Template

OF_THE_MODEL = "The model's own template"


class TemplateMenu(QMenu):
    """`chosen` carries a Template, or None for the model's own; Delete asks to remove an own."""

    chosen = Signal(object)
    removed = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setToolTipsVisible(True)

    def fill(self, groups: Sequence[OfferGroup], now: Template | None) -> None:
        """`now` is what the editor shows; without it that is the model's own."""
        self.clear()
        self._add(OF_THE_MODEL, None, checked=now is None)
        for group in groups:
            self.addSeparator()
            title = self.addAction(group.title)
            title.setEnabled(False)
            for offer in group.offers:
                template = offer.entry.template
                same = now is not None and (now.syntax, now.text) == (
                    template.syntax, template.text,
                )  # fmt: skip
                action = self._add(f"{template.name}\t{offer.note}", template, checked=same)
                action.setEnabled(offer.choosable)
                action.setToolTip(offer.entry.description)
                action.setData(template.name if offer.entry.own else "")

    def _add(self, text: str, template: Template | None, *, checked: bool) -> QAction:
        action = self.addAction(text.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(checked)
        action.triggered.connect(lambda: self.chosen.emit(template))
        return action

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = self.activeAction()
        if event.key() == Qt.Key.Key_Delete and action is not None and action.data():
            self.close()
            self.removed.emit(action.data())
        else:
            super().keyPressEvent(event)
