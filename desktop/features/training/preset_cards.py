"""The presets side by side, each with its passes and its own time."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.core import formatting
from desktop.core.theme import Theme
from desktop.core.tokens import Token
from desktop.features.training.radio import RadioRow, paint_radio
from desktop.workbench.buttons import Button
from desktop.workbench.label import Label
from engine.protocol.method_specs import method_of
from engine.protocol.presets import METHOD, preset_kind
from engine.protocol.records import Forecast
from engine.protocol.specs import Preset

COLUMNS = 3


class PresetCards(QWidget):
    """`chosen` is a preset's id; with edited fields none is chosen and `back` leads back."""

    chosen = Signal(str)
    menu_asked = Signal(str, object)  # id of a preset of the person's own, and where: a QPoint
    removal_asked = Signal(str)
    rename_asked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._origin = ""
        self._presets: tuple[Preset, ...] = ()
        self._group = QButtonGroup(self)
        self.cards: dict[str, PresetCard] = {}
        self._grid = QGridLayout()
        self._grid.setSpacing(12)
        for place in range(COLUMNS):
            self._grid.setColumnStretch(place, 1)
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
        column.addLayout(self._grid)
        self.select("", "")

    def set_presets(self, presets: Sequence[Preset]) -> None:
        if tuple(presets) == self._presets:
            return
        self._presets = tuple(presets)
        for card in self.cards.values():
            self._group.removeButton(card)
            self._grid.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = {preset.id: PresetCard(self._theme, preset) for preset in presets}
        for at, (id, card) in enumerate(self.cards.items()):
            self._group.addButton(card)
            self._grid.addWidget(card, at // COLUMNS, at % COLUMNS)
            card.clicked.connect(lambda _=False, id=id: self.chosen.emit(id))
            if card.preset.own:
                card.asked.connect(lambda what, where, id=id: self._on_asked(id, what, where))

    def _on_asked(self, id: str, what: str, where: QPoint) -> None:
        match what:
            case "menu":
                self.menu_asked.emit(id, where)
            case "remove":
                self.removal_asked.emit(id)
            case "rename":
                self.rename_asked.emit(id)

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
    """48 high: mark, title; passes and time at the right. `asked` is for those of one's own."""

    asked = Signal(str, object)  # "menu", "rename" or "remove", and where: a QPoint

    def __init__(self, theme: Theme, preset: Preset) -> None:
        super().__init__(theme, preset.title, 48)
        self.preset = preset
        method = method_of(preset_kind(preset)).title if METHOD in preset.values else ""
        own = f"{method}, your own" if preset.own else ""
        self.setToolTip(preset.description or own)
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

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.asked.emit("menu", event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.preset.own and event.key() == Qt.Key.Key_Delete:
            self.asked.emit("remove", QPoint())
        elif self.preset.own and event.key() == Qt.Key.Key_F2:
            self.asked.emit("rename", QPoint())
        else:
            super().keyPressEvent(event)

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
        metrics = self.theme.metrics("meta")
        wide = max(metrics.horizontalAdvance(line) for line in self._lines) + 1
        right = QRectF(self.width() - px(12) - wide, high / 2 - px(16), wide, px(16))
        title = QRectF(px(40), 0, right.left() - px(40 + 8), high)
        self.write(painter, title, self.text(), "name", "text")
        self.write(painter, right, self._lines[0], "meta", "text2", right=True)
        self.write(
            painter, right.translated(0, px(16)), self._lines[1], "meta", "text2", right=True
        )
        painter.end()
