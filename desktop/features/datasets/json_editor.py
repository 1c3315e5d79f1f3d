"""Writing a whole conversation: its JSON under the table, checked before it is kept."""

import json
from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.core.theme import Theme, repolish
from desktop.features.datasets.cell_editor import TextEditor
from desktop.workbench.buttons import Button
from desktop.workbench.label import Label

HEIGHT = 320  # px


class JsonEditor(QWidget):
    """Hidden until a cell with a list is edited."""

    touched = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._keep: Callable[[str], object] = lambda text: None
        self._leave: Callable[[], object] = lambda: None
        self._before = ""
        self.title = Label("", "section")
        self.error = Label("", "small", "err")
        self.field = TextEditor()
        self.field.setProperty("field", True)
        self.field.setAccessibleName("The conversation as JSON")
        self.field.kept.connect(self.keep)
        self.field.left.connect(self.leave)
        self.field.textChanged.connect(self._clear_error)
        self.field.textChanged.connect(self.touched)
        theme.changed.connect(self._resize)
        self._lay_out()
        self._resize()
        self.hide()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title)
        head.addStretch()
        head.addWidget(Button(self._theme, "Leave", kind="ghost", run=self.leave))
        head.addWidget(Button(self._theme, "Keep", run=self.keep))
        self.error.setWordWrap(True)
        self.error.hide()
        self.setProperty("surface", "side")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 8, 16, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.field, 1)
        column.addWidget(self.error)

    def _resize(self) -> None:
        self.setFixedHeight(self._theme.px(HEIGHT))
        self.field.setFont(self._theme.font("mono"))
        self.field.setTabStopDistance(self._theme.metrics("mono").horizontalAdvance("  "))

    def open_for(
        self,
        title: str,
        text: str,
        *,
        keep: Callable[[str], object],
        leave: Callable[[], object] = lambda: None,
    ) -> None:
        """`keep` gets compact JSON, and only if it says something else than before."""
        self._keep, self._leave, self._before = keep, leave, text
        self.title.setText(title)
        self.field.setPlainText(pretty(text))
        self._clear_error()
        self.show()
        self.field.setFocus()

    @property
    def changed(self) -> bool:
        """Whether something else stands there than before."""
        return not self.isHidden() and compact(self.field.toPlainText()) != compact(self._before)

    def keep(self) -> None:
        if self.isHidden():
            return
        text = self.field.toPlainText()
        problem = problem_of(text)
        if problem:
            self._show_error(problem)
            return
        self.hide()
        if compact(text) == compact(self._before):
            self._leave()
        else:
            self._keep(compact(text))
        self.touched.emit()

    def leave(self) -> None:
        if not self.isHidden():
            self.hide()
            self._leave()
            self.touched.emit()

    def _show_error(self, problem: str) -> None:
        self.error.setText(problem)
        self.error.show()
        self.field.setProperty("bad", True)
        repolish(self.field)
        self.field.setFocus()

    def _clear_error(self) -> None:
        if not self.error.isHidden():
            self.error.hide()
            self.field.setProperty("bad", False)
            repolish(self.field)


def pretty(text: str) -> str:
    """With one value a line; a text that is no JSON stays as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def compact(text: str) -> str:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    except ValueError:
        return text


def problem_of(text: str) -> str:
    """What keeps the text from being a list of messages; "" when nothing does."""
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        return f"Line {error.lineno}, column {error.colno} is no JSON: {error.msg}."
    if not isinstance(found, list) or not found:
        return "A conversation is a list with at least one message."
    for number, message in enumerate(found, 1):
        if not isinstance(message, dict):
            return f"Message {number} is no object with a role and a content."
    return ""
