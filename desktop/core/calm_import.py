"""Imports of large modules that let the window go on in between.

Not in a thread: PySide makes its classes when they are first used, which nobody promises to be
safe in two threads at a time.
"""

import importlib
import sys
from importlib.machinery import ModuleSpec
from time import perf_counter
from types import ModuleType

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtWidgets import QAbstractScrollArea

SLICE_S = 0.008
REST_MS = 300  # after the first frame, which comes first


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


def import_calmly(name: str) -> ModuleType:
    """The module; events are handled while what it needs is imported."""
    breath = Breath()
    sys.meta_path.insert(0, breath)
    try:
        return importlib.import_module(name)
    finally:
        sys.meta_path.remove(breath)


class EarlyImports(QObject):
    """Pages that people open first, imported before they do: one at a time, after a rest."""

    def __init__(self, names: list[str], parent: QObject) -> None:
        super().__init__(parent)
        self._names = list(names)
        self._timer = QTimer(self, singleShot=True, interval=REST_MS)
        self._timer.timeout.connect(self._next)
        self._timer.start()
        self._told_apart = False

    def _next(self) -> None:
        if not self._told_apart:
            self._told_apart = True
            tell_widgets_apart()
            self._timer.start()
        elif self._names:
            import_calmly(self._names.pop(0))
            self._timer.start()


def tell_widgets_apart() -> None:
    """PySide makes the classes of all widgets when it first meets one that is not made in Python.

    Those are 20 ms, which are better spent at rest than while a page is opened.
    """
    QAbstractScrollArea().viewport()
