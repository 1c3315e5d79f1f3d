"""Smoothing and scale of the curves, beside a plot's title."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QWidget

from desktop.core.theme import Theme
from desktop.features.training.plot_look import MOST, PlotLook
from desktop.workbench.check_box import CheckBox
from desktop.workbench.label import Label

STEP = 0.01
SLIDER, VALUE = 72, 26  # px at 100 %
EXPLAINED = "Share of the earlier values in each point of the smooth line; 0 shows every value."


class PlotControls(QWidget):
    def __init__(self, theme: Theme, look: PlotLook) -> None:
        super().__init__()
        self._look = look
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Smoothing")
        self.slider.setRange(0, round(MOST / STEP))
        self.slider.setPageStep(10)
        self.slider.setFixedSize(theme.px(SLIDER), theme.px(16))
        self.slider.setToolTip(EXPLAINED)
        self.value = Label("", "meta", "text2")
        self.value.setFixedWidth(theme.px(VALUE))
        self.scale = CheckBox(theme, "Log scale", quiet=True)
        name = Label("Smoothing", "meta", "text3")
        name.setToolTip(EXPLAINED)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        for widget in (name, self.slider, self.value):
            row.addWidget(widget)
        row.addSpacing(theme.px(8))
        row.addWidget(self.scale)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._follow()
        self.slider.valueChanged.connect(lambda at: look.smooth(round(at * STEP, 2)))
        self.scale.toggled.connect(look.set_logarithmic)
        look.changed.connect(self._follow)

    def _follow(self) -> None:
        """A command may have changed it, or another page."""
        self.slider.blockSignals(True)
        self.slider.setValue(round(self._look.smoothing / STEP))
        self.slider.blockSignals(False)
        self.value.setText(f"{self._look.smoothing:.2f}")
        self.scale.setChecked(self._look.logarithmic)
