"""Training, validation and test rows as the parts of one bar."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.core.theme import Theme
from desktop.core.tokens import Token

GAP = 2  # px
TONES: tuple[Token, ...] = ("accent", "orange", "teal")


class SplitBar(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: tuple[int, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_rows(self, train: int, validation: int, test: int) -> None:
        self._rows = (train, validation, test)
        told = f"{train} rows for training, {validation} for validation"
        self.setAccessibleName(f"{told}, {test} for the test" if test else told)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(100, self._theme.px(8))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        parts = [(rows, tone) for rows, tone in zip(self._rows, TONES, strict=False) if rows]
        if not parts:
            painter.fillRect(self.rect(), self._theme.colour("track"))
        room = self.width() - GAP * (len(parts) - 1)
        painter.setOpacity(0.88 if parts else 1.0)
        left = 0.0
        for rows, tone in parts:
            wide = room * rows / sum(self._rows)
            painter.fillRect(QRectF(left, 0, wide, self.height()), self._theme.colour(tone))
            left += wide + GAP
        painter.end()
