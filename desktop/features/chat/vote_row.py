"""Which answer is better: A, B, a tie or neither."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.core.theme import Theme
from desktop.workbench.buttons import Button
from desktop.workbench.label import ElidedLabel, KeyLabel

CHOICES = (("a", "A", "Alt+A"), ("tie", "Tie", "Alt+0"), ("b", "B", "Alt+B"),
           ("neither", "Neither", ""))  # fmt: skip


class VoteRow(QWidget):
    def __init__(self, theme: Theme, vote: Callable[[str], object]) -> None:
        super().__init__()
        self.sentence = ElidedLabel("", "body", "text3")
        self.buttons: dict[str, KeyButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 12, 24, 12)
        row.setSpacing(8)
        row.addWidget(self.sentence, 1)
        row.addStretch()
        for choice, text, keys in CHOICES:
            button = KeyButton(theme, text, keys)
            button.clicked.connect(lambda _=False, choice=choice: vote(choice))
            self.buttons[choice] = button
            row.addWidget(button)

    def show_vote(self, sentence: str, chosen: str, *, on: bool) -> None:
        """`chosen` is the side that was voted for, "" before the vote."""
        self.sentence.setText(sentence)
        for choice, button in self.buttons.items():
            button.setEnabled(on)
            button.setChecked(choice == chosen)


class KeyButton(Button):
    """A button that shows its key in a frame beside its word."""

    def __init__(self, theme: Theme, text: str, keys: str) -> None:
        super().__init__(theme, text, kind="flat" if keys else "ghost")
        self._px = theme.px
        self.setCheckable(True)
        self._key: KeyLabel | None = None
        if keys:
            self._key = KeyLabel(keys)
            self._key.setParent(self)
            self._key.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self.setToolTip(f"{text} ({keys})")
            self.setStyleSheet("text-align: left;")

    def nextCheckState(self) -> None:
        """The vote comes back from the conversation."""

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        extra = self._key.sizeHint().width() + self._px(4) if self._key is not None else 0
        return QSize(hint.width() + extra, hint.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._key is not None:
            size = self._key.sizeHint()
            top = (self.height() - size.height()) // 2
            self._key.setGeometry(self.width() - size.width() - self._px(9), top,
                                  size.width(), size.height())  # fmt: skip
