"""The training methods as rows, each with what it costs; the less usual ones are folded away."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.core import formatting
from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.features.training.radio import RadioRow, paint_radio
from desktop.workbench.label import Label
from engine.protocol.method_specs import METHODS, Method
from engine.protocol.records import Forecast

NAME, SENTENCE, TRAINABLE, MEMORY, EDGE = 40, 192, 72, 96, 12  # columns, px at 100 %
USUAL = ("lora", "qlora", "adalora", "ia3")  # before "More methods"
ROW = 36


class MethodTable(QWidget):
    """`chosen` is the kind a person chose, "lora"; the chosen row is never folded away."""

    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._group = QButtonGroup(self)
        self.rows = {method.kind: MethodRow(theme, method) for method in METHODS}
        self.more = MoreRow(theme)
        box = QFrame()
        box.setProperty("card", "true")
        rows = QVBoxLayout(box)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        for kind, row in self.rows.items():
            self._group.addButton(row)
            row.toggled.connect(lambda on, kind=kind: self._on_toggle(kind, on))
            rows.addWidget(row)
        rows.addWidget(self.more)
        self.more.toggled.connect(self._fold)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._header())
        column.addWidget(box)
        self.select(METHODS[0].kind)

    def _header(self) -> QHBoxLayout:
        px = self._theme.px
        header = QHBoxLayout()
        header.setContentsMargins(0, 0, px(EDGE + 1), 0)
        header.setSpacing(0)
        header.addWidget(Label("Method", "label", "text2"))
        header.addStretch()
        for text, width in (("Trainable", TRAINABLE), ("Memory", MEMORY + 8)):
            label = Label(text, "small", "text3")
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom)
            label.setFixedWidth(px(width))
            header.addWidget(label)
        return header

    def select(self, kind: str) -> None:
        """Not a choice of the person's."""
        self.blockSignals(True)
        self.rows[kind].setChecked(True)
        self.blockSignals(False)

    @property
    def selected(self) -> str:
        return next(kind for kind, row in self.rows.items() if row.isChecked())

    def set_costs(self, forecasts: Mapping[str, Forecast]) -> None:
        for kind, row in self.rows.items():
            row.set_cost(forecasts.get(kind))

    def _on_toggle(self, kind: str, on: bool) -> None:
        self._fold()
        if on:
            self.chosen.emit(kind)

    def _fold(self) -> None:
        folded = []
        for kind, row in self.rows.items():
            shown = self.more.isChecked() or kind in USUAL or row.isChecked()
            row.setVisible(shown)
            if not shown:
                folded.append(row.text())
        self.more.show_names(folded)


class MethodRow(RadioRow):
    """36 high: mark, name, one sentence, trainable count and memory."""

    def __init__(self, theme: Theme, method: Method) -> None:
        super().__init__(theme, method.title, ROW)
        self._method = method
        self._trainable = self._memory = ""
        self._estimated = False
        self._describe()

    def set_cost(self, forecast: Forecast | None) -> None:
        self._trainable = formatting.parameters(forecast.trainable) if forecast else ""
        memory = forecast.memory_bytes if forecast else None
        self._estimated = forecast is not None and forecast.memory_estimated
        size = formatting.size(memory) if memory is not None else "–" if forecast else ""
        self._memory = f"about {size}" if self._estimated else size
        self._describe()
        self.update()

    def _describe(self) -> None:
        words = [self._method.sentence]
        if self._trainable:
            words.append(f"{self._trainable} trainable")
        if self._memory not in ("", "–"):
            words.append(f"{self._memory} of memory")
        self.setAccessibleDescription(", ".join(words))
        self.setToolTip("Reckoned, not measured on this machine yet" if self._estimated else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        px, high = self.theme.px, self.height()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_ground(painter, self, self.theme)
        mark = QRectF(px(12), (high - px(16)) / 2, px(16), px(16))
        paint_radio(painter, self.theme, mark, self.isChecked())
        right = self.width() - px(EDGE)
        memory = QRectF(right - px(MEMORY), 0, px(MEMORY), high)
        trainable = QRectF(memory.left() - px(8 + TRAINABLE), 0, px(TRAINABLE), high)
        name = QRectF(px(NAME), 0, px(SENTENCE - NAME - 8), high)
        sentence = QRectF(px(SENTENCE), 0, trainable.left() - px(SENTENCE) - px(8), high)
        self.write(painter, name, self._method.title, "name", "text")
        self.write(painter, sentence, self._method.sentence, "body", "text2")
        self.write(painter, trainable, self._trainable, "body", "text", right=True)
        self.write(painter, memory, self._memory, "body", "text2", right=True)
        painter.end()


class MoreRow(QAbstractButton):
    """The last row of the table: unfolds and folds the others. It says which they are."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._names = ""
        self.setText("More methods")
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.toggled.connect(lambda on: self.setText("Fewer methods" if on else "More methods"))
        theme.changed.connect(self.updateGeometry)

    def show_names(self, names: Sequence[str]) -> None:
        """Those that are folded away."""
        self._names = ", ".join(names)
        self.setAccessibleDescription(self._names)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(NAME), self._theme.px(ROW))

    def paintEvent(self, event: QPaintEvent) -> None:
        px, high, colour = self._theme.px, self.height(), self._theme.colour
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_ground(painter, self, self._theme)
        icon = QRectF(px(12), (high - px(16)) / 2, px(16), px(16))
        chevron = "chevron-up" if self.isChecked() else "chevron-down"
        paint_glyph(painter, chevron, icon, colour("text2"))
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(self._theme.font("body"))
        painter.setPen(colour("text2"))
        painter.drawText(QRectF(px(NAME), 0, px(SENTENCE - NAME - 8), high), middle, self.text())
        if not self.isChecked():
            room = QRectF(px(SENTENCE), 0, self.width() - px(SENTENCE + EDGE), high)
            text = self._theme.metrics("body").elidedText(
                self._names, Qt.TextElideMode.ElideRight, int(room.width())
            )
            painter.setPen(colour("text2" if self.underMouse() else "text3"))
            painter.drawText(room, middle, text)
        painter.end()


def paint_ground(painter: QPainter, row: QAbstractButton, theme: Theme) -> None:
    """What lies under a row: the choice, the pointer, the focus."""
    px, ground = theme.px, QRectF(row.rect())
    chosen = row.isChecked() and not isinstance(row, MoreRow)
    painter.setPen(Qt.PenStyle.NoPen)
    if not isinstance(row, MoreRow):  # the last row has the frame below it
        line = QRectF(px(1), row.height() - 1, row.width() - px(2), 1)
        painter.fillRect(line, theme.colour("line"))
    if chosen or row.underMouse():
        painter.setBrush(theme.colour("selActive" if chosen else "hover"))
        painter.drawRoundedRect(ground, px(5), px(5))
    if row.hasFocus():
        painter.setPen(theme.colour("accent"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(ground.adjusted(0.5, 0.5, -0.5, -0.5), px(5), px(5))
