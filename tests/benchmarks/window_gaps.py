"""The window beside a busy engine: how long its event loop is ever kept from turning.

python -m tests.benchmarks.window_gaps HOME SECONDS   writes one line of JSON
"""

import json
import sys
import time
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QStyleFactory

from desktop.app import App
from desktop.core.engine_process import EngineState

TICK_MS = 5


class Gaps(QObject):
    """A timer of 5 ms; whatever it comes late is a gap."""

    def __init__(self) -> None:
        super().__init__()
        self.longest_s = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.longest_s = max(self.longest_s, now - self._last)
        self._last = now

    def restart(self) -> float:
        """The longest so far; counting begins anew."""
        longest, self.longest_s = self.longest_s, 0.0
        return longest


class Watch(QObject):
    """Opens the run once the engine is there, waits for its curves, then counts."""

    def __init__(self, app: App, seconds: float) -> None:
        super().__init__()
        self._app, self._seconds = app, seconds
        self._gaps = Gaps()
        self._opening = 0.0
        self._before = 0
        app.store.state_changed.connect(self._on_state)

    def _on_state(self) -> None:
        if self._app.store.state is EngineState.READY:
            self._app.store.state_changed.disconnect(self._on_state)
            QTimer.singleShot(500, self._open)

    def _open(self) -> None:
        self._gaps.restart()
        self._app.open("run", "run")
        self._app.window.show_panel(True, "jobs")
        self._wait = QTimer(self, interval=50)
        self._wait.timeout.connect(self._when_drawn)
        self._wait.start()

    def _when_drawn(self) -> None:
        page = self._app.window.editors.page("run", "run")
        plots = getattr(page, "plots", None)
        if plots is None or plots.loss.frame.plot is None or plots.loss.training.value == "–":
            return
        self._wait.stop()
        self._opening = self._gaps.restart()
        self._before = len(self._app.store.metrics.of("run"))
        QTimer.singleShot(round(self._seconds * 1000), self._end)

    def _end(self) -> None:
        points = len(self._app.store.metrics.of("run")) - self._before
        told = {
            "opening_s": self._opening,
            "running_s": self._gaps.longest_s,
            "points": points,
            "adapters": len(self._app.store.adapters),
        }
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        QApplication.exit(0)  # quit() asks the window, which asks the person


def main(home: Path, seconds: float) -> int:
    qt = QApplication([])
    qt.setStyle(QStyleFactory.create("Fusion"))
    app = App(home)
    app.install_crash_hook()
    app.start()
    app.window.resize(1440, 900)
    app.window.show()
    watch = Watch(app, seconds)
    app.store.connect_engine()
    status = qt.exec()
    app.store.close()
    del watch
    return status


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), float(sys.argv[2])))
