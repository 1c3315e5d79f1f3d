"""The training methods as rows, each with what it costs."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.core import formatting
from desktop.core.theme import Theme
from desktop.features.training.radio import RadioRow, paint_radio
from desktop.workbench.label import Label
from engine.protocol.method_specs import LoraSpec
from engine.protocol.records import Forecast

NAME, SENTENCE, TRAINABLE, MEMORY, EDGE = 40, 192, 80, 60, 12  # columns, px at 100 %


@dataclass(frozen=True, kw_only=True)
class Method:
    """One line of the table; `make` is the method's spec with its defaults."""

    id: str
    title: str
    sentence: str
    make: type[LoraSpec]


METHODS = (
    Method(
        id="lora",
        title="LoRA",
        sentence="Small add-on matrices. The safe default.",
        make=LoraSpec,
    ),
)


class MethodTable(QWidget):
    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._group = QButtonGroup(self)
        self.rows = {method.id: MethodRow(theme, method) for method in METHODS}
        box = MethodBox(theme)
        rows = QVBoxLayout(box)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        for id, row in self.rows.items():
            self._group.addButton(row)
            row.clicked.connect(lambda _=False, id=id: self.chosen.emit(id))
            rows.addWidget(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._header())
        column.addWidget(box)
        self.select(METHODS[0].id)

    def _header(self) -> QHBoxLayout:
        px = self._theme.px
        header = QHBoxLayout()
        header.setContentsMargins(0, 0, px(EDGE + 1), 0)
        header.setSpacing(0)
        header.addWidget(Label("Method", "label", "text2"))
        header.addStretch()
        for text, width in (("Trainable", TRAINABLE), ("Memory", MEMORY + 16)):
            label = Label(text, "small", "text3")
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom)
            label.setFixedWidth(px(width))
            header.addWidget(label)
        return header

    def select(self, id: str) -> None:
        self.rows[id].setChecked(True)

    @property
    def selected(self) -> str:
        return next(id for id, row in self.rows.items() if row.isChecked())

    def set_cost(self, id: str, forecast: Forecast | None) -> None:
        self.rows[id].set_cost(forecast)


class MethodBox(QFrame):
    """The frame around the rows."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("card", "true")


class MethodRow(RadioRow):
    """36 high: mark, name, one sentence, trainable count and memory."""

    def __init__(self, theme: Theme, method: Method) -> None:
        super().__init__(theme, method.title, 36)
        self._method = method
        self._trainable = self._memory = ""
        self._describe()

    def set_cost(self, forecast: Forecast | None) -> None:
        self._trainable = formatting.parameters(forecast.trainable) if forecast else ""
        memory = forecast.memory_bytes if forecast else None
        self._memory = formatting.size(memory) if memory is not None else "–" if forecast else ""
        self._describe()
        self.update()

    def _describe(self) -> None:
        words = [self._method.sentence]
        if self._trainable:
            words.append(f"{self._trainable} trainable")
        if self._memory not in ("", "–"):
            words.append(f"{self._memory} of memory")
        self.setAccessibleDescription(", ".join(words))

    def paintEvent(self, event: QPaintEvent) -> None:
        px, high = self.theme.px, self.height()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QRectF(self.rect())
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked():
            painter.setBrush(self.theme.colour("selActive"))
            painter.drawRoundedRect(ground, px(5), px(5))
        elif self.underMouse():
            painter.setBrush(self.theme.colour("hover"))
            painter.drawRoundedRect(ground, px(5), px(5))
        if self.hasFocus():
            painter.setPen(self.theme.colour("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ground.adjusted(0.5, 0.5, -0.5, -0.5), px(5), px(5))
        mark = QRectF(px(12), (high - px(16)) / 2, px(16), px(16))
        paint_radio(painter, self.theme, mark, self.isChecked())
        right = self.width() - px(EDGE)
        memory = QRectF(right - px(MEMORY), 0, px(MEMORY), high)
        trainable = QRectF(memory.left() - px(16 + TRAINABLE), 0, px(TRAINABLE), high)
        name = QRectF(px(NAME), 0, px(SENTENCE - NAME - 8), high)
        sentence = QRectF(px(SENTENCE), 0, trainable.left() - px(SENTENCE) - px(8), high)
        self.write(painter, name, self._method.title, "name", "text")
        self.write(painter, sentence, self._method.sentence, "body", "text2")
        self.write(painter, trainable, self._trainable, "body", "text", right=True)
        self.write(painter, memory, self._memory, "body", "text2", right=True)
        painter.end()
