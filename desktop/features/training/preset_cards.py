"""The presets side by side, each with its passes and its own time."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from desktop.core import formatting
from desktop.core.theme import Theme
from desktop.core.tokens import Token
from desktop.features.training.radio import RadioRow, paint_radio
from desktop.workbench.buttons import Button
from desktop.workbench.label import Label
from engine.protocol.records import Forecast
from engine.protocol.specs import Preset


class PresetCards(QWidget):
    """`chosen` is a preset's id; with edited fields none is chosen and `back` leads back."""

    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._origin = ""
        self._group = QButtonGroup(self)
        self.cards: dict[str, PresetCard] = {}
        self._row = QHBoxLayout()
        self._row.setSpacing(12)
        self._custom = Label("Custom", "label", "text2")
        self.back = Button(theme, "Go back", kind="link", run=lambda: self._go_back())
        head_box = QWidget()
        head_box.setFixedHeight(theme.px(20))  # as high as the way back, which comes and goes
        head = QHBoxLayout(head_box)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(8)
        head.addWidget(Label("Preset", "label", "text2"), 0, Qt.AlignmentFlag.AlignTop)
        head.addStretch()
        head.addWidget(self._custom)
        head.addWidget(self.back)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(head_box)
        column.addLayout(self._row)
        self.select("", "")

    def set_presets(self, presets: Sequence[Preset]) -> None:
        if list(self.cards) == [preset.id for preset in presets]:
            return
        for card in self.cards.values():
            self._group.removeButton(card)
            card.deleteLater()
        self.cards = {preset.id: PresetCard(self._theme, preset) for preset in presets}
        for id, card in self.cards.items():
            self._group.addButton(card)
            self._row.addWidget(card, 1)
            card.clicked.connect(lambda _=False, id=id: self.chosen.emit(id))

    def select(self, id: str, origin: str) -> None:
        """An id that is no preset means Custom, which came from `origin`."""
        self._group.setExclusive(False)
        for each, card in self.cards.items():
            card.setChecked(each == id)
        self._group.setExclusive(True)
        custom = bool(self.cards) and id not in self.cards
        self._origin = origin
        self._custom.setVisible(custom)
        self.back.setVisible(custom and origin in self.cards)
        if origin in self.cards:
            self.back.setText(f"Back to {self.cards[origin].text()}")
            self.back.setAccessibleName(self.back.text())

    def _go_back(self) -> None:
        self.chosen.emit(self._origin)

    def set_costs(self, epochs: dict[str, float], forecasts: dict[str, Forecast]) -> None:
        for id, card in self.cards.items():
            card.set_cost(epochs.get(id), forecasts.get(id))


class PresetCard(RadioRow):
    """48 high: mark, title; passes and time at the right."""

    def __init__(self, theme: Theme, preset: Preset) -> None:
        super().__init__(theme, preset.title, 48)
        self.setToolTip(preset.description)
        self._lines = ("", "")

    def set_cost(self, epochs: float | None, forecast: Forecast | None) -> None:
        passes = ""
        if epochs is not None:
            passes = f"{formatting.number(epochs)} {'epoch' if epochs == 1 else 'epochs'}"
        seconds = forecast.seconds if forecast is not None else None
        time = formatting.duration(max(seconds, 1.0)) if seconds is not None else "–"
        self._lines = (passes, time)
        self.setAccessibleDescription(", ".join(line for line in self._lines if line != "–"))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour, high = self.theme.px, self.theme.colour, self.height()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = self.isChecked() or self.hasFocus()
        painter.setPen(colour("accent" if lit else "line"))
        ground: Token = (
            "accentSoft" if self.isChecked() else "hover" if self.underMouse() else "editor"
        )
        painter.setBrush(colour(ground))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(4), px(4))
        mark = QRectF(px(13), (high - px(16)) / 2, px(16), px(16))
        paint_radio(painter, self.theme, mark, self.isChecked())
        right = QRectF(self.width() - px(112), high / 2 - px(16), px(100), px(16))
        title = QRectF(px(40), 0, right.left() - px(40), high)
        self.write(painter, title, self.text(), "name", "text")
        self.write(painter, right, self._lines[0], "meta", "text2", right=True)
        self.write(
            painter, right.translated(0, px(16)), self._lines[1], "meta", "text2", right=True
        )
        painter.end()
