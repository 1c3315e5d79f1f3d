"""Sampling: sliders and fields drawn from the options of the spec."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QSlider, QVBoxLayout, QWidget

from desktop.core.theme import Theme, repolish
from desktop.workbench.buttons import Button
from desktop.workbench.fields import error_of
from desktop.workbench.hairline import hairline
from desktop.workbench.label import Label
from engine.protocol.options import Option, Value, get_value, options_of, with_values
from engine.protocol.specs import SamplingSpec

STEP = 0.05


class SamplingPopover(QFrame):
    """Applies from the next turn; every change is handed on at once when it is valid."""

    closed = Signal()

    def __init__(
        self,
        theme: Theme,
        parent: QWidget,
        sampling: SamplingSpec,
        changed: Callable[[SamplingSpec], object],
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self._sampling, self._changed = sampling, changed
        self.setProperty("popover", True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMouseReplay)  # its button closes it as well
        self.setAccessibleName("Sampling")
        self.setFixedWidth(theme.px(264))
        self._inputs: dict[str, SliderOption | NumberOption] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 16)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(Label("Sampling", "section"))
        head.addStretch()
        self.reset = Button(theme, "Reset", kind="link", run=self._reset)
        head.addWidget(self.reset)
        column.addLayout(head)
        column.addSpacing(5)
        options = list(options_of(SamplingSpec))
        for option in (each for each in options if each.kind == "float"):
            column.addWidget(self._add(SliderOption(theme, option, self._on_edit)))
        column.addSpacing(4)
        column.addWidget(hairline())
        column.addSpacing(4)
        fields = QHBoxLayout()
        fields.setSpacing(8)
        for option in (each for each in options if each.kind == "int"):
            fields.addWidget(self._add(NumberOption(option, self._on_edit)), 1)
        column.addLayout(fields)
        self._fill()

    def _add(self, entry: "SliderOption | NumberOption") -> QWidget:
        self._inputs[entry.option.path] = entry
        return entry

    def input(self, path: str) -> "SliderOption | NumberOption":
        return self._inputs[path]

    def show_under(self, button: QWidget) -> None:
        self.adjustSize()
        corner = button.mapToGlobal(button.rect().bottomRight())
        self.move(corner + QPoint(1 - self.width(), 6))
        self.show()
        self._inputs["temperature"].first.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed.emit()
        super().closeEvent(event)

    def _fill(self) -> None:
        for path, entry in self._inputs.items():
            entry.set_value(get_value(self._sampling, path))

    def _reset(self) -> None:
        self._sampling = SamplingSpec()
        self._fill()
        self._changed(self._sampling)

    def _on_edit(self) -> None:
        values = {path: entry.value() for path, entry in self._inputs.items()}
        good = {path: value for path, value in values.items() if value is not None}
        self._sampling = with_values(self._sampling, good)
        self._changed(self._sampling)


class SliderOption(QWidget):
    """A name, its value, and a slider between the option's bounds."""

    def __init__(self, theme: Theme, option: Option, edited: Callable[[], object]) -> None:
        super().__init__()
        self.option = option
        low = option.ge if option.ge is not None else (option.gt or 0.0) + STEP
        high = option.le if option.le is not None else 1.0
        self._low = low
        self._value_label = Label("", "body")
        self.first = self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(option.title)
        self.slider.setRange(0, round((high - low) / STEP))
        self.slider.setPageStep(4)
        self.slider.setFixedHeight(theme.px(16))
        self.slider.valueChanged.connect(self._on_value)
        self._edited = edited
        self._exact: float | None = None
        self.setToolTip(option.help)
        top = QHBoxLayout()
        top.addWidget(Label(option.title, "body", "text2"))
        top.addStretch()
        top.addWidget(self._value_label)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addLayout(top)
        column.addWidget(self.slider)

    def value(self) -> Value | None:
        """The value as it was set, or the slider's place once it is moved."""
        if self._exact is not None:
            return self._exact
        return round(self._low + self.slider.value() * STEP, 4)

    def set_value(self, value: Value) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(round((float(value) - self._low) / STEP))
        self.slider.blockSignals(False)
        self._exact = float(value)
        self._say()

    def _on_value(self) -> None:
        self._exact = None
        self._say()
        self._edited()

    def _say(self) -> None:
        value = self.value()
        self._value_label.setText(f"{value:.2f}" if isinstance(value, float) else str(value))


class NumberOption(QWidget):
    """A small field for a whole number; out of its bounds it turns red and nothing changes."""

    def __init__(self, option: Option, edited: Callable[[], object]) -> None:
        super().__init__()
        self.option = option
        self._edited = edited
        self.first = self.field = QLineEdit()
        self.field.setAccessibleName(option.title)
        self.field.textEdited.connect(self._on_edit)
        self.setToolTip(option.help)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(Label(option.title, "small", "text2"))
        column.addWidget(self.field)

    def _read(self) -> Value:
        text = self.field.text().replace(",", "").strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else text

    def value(self) -> Value | None:
        return None if self._error() else self._read()

    def _error(self) -> str:
        return error_of(self.option, self._read())

    def set_value(self, value: Value) -> None:
        self.field.setText(str(value))
        self._mark()

    def _mark(self) -> None:
        error = self._error()
        self.field.setAccessibleDescription(error)
        self.field.setToolTip(error or self.option.help)
        if bool(self.field.property("bad")) != bool(error):
            self.field.setProperty("bad", bool(error))
            repolish(self.field)

    def _on_edit(self) -> None:
        self._mark()
        if not self._error():
            self._edited()
