"""Tells when the window was first painted, for the benchmark of its start."""

import json
import sys
import time

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

HEAVY = (
    "torch", "transformers", "peft", "numpy", "pyqtgraph", "pygments", "asyncio", "sqlite3",
)  # fmt: skip
"""Modules that the first frame must not wait for."""


class FirstPaint(QObject):
    """Writes one line of JSON: `painted_at` in seconds since the epoch, and `heavy` modules."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            # The whole frame is painted by the time the event loop comes round again.
            QTimer.singleShot(0, self._tell)
        return False

    def _tell(self) -> None:
        told = {"painted_at": time.time(), "heavy": [name for name in HEAVY if name in sys.modules]}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        QApplication.exit(0)

    def wait(self, qt: QApplication) -> int:
        return qt.exec()
