"""How often each answer is there, as bars of one column."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from desktop.core import formatting
from desktop.core.theme import Theme
from desktop.workbench.label import Label
from desktop.workbench.painted_button import PaintedButton
from engine.protocol.records import LabelCount

SHOWN = 6
HIGH, NAME, COUNT, BAR = 24, 0.5, 48, 8  # px, and a share of the width


class LabelBars(QWidget):
    """`chosen` carries the label that was clicked."""

    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._labels: tuple[LabelCount, ...] = ()
        self.bars: list[LabelBar] = []
        self._more = Label("", "meta", "text3")
        self._more.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._more)

    @property
    def labels(self) -> tuple[LabelCount, ...]:
        return self._labels

    def show_labels(self, labels: Sequence[LabelCount]) -> None:
        self._labels = tuple(labels)
        for bar in self.bars:
            bar.hide()
            bar.deleteLater()
        most = max((each.rows for each in labels), default=1)
        self.bars = [LabelBar(self._theme, each, each.rows / most) for each in labels[:SHOWN]]
        for at, bar in enumerate(self.bars):
            bar.clicked.connect(lambda _=False, label=bar.label: self.chosen.emit(label))
            self._column.insertWidget(at, bar)
        self._more.setText(f"+ {len(labels) - SHOWN} more" if len(labels) > SHOWN else "")
        self._more.setVisible(len(labels) > SHOWN)

    def show_chosen(self, label: str | None) -> None:
        for bar in self.bars:
            bar.setChecked(bar.label == label)


class LabelBar(PaintedButton):
    """Label, bar, count; on while only its rows are shown."""

    def __init__(self, theme: Theme, count: LabelCount, share: float) -> None:
        super().__init__()
        self._theme, self._share = theme, share
        self.label = count.label
        self._count = f"{count.rows:,}"
        rows = formatting.plural(count.rows, "row")
        self.setText(" ".join(count.label.split()) or "(empty)")
        self.setCheckable(True)
        self.setToolTip(f"{self.text()}\n{rows}. Click to see only these.")
        self.setAccessibleName(f"{self.text()}: {rows}")
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(160), self._theme.px(HIGH))

    def nextCheckState(self) -> None:
        """The filter decides, not the click."""

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        painter = QPainter(self)
        lit = self.underMouse() or self.isChecked()
        code = self.text().startswith(("{", "[", "<"))
        left, right = int(self.width() * NAME), px(COUNT)
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(self._theme.font("mono-small" if code else "meta"))
        painter.setPen(colour("accent" if self.hasFocus() or self.isChecked() else "text"))
        metrics = self._theme.metrics("mono-small" if code else "meta")
        text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideMiddle, left - px(12))
        painter.drawText(QRectF(0, 0, left, self.height()), middle, text)
        room = self.width() - left - right
        top = (self.height() - px(BAR)) / 2
        bar = QColor(colour("accent"))
        bar.setAlphaF(1.0 if lit else 0.78)
        painter.fillRect(QRectF(left, top, max(room * self._share, 1.0), px(BAR)), bar)
        painter.setFont(self._theme.font("meta"))
        painter.setPen(colour("text2" if lit else "text3"))
        box = QRectF(self.width() - right, 0, right, self.height())
        painter.drawText(box, middle | int(Qt.AlignmentFlag.AlignRight), self._count)
        painter.end()
