"""A file is dropped on a real window: first rows, all rows, jumps to any row, gaps meanwhile.

python -m tests.benchmarks.million_window HOME FILE   writes one line of JSON
"""

import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QStyleFactory

from desktop.app import App
from desktop.core.calm_import import EarlyImports
from desktop.core.engine_process import EngineState
from desktop.features.datasets.page import DatasetPage
from engine.client import EngineClient
from engine.protocol.jobs import JobKind
from tests.benchmarks.window_gaps import Gaps

JUMPS = 50


class Drop(QObject):
    """Step by step, each begun by the one before when what it waits for is there."""

    def __init__(self, app: App, file: Path) -> None:
        super().__init__()
        self._app, self._file = app, file
        self._gaps = Gaps()
        self._told: dict[str, float] = {}
        self._took: list[float] = []
        self._jumps = [*random.Random(0).sample(range(1, 1_000_000), JUMPS)]
        self._waits: Callable[[], bool] = lambda: False
        self._then: Callable[[], object] = lambda: None
        self._timer = QTimer(self, interval=1)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        self._wait(self._at_rest, self._drop)

    def _wait(self, holds: Callable[[], bool], then: Callable[[], object]) -> None:
        self._waits, self._then = holds, then
        self._since = time.perf_counter()

    def _look(self) -> None:
        if self._waits():
            self._then()

    @property
    def _passed(self) -> float:
        return time.perf_counter() - self._since

    def _at_rest(self) -> bool:
        """The engine is there and its own first work is done."""
        store = self._app.store
        started = any(job.kind is JobKind.PREPARE_BASE for job in store.jobs.values())
        busy = any(job.active for job in store.jobs.values())
        return store.state is EngineState.READY and started and not busy

    def _page(self) -> DatasetPage | None:
        page = self._app.window.editors.active
        return page if isinstance(page, DatasetPage) else None

    def _drop(self) -> None:
        self._gaps.restart()
        self._app.window.take_paths((self._file,))
        self._wait(self._first_row, self._on_first)

    def _first_row(self) -> bool:
        page = self._page()
        return page is not None and bool(page.rows.index(0, 1).data())

    def _on_first(self) -> None:
        self._told["first_s"] = self._passed
        began = self._since
        self._wait(lambda: bool(self._app.store.datasets) and self._first_row(), self._on_all)
        self._since = began

    def _on_all(self) -> None:
        self._told["read_s"] = self._passed
        dataset = next(iter(self._app.store.datasets.values()))
        self._told["rows"] = dataset.rows
        self._told["duplicates"] = dataset.finding_counts.get("duplicate", 0)
        QTimer.singleShot(1000, self._jump)
        self._wait(lambda: False, lambda: None)

    def _jump(self) -> None:
        page = self._page()
        assert page is not None
        if not self._jumps:
            self._end()
            return
        number = self._jumps.pop()
        page.go_to_row(number)
        self._wait(lambda: page.rows.index(number - 1, 0).data() == str(number), self._on_jump)

    def _on_jump(self) -> None:
        self._took.append(self._passed)
        self._jump()

    def _end(self) -> None:
        self._timer.stop()
        self._told["gap_s"] = self._gaps.longest_s
        self._told["scroll_s"] = statistics.median(self._took)
        self._told["slowest_s"] = max(self._took)
        sys.stdout.write(json.dumps(self._told) + "\n")
        sys.stdout.flush()
        QApplication.exit(0)


def main(home: Path, file: Path) -> int:
    EngineClient.attach_or_start(home)
    qt = QApplication([])
    qt.setStyle(QStyleFactory.create("Fusion"))
    app = App(home)
    app.install_crash_hook()
    app.start()
    app.window.resize(1440, 900)
    app.window.show()
    EarlyImports(app.contributions.early, app)
    drop = Drop(app, file)
    app.store.connect_engine()
    status = qt.exec()
    app.store.close()
    del drop
    client = EngineClient.attach(home)
    if client is not None:
        client.send("POST", "/api/engine/stop")
    return status


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
