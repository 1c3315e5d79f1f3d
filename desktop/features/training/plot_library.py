"""Loads pyqtgraph after the first frame, in slices: at once it would stop the window for long.

Not in a thread: PySide makes its classes when they are first used, which nobody promises to be
safe in two threads at a time.
"""

import importlib
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from time import perf_counter
from types import ModuleType

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

SLICE_S = 0.008
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
        breath = Breath()
        sys.meta_path.insert(0, breath)
        try:
            importlib.import_module("numpy")
            self.module = importlib.import_module("pyqtgraph")
        finally:
            sys.meta_path.remove(breath)
        self.ready.emit()


def _make_classes() -> Iterator[None]:
    """Use every Qt class once, as pyqtgraph will all in one go."""
    for name in QT_MODULES:
        module = importlib.import_module(f"PySide6.{name}")
        yield
        for attribute in dir(module):
            getattr(module, attribute)
            yield


class Breath:
    """Finds no module: lets the event loop run between the imports of a large package."""

    def __init__(self) -> None:
        self._since = perf_counter()

    def find_spec(
        self, name: str, path: object = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if perf_counter() - self._since > SLICE_S:
            QCoreApplication.processEvents()
            self._since = perf_counter()
        return None
