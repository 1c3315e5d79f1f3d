"""Training and validation rows as two parts of one bar."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.core.theme import Theme


class SplitBar(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._train = self._validation = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_rows(self, train: int, validation: int) -> None:
        self._train, self._validation = train, validation
        self.setAccessibleName(f"{train} rows for training, {validation} for validation")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(100, self._theme.px(8))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        total = self._train + self._validation
        if total:
            gap = 2 if self._train and self._validation else 0
            first = (self.width() - gap) * self._train / total
            painter.setOpacity(0.88)
            accent, orange = self._theme.colour("accent"), self._theme.colour("orange")
            painter.fillRect(QRectF(0, 0, first, self.height()), accent)
            rest = QRectF(first + gap, 0, self.width() - gap - first, self.height())
            painter.fillRect(rest, orange)
        else:
            painter.fillRect(self.rect(), self._theme.colour("track"))
        painter.end()
