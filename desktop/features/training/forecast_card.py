"""What the run will cost, and the button that starts it."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.core import formatting
from desktop.core.theme import Theme
from desktop.core.tokens import Token
from desktop.features.training.start_button import StartButton
from desktop.workbench.glyph import Glyph
from desktop.workbench.hairline import hairline
from desktop.workbench.label import Label, Paragraph
from desktop.workbench.progress_bar import ProgressBar
from engine.protocol.records import Forecast

WIDE = 304
LINES = ("Trainable", "Adapter size", "Tokens per epoch", "Steps", "Ends about")
CLOSE_TO_FULL, FULL = 0.8, 1.0  # of the free memory


class ForecastCard(QFrame):
    def __init__(self, theme: Theme, start: Callable[[], object]) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("card", "true")
        self.time = Label("", "welcome")
        self.source = Paragraph(theme, "", "meta", "text3")
        self._peak = Label("", "label")
        self._free = Label("", "meta", "text")
        self._bar = ProgressBar(theme, 6)
        self.values = {name: Label("–", "body") for name in LINES}
        self.start = StartButton(theme, start)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 20)
        column.setSpacing(0)
        column.addWidget(Label("Forecast", "section"))
        column.addSpacing(8)
        column.addWidget(self.time)
        column.addWidget(self.source)
        column.addSpacing(20)
        column.addLayout(self._memory_line())
        column.addSpacing(6)
        column.addWidget(self._bar)
        column.addSpacing(12)
        for number, name in enumerate(LINES):
            if number:
                column.addWidget(hairline())
            column.addLayout(self._line(name))
        column.addSpacing(16)
        column.addWidget(self.start)
        self._resize()
        theme.changed.connect(self._resize)

    def _resize(self) -> None:
        self.setMinimumWidth(self._theme.px(WIDE))

    def _memory_line(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(Label("Peak memory", "meta", "text2"))
        row.addStretch()
        row.addWidget(self._peak)
        row.addWidget(self._free)
        return row

    def _line(self, name: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 6, 0, 5)
        row.addWidget(Label(name, "body", "text2"))
        row.addStretch()
        row.addWidget(self.values[name])
        return row

    def show_nothing(self, headline: str, why: str) -> None:
        """There is no forecast: no data chosen, or the engine refused."""
        self.time.set_role("card")
        self.time.setText(headline)
        self.source.setText(why)
        self._peak.setText("–")
        self._free.setText("")
        self._bar.set_share(0.0)
        for label in self.values.values():
            label.setText("–")

    def show_forecast(self, forecast: Forecast, *, waiting: tuple[str, str], now: float) -> None:
        """`waiting`: what stands there in place of a time that is not known."""
        speed, seconds = forecast.tokens_per_second, forecast.seconds
        known = seconds is not None and speed is not None
        self.time.set_role("welcome" if known else "card")
        if seconds is not None and speed is not None:
            self.time.setText(formatting.duration(max(seconds, 1.0)))
            self.source.setText(f"at {formatting.count(speed)} tok/s, measured on this machine")
        else:
            self.time.setText(waiting[0])
            self.source.setText(waiting[1])
        self._show_memory(forecast)
        share = forecast.trainable / forecast.total if forecast.total else 0.0
        tokens = forecast.tokens_per_epoch
        texts = (
            f"{formatting.parameters(forecast.trainable)}, {formatting.percent(share, 1)}",
            formatting.size(forecast.adapter_bytes),
            formatting.count(tokens) if tokens is not None else "–",
            formatting.count(forecast.steps),
            formatting.clock(now + seconds) if seconds is not None else "–",
        )
        for name, text in zip(LINES, texts, strict=True):
            self.values[name].setText(text)

    def _show_memory(self, forecast: Forecast) -> None:
        free = forecast.free_memory_bytes
        if forecast.memory_bytes is None:
            self._peak.setText("–")
            self._free.setText(f"of {formatting.size(free)} free")
            self._bar.set_share(0.0)
            return
        peak, unit = formatting.size(forecast.memory_bytes).split()
        whole = formatting.size(free)
        text = peak if whole.endswith(unit) else f"{peak} {unit}"
        self._peak.setText(f"about {text}" if forecast.memory_estimated else text)
        self._free.setText(f"of {whole} free")
        share = forecast.memory_bytes / free if free else FULL
        tone: Token = "err" if share > FULL else "warn" if share > CLOSE_TO_FULL else "accent"
        self._bar.set_share(share, tone)


class Notes(QWidget):
    """What is read last before the start: warnings, and what stays usable."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._texts: tuple[tuple[str, str], ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(4, 0, 4, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(12)
        self._grid.setColumnStretch(1, 1)

    def show_notes(self, warnings: tuple[str, ...], information: tuple[str, ...]) -> None:
        texts = (*(("warning", each) for each in warnings), *(("info", e) for e in information))
        if texts == self._texts:
            return
        self._texts = texts
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for row, (icon, text) in enumerate(texts):
            glyph = Glyph(self._theme, icon, "warn" if icon == "warning" else "text3")
            self._grid.addWidget(glyph, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(Paragraph(self._theme, text, "meta", "text2"), row, 1)
