"""Loads pyqtgraph after the first frame, in slices: at once it would stop the window for long."""

import importlib
import sys
from collections.abc import Iterator
from time import perf_counter
from types import ModuleType

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.calm_import import SLICE_S, import_calmly

QT_MODULES = ("QtCore", "QtGui", "QtWidgets", "QtTest", "QtSvg")


class PlotLibrary(QObject):
    """`module` is None until `ready`."""

    ready = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.module: ModuleType | None = None
        self._steps: Iterator[None] | None = None
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._go_on)

    def load(self) -> None:
        """Ends in `ready`, later; once is enough."""
        if self._steps is None:
            self._steps = iter(()) if "pyqtgraph" in sys.modules else _make_classes()
            self._timer.start()

    def _go_on(self) -> None:
        assert self._steps is not None
        until = perf_counter() + SLICE_S
        for _ in self._steps:
            if perf_counter() > until:
                return
        self._timer.stop()
        import_calmly("numpy")
        self.module = import_calmly("pyqtgraph")
        self.ready.emit()


def _make_classes() -> Iterator[None]:
    """Use every Qt class once, as pyqtgraph will all in one go."""
    for name in QT_MODULES:
        module = importlib.import_module(f"PySide6.{name}")
        yield
        for attribute in dir(module):
            getattr(module, attribute)
            yield
