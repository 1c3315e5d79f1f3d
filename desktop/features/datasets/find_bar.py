"""Ctrl+F on a dataset: only the rows that hold the text."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.core import formatting
from desktop.core.theme import Theme
from desktop.features.datasets.rows_model import RowsModel
from desktop.workbench.buttons import IconButton
from desktop.workbench.hairline import edge_below
from desktop.workbench.label import Label
from desktop.workbench.search_field import SearchField

DELAY_MS = 80


class FindBar(QWidget):
    """Hidden until asked for."""

    closed = Signal()

    def __init__(self, theme: Theme, rows: RowsModel) -> None:
        super().__init__()
        self._rows = rows
        self.field = SearchField(theme, "Find in the rows")
        self.count = Label("", "meta", "text3")
        self._delay = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._delay.timeout.connect(lambda: rows.search(self.field.text().strip()))
        self.field.textChanged.connect(lambda: self._delay.start())
        rows.counted.connect(self._on_counted)
        edge_below(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 16, 1)
        row.setSpacing(12)
        row.addWidget(self.field, 1)
        row.addWidget(self.count)
        row.addWidget(IconButton(theme, "close", "Close the search", run=self.close_bar))
        self.setFixedHeight(theme.px(44))
        self.hide()

    def open_bar(self) -> None:
        self.show()
        self.field.setFocus()
        self.field.selectAll()

    def close_bar(self) -> None:
        if self.isHidden():
            return
        self._delay.stop()
        self.hide()
        self.field.clear()
        self._delay.stop()
        self._rows.search("")
        self.closed.emit()

    def _on_counted(self, total: int) -> None:
        self.count.setText(formatting.plural(total, "row") if self._rows.query else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        else:
            super().keyPressEvent(event)
