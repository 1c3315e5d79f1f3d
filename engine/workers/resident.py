"""Adapters that are in memory beside the base, and which of them is active now."""

import logging
import time
from collections import OrderedDict
from typing import Any

from msgspec import Struct
from peft import PeftModel, set_peft_model_state_dict
from peft.tuners.lora import LoraLayer
from peft.tuners.tuners_utils import BaseTunerLayer, delete_adapter

from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, BaseModel
from engine.workers.adapter_file import AdapterContent, read_adapter

log = logging.getLogger(__name__)
PREFIX = "base_model.model."


class Resident(Struct, frozen=True):
    """One loaded adapter: `hash` was reckoned from the bytes that were loaded."""

    hash: str
    adapters: frozenset[str]  # ids of the catalog's adapters with this content
    size_bytes: int


class ResidentAdapters:
    """Loads, evicts and switches adapters on one model.

    A switch is O(1): all of PEFT's layers hold the same list object as their active adapters, so
    changing that list changes them all, and an empty list is the plain base. Loading and evicting
    may walk the model; `budget_bytes` bounds all of it. An adapter in use is never evicted.
    """

    def __init__(self, model: Any, base: BaseModel, *, budget_bytes: int) -> None:
        self._model = model
        self._base = base
        self._budget_bytes = budget_bytes
        self._peft: PeftModel | None = None
        self._active: list[str] = []  # the one list; never replaced
        self._table: OrderedDict[str, Resident] = OrderedDict()  # least recently used first
        self._users: dict[str, int] = {}
        self._unwanted: set[str] = set()  # dropped while in use

    @property
    def hashes(self) -> tuple[str, ...]:
        """What is resident, least recently used first."""
        return tuple(self._table)

    @property
    def size_bytes(self) -> int:
        return sum(resident.size_bytes for resident in self._table.values())

    @property
    def active_hash(self) -> str | None:
        """Read back from what is active in the model, not from what was asked for."""
        return self._table[self._active[0]].hash if self._active else None

    def activate(self, key: str | None) -> float:
        """Make that resident adapter, or the plain base, answer from now on; returns ms."""
        started = time.perf_counter()
        self._active[:] = () if key is None else (key,)
        return (time.perf_counter() - started) * 1e3

    def hold(self, adapter: Adapter) -> str:
        """Load the adapter if it is not resident and keep it until `release`; returns its key.

        Raises Refused when its files are not as recorded, it does not fit the base or the budget;
        whatever was resident stays.
        """
        key = adapter.hash
        if key in self._table:
            found = self._table[key]
            self._table[key] = Resident(found.hash, found.adapters | {adapter.id}, found.size_bytes)
        else:
            content = read_adapter(adapter, self._base)
            self._make_room(adapter, content.size_bytes)
            self._load(adapter, content)
            self._table[key] = Resident(content.hash, frozenset({adapter.id}), content.size_bytes)
        self._table.move_to_end(key)
        self._users[key] = self._users.get(key, 0) + 1
        self._unwanted.discard(key)
        return key

    def release(self, key: str) -> None:
        self._users[key] -= 1
        if not self._users[key]:
            del self._users[key]
            if key in self._unwanted:
                self._evict(key)

    def drop(self, adapter: str) -> None:
        """Free the adapter with that id or hash, at once or when its last reply has ended."""
        for key, found in list(self._table.items()):
            if adapter != key and adapter not in found.adapters:
                continue
            if adapter != key and len(found.adapters) > 1:
                left = found.adapters - {adapter}
                self._table[key] = Resident(found.hash, left, found.size_bytes)
            elif key in self._users:
                self._unwanted.add(key)
            else:
                self._evict(key)

    def _make_room(self, adapter: Adapter, size_bytes: int) -> None:
        in_use = sum(self._table[key].size_bytes for key in self._users)
        if size_bytes + in_use > self._budget_bytes:
            others = f" and {in_use:,} bytes are in use by replies being written" if in_use else ""
            raise Refused(
                "adapter.budget",
                f"{adapter.name} needs {size_bytes:,} bytes{others};"
                f" {self._budget_bytes:,} are set aside for adapters.",
                "Wait for other replies to end, or use an adapter of a smaller rank.",
            )
        for key in [key for key in self._table if key not in self._users]:
            if self.size_bytes + size_bytes <= self._budget_bytes:
                break
            self._evict(key)

    def _load(self, adapter: Adapter, content: AdapterContent) -> None:
        key = content.hash
        self.activate(None)
        try:
            self._inject(key, content)
        except (ValueError, RuntimeError, KeyError, TypeError, AttributeError) as error:
            log.exception("Loading %s", adapter.path)
            self._remove(key)
            raise Refused(
                "adapter.misfit",
                f"{adapter.name} does not fit {self._base.name}:"
                f" {str(error).strip().splitlines()[0]}.",
                "Choose an adapter that was trained on this base model.",
            ) from error
        finally:
            self._bind()

    def _inject(self, key: str, content: AdapterContent) -> None:
        """Add the layers without memory of their own, then give them the verified tensors."""
        if self._peft is None:
            self._peft = PeftModel(
                self._model, content.config, adapter_name=key, low_cpu_mem_usage=True
            )
        else:
            self._peft.base_model.active_adapter = key  # it may name one that is gone
            self._peft.add_adapter(key, content.config, low_cpu_mem_usage=True)
        report = set_peft_model_state_dict(
            self._peft, content.tensors, adapter_name=key, low_cpu_mem_usage=True
        )
        missing = [name for name in report.missing_keys if f".{key}." in name]
        if missing or report.unexpected_keys:
            strange = report.unexpected_keys or missing
            verb = "has no place in the model" if report.unexpected_keys else "is missing"
            name = strange[0].removeprefix(PREFIX).replace(f".{key}", "")
            raise ValueError(f"{name} {verb}")
        self._model.eval().requires_grad_(False)

    def _evict(self, key: str) -> None:
        self.activate(None)
        self._remove(key)
        del self._table[key]
        self._unwanted.discard(key)
        self._bind()

    def _remove(self, key: str) -> None:
        """Take every trace of the adapter out of the layers, also of one half loaded."""
        self._bind()  # PEFT would choose another one in place of an active one
        delete_adapter(self._model, key, prefix="lora_", layer_cls=LoraLayer)
        if self._peft is not None:
            self._peft.peft_config.pop(key, None)
        elif hasattr(self._model, "peft_config"):
            del self._model.peft_config

    def _bind(self) -> None:
        """Give all of PEFT's layers the one list again, after anything that may replace it."""
        for module in self._model.modules():
            if isinstance(module, BaseTunerLayer):
                module._active_adapter = self._active
