"""The fields of a form: one widget per kind of option, with its label, hint and error line."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from desktop.core import formatting
from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme, repolish
from desktop.workbench.check_box import CheckBox
from desktop.workbench.label import Label
from engine.protocol.options import Option, Value


class Combo(QComboBox):
    """A combo box with the chevron of the icon font."""

    def __init__(self, theme: Theme, name: str, *, tall: bool = False) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName(name)
        self.setProperty("tall", tall)
        self.setIconSize(QSize(theme.px(16), theme.px(16)))
        self.setItemDelegate(QStyledItemDelegate(self))  # the default one ignores the style sheet

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        side = self._theme.px(14)
        middle = self.height() / 2
        box = QRectF(self.width() - self._theme.px(12) - side, middle - side / 2, side, side)
        tone = self._theme.colour("text2" if self.isEnabled() else "disabled")
        paint_glyph(painter, "chevron-down", box, tone)
        painter.end()


class Switch(QAbstractButton):
    """On or off, at once; 28 x 16."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(28) + 2, self._theme.px(16) + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(1, (self.height() - px(16)) / 2, px(28), px(16))
        painter.setPen(colour("accent") if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(colour("button" if self.isChecked() else "track"))
        painter.drawRoundedRect(box, px(8), px(8))
        knob = QRectF(0, 0, px(12), px(12))
        left = box.right() - px(14) if self.isChecked() else box.left() + px(2)
        knob.moveTo(left, box.top() + px(2))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("onButton"))
        painter.drawEllipse(knob)
        painter.end()


class OptionField(QWidget):
    """Label above, input, hint below, or all in one row; the hint gives way to the error."""

    changed = Signal()

    def __init__(
        self, theme: Theme, option: Option, value: Value | None, *, in_row: bool = False
    ) -> None:
        super().__init__()
        self.option = option
        self._hint_text = _hint(option)
        self._label = Label(option.title, "label", "text2")
        self._hint = Label(self._hint_text, "small", "text3")
        self._hint.setWordWrap(True)
        self._input = self._make_input(theme)
        self.setToolTip(option.help)
        (self._lay_out_row if in_row else self._lay_out_column)(theme)
        if value is not None:
            self.set_value(value)

    def _lay_out_column(self, theme: Theme) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._label)
        column.addSpacing(2)
        column.addWidget(self._input)
        column.addWidget(self._hint)
        column.addStretch()

    def _lay_out_row(self, theme: Theme) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        self._label.setFixedWidth(theme.px(160))
        self._label.set_role("body")
        if isinstance(self._input, CheckBox):
            self._input.setText("")  # the label says it
        self._input.setFixedWidth(theme.px(200))
        row.addWidget(self._label)
        row.addWidget(self._input)
        row.addWidget(self._hint, 1)

    def _make_input(self, theme: Theme) -> QWidget:
        if self.option.kind == "bool":
            box = CheckBox(theme, "On")
            box.setAccessibleName(self.option.title)
            box.setFixedHeight(theme.px(28))
            box.toggled.connect(self._on_edit)
            return box
        if self.option.kind == "choice":
            combo = Combo(theme, self.option.title)
            combo.addItems(list(self.option.choices))
            combo.currentIndexChanged.connect(self._on_edit)
            return combo
        field = QLineEdit()
        field.setAccessibleName(self.option.title)
        field.setAcceptDrops(False)  # a file dropped on one is for the page
        field.textEdited.connect(self._on_edit)
        return field

    @property
    def input(self) -> QWidget:
        return self._input

    def value(self) -> Value:
        """As the option's type if the text can be read so, else the text itself."""
        if isinstance(self._input, CheckBox):
            return self._input.isChecked()
        if isinstance(self._input, QComboBox):
            return self._input.currentText()
        assert isinstance(self._input, QLineEdit)
        text = self._input.text().strip()
        return _read(self.option.kind, text)

    def set_value(self, value: Value) -> None:
        """Without telling: what the program sets is no edit."""
        self._input.blockSignals(True)
        if isinstance(self._input, CheckBox):
            self._input.setChecked(bool(value))
        elif isinstance(self._input, QComboBox):
            self._input.setCurrentText(str(value))
        elif isinstance(self._input, QLineEdit):
            is_number = isinstance(value, int | float)
            self._input.setText(formatting.number(value) if is_number else str(value))  # type: ignore[arg-type]
        self._input.blockSignals(False)
        self._input.update()
        self.show_error(self.error())

    def set_hint(self, text: str) -> None:
        """Replaces the declared help under the field; "" brings it back."""
        self._hint_text = text or _hint(self.option)
        self.show_error(self.error())

    def error(self) -> str:
        """What is wrong with the value, or ""."""
        return error_of(self.option, self.value())

    def show_error(self, error: str) -> None:
        self._hint.setText(error or self._hint_text)
        self._hint.set_tone("err" if error else "text3")
        self._input.setAccessibleDescription(error)
        if bool(self._input.property("bad")) != bool(error):
            self._input.setProperty("bad", bool(error))
            repolish(self._input)

    def _on_edit(self) -> None:
        self.show_error(self.error())
        self.changed.emit()


def error_of(option: Option, value: Value) -> str:
    """One line for a person, or "" when the value is within the declared bounds."""
    if option.kind in ("bool", "choice"):
        return ""
    if option.kind == "str":
        if option.max_length is not None and len(str(value)) > option.max_length:
            return f"At most {formatting.count(option.max_length)} characters."
        return "This is needed." if option.default is None and not value else ""
    if isinstance(value, str):
        return "A whole number is needed." if option.kind == "int" else "A number is needed."
    number = formatting.number
    if option.ge is not None and value < option.ge:
        return f"At least {number(option.ge)}."
    if option.gt is not None and value <= option.gt:
        return f"More than {number(option.gt)}."
    if option.le is not None and value > option.le:
        return f"At most {number(option.le)}."
    if option.lt is not None and value >= option.lt:
        return f"Less than {number(option.lt)}."
    return ""


def _read(kind: str, text: str) -> Value:
    if kind == "str":
        return text
    plain = text.replace(",", "").replace("\u2009", "").replace(" ", "")
    try:
        number = float(plain)
    except ValueError:
        return text
    if number != number or number in (float("inf"), float("-inf")):
        return text
    if kind == "int":
        return int(number) if number.is_integer() else text
    return number


def _hint(option: Option) -> str:
    return option.help
