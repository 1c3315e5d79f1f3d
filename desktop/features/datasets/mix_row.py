"""One dataset of a mix: whether it is in, its share, and the rows that follow."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QSlider, QWidget

from desktop.core import formatting
from desktop.core.theme import Theme, repolish
from desktop.features.datasets import wording
from desktop.features.datasets.mix_shares import LEAST
from desktop.workbench.check_box import CheckBox
from desktop.workbench.label import ElidedLabel, Label
from engine.protocol.records import Dataset

UNLIKE = "teaches something else than the others"
NAME, SLIDER, FIELD, ROWS = 220, 180, 52, 110  # px


class MixRow(QWidget):
    """Tells what the person did; shows only what it is told."""

    checked = Signal(str, bool)
    shared = Signal(str, float)  # per cent

    def __init__(self, theme: Theme, dataset: Dataset) -> None:
        super().__init__()
        self._theme, self.dataset = theme, dataset
        self.check = CheckBox(theme, dataset.name)
        self.check.setAccessibleName(f"Take rows of {dataset.name}")
        self.check.setToolTip(dataset.source)
        self.check.setFixedWidth(theme.px(NAME))
        self.check.toggled.connect(self._on_check)
        self.about = ElidedLabel(wording.in_short(dataset), "meta", "text3")
        self.about.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(f"Share of {dataset.name}")
        self.slider.setRange(round(LEAST), 100)
        self.slider.setPageStep(5)
        self.slider.setFixedWidth(theme.px(SLIDER))
        self.slider.valueChanged.connect(self._on_slider)
        self.field = QLineEdit()
        self.field.setAccessibleName(f"Share of {dataset.name} in per cent")
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.field.setFixedWidth(theme.px(FIELD))
        self.field.editingFinished.connect(self._on_field)
        self.percent = Label("%", "body", "text3")
        self.rows = Label("", "body", "text2")
        self.rows.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.rows.setFixedWidth(theme.px(ROWS))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(12)
        for widget in (self.check, self.about, self.slider, self.field, self.percent, self.rows):
            row.addWidget(widget)
        self.show_share(None, 0, alone=False)

    def show_fits(self, fits: bool) -> None:
        """Whether its rows go with those that are in the mix."""
        self.check.setEnabled(fits)
        words = wording.in_short(self.dataset)
        self.about.setText(words if fits else f"{words} · {UNLIKE}")

    def show_share(self, share: int | None, taken: int, *, alone: bool) -> None:
        """None: it is not in the mix. One that is alone has nothing to share with."""
        for widget in (self.check, self.slider):
            widget.blockSignals(True)
        self.check.setChecked(share is not None)
        self.slider.setValue(share or 0)
        for widget in (self.check, self.slider):
            widget.blockSignals(False)
        can_share = share is not None and not alone
        self.slider.setEnabled(can_share)
        self.field.setEnabled(can_share)
        self.field.setText("" if share is None else str(share))
        self._mark(bad=False)
        self.percent.set_tone("text3" if share is not None else "disabled")
        whole = share is not None and taken == usable_rows(self.dataset)
        rows = formatting.plural(taken, "row") + (", all" if whole else "")
        self.rows.setText(rows if share is not None else "–")
        self.rows.set_tone("text" if share is not None else "text3")

    def _on_check(self, on: bool) -> None:
        self.checked.emit(self.dataset.id, on)

    def _on_slider(self, value: int) -> None:
        self.shared.emit(self.dataset.id, float(value))

    def _on_field(self) -> None:
        """A text that is no share turns red and changes nothing."""
        text = self.field.text().strip().removesuffix("%").strip()
        if text == str(self.slider.value()):
            self._mark(bad=False)
        elif text.isascii() and text.isdecimal() and 1 <= int(text) <= 99:
            self.shared.emit(self.dataset.id, float(text))
        else:
            self._mark(bad=True)

    def _mark(self, *, bad: bool) -> None:
        said = "From 1 to 99." if bad else ""
        self.field.setToolTip(said)
        self.field.setAccessibleDescription(said)
        if bool(self.field.property("bad")) != bad:
            self.field.setProperty("bad", bad)
            repolish(self.field)


def usable_rows(dataset: Dataset) -> int:
    """Test rows come along in full and are not counted."""
    return dataset.rows - dataset.test_rows
