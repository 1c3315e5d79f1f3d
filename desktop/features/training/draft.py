"""The run that is being prepared: one, kept in the settings until it starts or is discarded."""

from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.core.settings import Settings
from engine.protocol.options import Value

KEY = "runs.draft"
CUSTOM = "custom"


class Draft(QObject):
    """`values` are option paths as typed, so also what is not valid yet."""

    changed = Signal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._data: dict[str, Any] = settings.get(KEY, {})
        self.reading = ""  # name of a file whose dataset is on its way

    @property
    def exists(self) -> bool:
        return bool(self._data)

    @property
    def base(self) -> str:
        """Id of a base model, or ""."""
        return self._text("base")

    @property
    def dataset(self) -> str:
        return self._text("dataset")

    @property
    def name(self) -> str:
        return self._text("name")

    @property
    def preset(self) -> str:
        return self._text("preset")

    @property
    def origin(self) -> str:
        """The preset that was edited, when `preset` is CUSTOM."""
        return self._text("origin")

    @property
    def values(self) -> dict[str, Value]:
        values = self._data.get("values")
        return dict(values) if isinstance(values, dict) else {}

    @property
    def before(self) -> dict[str, dict[str, Value]]:
        """The own settings of each method that was chosen earlier, by kind."""
        kept = self._data.get("before")
        return dict(kept) if isinstance(kept, dict) else {}

    def _text(self, name: str) -> str:
        value = self._data.get(name, "")
        return value if isinstance(value, str) else ""

    def begin(self, **values: str) -> None:
        """Make sure there is one, and set what is given and not empty."""
        given = {name: value for name, value in values.items() if value}
        if given or not self.exists:
            self.put(**({} if self.exists else {"preset": ""}), **given)

    def put(self, **values: object) -> None:
        """Take these over: base, dataset, name, preset, origin, values, before."""
        new = {**self._data, **values}
        if new != self._data:
            self._data = new
            self._settings.set(KEY, new)
            self.changed.emit()

    def set_reading(self, name: str) -> None:
        self.reading = name
        self.changed.emit()

    def take(self) -> dict[str, Any]:
        """Discard it; what is returned brings it back with `put`."""
        data, self._data = self._data, {}
        self._settings.set(KEY, {})
        self.changed.emit()
        return data
