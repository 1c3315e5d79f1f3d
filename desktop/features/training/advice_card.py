"""The one piece of advice of a run, and the button that acts on it."""

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from desktop.core.theme import Theme
from desktop.workbench.buttons import Button
from desktop.workbench.glyph import Glyph
from desktop.workbench.label import Paragraph


class AdviceCard(QFrame):
    """Hidden while there is nothing to say; "Keep going" silences it for that best step."""

    def __init__(self, theme: Theme, finish: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("card", "advice")
        self._silenced: int | None = None
        self._step: int | None = None
        self._title = Paragraph(theme, "", "section")
        self._body = Paragraph(theme, "", "body", "text2")
        self.finish = Button(theme, "Finish", run=finish)
        self.keep = Button(theme, "Keep going", kind="ghost", run=self._silence)
        icon = QVBoxLayout()
        icon.setContentsMargins(0, 2, 0, 0)
        icon.addWidget(Glyph(theme, "lightbulb", "warn"))
        icon.addStretch()
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.finish)
        buttons.addWidget(self.keep)
        buttons.addStretch()
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self._title)
        words.addWidget(self._body)
        words.addSpacing(6)
        words.addLayout(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(17, 14, 16, 15)
        row.setSpacing(10)
        row.addLayout(icon)
        row.addLayout(words, 1)
        self.hide()

    def show_advice(self, advice: str, best_step: int | None, *, can_finish: bool) -> None:
        self._step = best_step
        if not advice or not can_finish or best_step == self._silenced:
            self.hide()
            return
        title, _, body = advice.partition(". ")
        self._title.setText(title.rstrip("."))
        self._body.setText(body)
        self._body.setVisible(bool(body))
        self.finish.setText(f"Finish with step {best_step}")
        self.finish.setAccessibleName(self.finish.text())
        self.show()

    def _silence(self) -> None:
        self._silenced = self._step
        self.hide()
