"""How curves are drawn: smoothing and scale, the same in every run, remembered."""

from PySide6.QtCore import QObject, Signal

from desktop.core.settings import Settings

SMOOTHING, LOG = "runs.smoothing", "runs.log-scale"
USUAL, MOST = 0.9, 0.99
STEPS = (0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.98)


class PlotLook(QObject):
    """`smoothing` is the factor of the moving average: 0 shows the values as they are."""

    changed = Signal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings

    @property
    def smoothing(self) -> float:
        return min(max(self._settings.get(SMOOTHING, USUAL), 0.0), MOST)

    @property
    def logarithmic(self) -> bool:
        return self._settings.get(LOG, False)

    def smooth(self, factor: float) -> None:
        if factor != self.smoothing:
            self._settings.set(SMOOTHING, factor)
            self.changed.emit()

    def set_logarithmic(self, on: bool) -> None:
        if on != self.logarithmic:
            self._settings.set(LOG, on)
            self.changed.emit()
