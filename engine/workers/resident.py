"""Adapters that are in memory beside the base, each ready to answer."""

import gc
import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, BaseModel
from engine.workers.adapter_file import AdapterContent, read_adapter
from engine.workers.variant import Variant, make_variant

# What PEFT and torch raise when config, tensors and model do not go together.
MISFIT = (ValueError, RuntimeError, KeyError, IndexError, TypeError, AttributeError)
log = logging.getLogger(__name__)


class Resident(Struct, frozen=True):
    """One loaded adapter."""

    variant: Variant
    adapters: frozenset[str]  # ids of the catalog's adapters with this content


class ResidentAdapters:
    """Loads and evicts adapters of any method beside one model.

    Each has a module tree of its own over the base's weights, so a switch is to take another
    tree: it costs nothing, whatever the two methods are, and the base itself is never touched.
    `budget_bytes` bounds all of it. An adapter in use is never evicted.
    """

    def __init__(self, model: Any, base: BaseModel, *, budget_bytes: int) -> None:
        self._alone = Variant(model)
        self._base = base
        self._budget_bytes = budget_bytes
        self._table: OrderedDict[str, Resident] = OrderedDict()  # least recently used first
        self._users: dict[str, int] = {}
        self._unwanted: set[str] = set()  # dropped while in use

    @property
    def hashes(self) -> tuple[str, ...]:
        """What is resident, least recently used first."""
        return tuple(self._table)

    @property
    def size_bytes(self) -> int:
        return sum(each.variant.size_bytes for each in self._table.values())

    def variant(self, key: str | None) -> Variant:
        """The base with that resident adapter; None: alone."""
        return self._alone if key is None else self._table[key].variant

    def hold(self, adapter: Adapter) -> str:
        """Load the adapter if it is not resident and keep it until `release`; returns its key.

        Raises Refused when its files are not as recorded, it does not fit the base or the budget;
        whatever was resident stays.
        """
        key = adapter.hash
        found = self._table.get(key)
        if found is None:
            variant = self._load(adapter, read_adapter(adapter, self._base))
            self._make_room(adapter, variant.size_bytes)
            self._table[key] = Resident(variant, frozenset({adapter.id}))
        else:
            self._table[key] = Resident(found.variant, found.adapters | {adapter.id})
        self._table.move_to_end(key)
        self._users[key] = self._users.get(key, 0) + 1
        self._unwanted.discard(key)
        return key

    def release(self, key: str) -> None:
        self._users[key] -= 1
        if not self._users[key]:
            del self._users[key]
            if key in self._unwanted:
                self._evict([key])

    def drop(self, adapter: str) -> None:
        """Free the adapter with that id or hash, at once or when its last reply has ended."""
        for key, found in list(self._table.items()):
            if adapter != key and adapter not in found.adapters:
                continue
            if adapter != key and len(found.adapters) > 1:
                self._table[key] = Resident(found.variant, found.adapters - {adapter})
            elif key in self._users:
                self._unwanted.add(key)
            else:
                self._evict([key])

    def _make_room(self, adapter: Adapter, size_bytes: int) -> None:
        in_use = sum(self._table[key].variant.size_bytes for key in self._users)
        if size_bytes + in_use > self._budget_bytes:
            others = f" and {in_use:,} bytes are in use by replies being written" if in_use else ""
            raise Refused(
                "adapter.budget",
                f"{adapter.name} needs {size_bytes:,} bytes{others};"
                f" {self._budget_bytes:,} are set aside for adapters.",
                "Wait for other replies to end, or use an adapter of a smaller rank.",
            )
        excess = self.size_bytes + size_bytes - self._budget_bytes
        leaving = []
        for key, found in self._table.items():
            if excess > 0 and key not in self._users:
                leaving.append(key)
                excess -= found.variant.size_bytes
        self._evict(leaving)

    def _load(self, adapter: Adapter, content: AdapterContent) -> Variant:
        try:
            return make_variant(self._alone.model, content)
        except MISFIT as error:
            log.exception("Loading %s", adapter.path)
            said = str(error).strip().splitlines() or [type(error).__name__]
            raise Refused(
                "adapter.misfit",
                f"{adapter.name} does not fit {self._base.name}: {said[0]}.",
                "Choose an adapter that was trained on this base model.",
            ) from error

    def _evict(self, keys: Sequence[str]) -> None:
        for key in keys:
            del self._table[key]
            self._unwanted.discard(key)
        if keys:
            gc.collect()  # modules of a tree know each other, so they do not leave by themselves
