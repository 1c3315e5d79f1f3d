"""Finds the running engine or starts one; never waits for it."""

import subprocess
from enum import StrEnum
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QObject, QTimer, Signal

from engine.protocol.engine_file import EngineFile, read_engine_file
from engine.protocol.engine_launch import TAKEN, last_words, launch_engine, start_log

START_S = 30.0  # a cold disk and a busy machine together


class EngineState(StrEnum):
    STARTING = "starting"
    READY = "ready"  # attached, and its state was read
    GONE = "gone"  # it does not run, or it could not be started


class EngineProcess(QObject):
    """`found` comes with the engine file of a living engine; `failed` when none would start."""

    found = Signal(object)
    failed = Signal(str)

    def __init__(
        self, home: Path, parent: QObject | None = None, command: list[str] | None = None
    ) -> None:
        super().__init__(parent)
        self.home = home
        self._command = command or []
        self._started: subprocess.Popen[bytes] | None = None
        self._deadline = 0.0
        self._timer = QTimer(self, interval=40)
        self._timer.timeout.connect(self._look)

    def running(self) -> EngineFile | None:
        return read_engine_file(self.home)

    def attach_or_start(self) -> None:
        """Ends in `found` or `failed`, later."""
        if self._timer.isActive():
            return
        if self.running() is None and not self._starting():
            self._start()
        self._deadline = monotonic() + START_S
        self._timer.start()

    def _starting(self) -> bool:
        return self._started is not None and self._started.poll() is None

    def _start(self) -> None:
        self._started = launch_engine(self.home, self._command)

    def _look(self) -> None:
        found = self.running()
        if found is not None:
            self._timer.stop()
            self.found.emit(found)
            return
        status = self._started.poll() if self._started else None
        if status == TAKEN and monotonic() < self._deadline:  # another one comes up or leaves
            self._start()
        elif status is not None or monotonic() > self._deadline:
            self._timer.stop()
            said = last_words(self.home)
            self.failed.emit(
                f"The engine did not start{f': {said}' if said else ''}."
                f" The whole story is in {start_log(self.home)}."
            )
