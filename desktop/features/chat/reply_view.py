"""One reply: its text, the quiet line under it, and what can be done with it."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.core.theme import Theme
from desktop.features.chat.reply_body import ReplyBody
from desktop.workbench.buttons import Button, IconButton
from desktop.workbench.glyph import Glyph
from desktop.workbench.label import ElidedLabel, Label, Paragraph
from engine.protocol.records import Reply

COPIED_MS = 1200


class ReplyView(QWidget):
    """Waiting, growing, done or failed."""

    def __init__(
        self, theme: Theme, *, rate: Callable[[int], object], retry: Callable[[], object]
    ) -> None:
        super().__init__()
        self._theme = theme
        self._text = ""
        self.body = ReplyBody(theme)
        self.waiting = Label("", "body", "text3")
        self.failure = Failure(theme, retry)
        self.footer = Footer("", "small", "text3")
        self.author = ElidedLabel("", "small", "violet")
        self.copy = IconButton(theme, "copy", "Copy reply", size=14, run=self._copy)
        self.up = IconButton(theme, "thumbsup", "Good reply", size=14, run=lambda: rate(1))
        self.down = IconButton(theme, "thumbsdown", "Poor reply", size=14, run=lambda: rate(-1))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.waiting, self.body, self.failure):
            column.addWidget(widget)
        column.addWidget(self._make_foot())

    def _make_foot(self) -> QWidget:
        self._foot = QWidget()
        row = QHBoxLayout(self._foot)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.author)
        row.addWidget(self.footer)
        row.addStretch()
        for button in (self.copy, self.up, self.down):
            row.addWidget(button)
        return self._foot

    def wait(self, sentence: str) -> None:
        """Nothing has come yet."""
        self._text = ""
        self.waiting.setText(sentence)
        self.waiting.show()
        self.failure.hide()
        self._foot.hide()

    @property
    def text(self) -> str:
        return self._text

    def grow(self, text: str) -> None:
        self.waiting.hide()
        self._text += text
        self.body.grow(text)

    def show_reply(self, reply: Reply, *, footer: str, author: str, tip: str) -> None:
        """As it stays; the text is laid out anew only if it is another one."""
        self.waiting.hide()
        if reply.text or not reply.problem:
            self._text = reply.text
            self.body.show_text(reply.text)
        else:
            self.body.clear()
        self.failure.show_problem(reply.problem)
        self._foot.setVisible(bool(reply.text or reply.stamp or not reply.problem))
        self.show_state(reply, footer=footer, author=author, tip=tip)

    def show_state(self, reply: Reply, *, footer: str, author: str, tip: str) -> None:
        """What is around the text."""
        self.footer.setText(footer)
        self.footer.set_tip(tip)
        self.author.setText(author)
        self.author.set_tone("violet" if reply.adapter is not None else "text2")
        self.author.setVisible(bool(author))
        self.copy.setVisible(bool(reply.text))
        self.up.set_icon("thumbsup", "accent" if reply.rating > 0 else "text2")
        self.down.set_icon("thumbsdown", "accent" if reply.rating < 0 else "text2")
        self.up.setAccessibleDescription("chosen" if reply.rating > 0 else "")
        self.down.setAccessibleDescription("chosen" if reply.rating < 0 else "")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
        self.copy.set_icon("check", "ok")
        QTimer.singleShot(COPIED_MS, self.copy, lambda: self.copy.set_icon("copy"))


class Footer(ElidedLabel):
    """Its tool tip names what answered, also when the line is cut."""

    def set_tip(self, tip: str) -> None:
        super().setToolTip("\n".join(line for line in (self.whole_text(), tip) if line))

    def setToolTip(self, tip: str) -> None:
        """The label's own, for when it is cut, would take the other's place."""


class Failure(QWidget):
    """In the place of the reply: what went wrong, what to do, and once more."""

    def __init__(self, theme: Theme, retry: Callable[[], object]) -> None:
        super().__init__()
        self.label = Paragraph(theme, "", "body", "err")
        self.retry = Button(theme, "Retry", kind="link", run=retry)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(Glyph(theme, "error", "err"), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.label, 1)
        row.addWidget(self.retry, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_problem(self, problem: str) -> None:
        self.label.setText(problem)
        self.setVisible(bool(problem))
