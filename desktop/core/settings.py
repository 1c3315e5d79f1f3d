"""What the window remembers: one JSON file, written whole or not at all."""

import json
import os
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

V = TypeVar("V")


class Settings(QObject):
    """Values by dotted name ("workbench.theme"); a value of the wrong type counts as not there."""

    changed = Signal(str)

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._values = _read(path)
        self._timer = QTimer(self, singleShot=True, interval=300)
        self._timer.timeout.connect(self.save)

    def get(self, name: str, default: V) -> V:
        value = self._values.get(name, default)
        if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        return value if type(value) is type(default) else default

    def set(self, name: str, value: object) -> None:
        if self._values.get(name) == value and name in self._values:
            return
        self._values[name] = value
        self._timer.start()
        self.changed.emit(name)

    def save(self) -> None:
        """Write now; called by itself shortly after a change and when the window closes."""
        self._timer.stop()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        staged = self._path.with_suffix(".json.new")
        with staged.open("w", encoding="utf-8") as file:
            json.dump(self._values, file, indent=1, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        staged.replace(self._path)


def _read(path: Path) -> dict[str, Any]:
    """A file that cannot be read is put aside: losing the layout must not stop the window."""
    try:
        values = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        values = None
    if not isinstance(values, dict):
        path.replace(path.with_suffix(".json.unreadable"))
        return {}
    return values
