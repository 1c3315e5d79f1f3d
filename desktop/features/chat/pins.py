"""Which adapters have a pill, and in which place: the place is the Alt number."""

from desktop.core.settings import Settings
from desktop.core.store import Store
from desktop.features.chat.names import adapters_of
from engine.protocol.records import BaseModel

MOST = 8  # Alt+2 to Alt+9


class Pins:
    """Per base: those that the person placed, then the others from the oldest to the newest."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings, self._store = settings, store

    def shown(self, base: BaseModel | None) -> list[str]:
        """Ids of adapters that fit the base, at most eight."""
        if base is None:
            return []
        there = [adapter.id for adapter in adapters_of(self._store, base)]
        known = set(there)
        pinned = [id for id in self._pinned(base) if id in known]
        free = [id for id in there if id not in set(pinned)]
        room = MOST - len(pinned)
        return [*pinned, *(free[-room:] if room > 0 else [])][:MOST]

    def others(self, base: BaseModel | None) -> list[str]:
        """Those without a pill, the newest first."""
        shown = set(self.shown(base))
        return [
            each.id for each in reversed(adapters_of(self._store, base)) if each.id not in shown
        ]

    def pin(self, base: BaseModel, adapter: str, place: int | None = None) -> None:
        """Give it a place of its own, from 0; the last one leaves when there are too many."""
        shown = [id for id in self.shown(base) if id != adapter]
        at = min(len(shown), MOST - 1) if place is None else min(place, len(shown))
        self._keep(base, [*shown[:at], adapter, *shown[at:]][:MOST])

    def ensure(self, base: BaseModel, adapter: str) -> None:
        """Pin it unless it has a pill."""
        if adapter not in self.shown(base):
            self.pin(base, adapter)

    def unpin(self, base: BaseModel, adapter: str) -> None:
        self._keep(base, [id for id in self._pinned(base) if id != adapter])

    def _all(self) -> dict[str, list[str]]:
        pins: dict[str, list[str]] = self._settings.get("chat.pins", {})
        return pins

    def _pinned(self, base: BaseModel) -> list[str]:
        return self._all().get(base.id, [])

    def _keep(self, base: BaseModel, ids: list[str]) -> None:
        self._settings.set("chat.pins", {**self._all(), base.id: ids})
