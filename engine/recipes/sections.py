"""Reading a recipe key by key, so that nothing of it goes by unnamed."""

import math
from collections.abc import Mapping
from typing import Any

from engine.protocol.options import KIND, Option, Value, options_of
from engine.protocol.recipes import RecipeNote
from engine.protocol.specs import TrainSpec

LONGEST_SHOWN = 60  # characters of a foreign value in a sentence
SEARCH = "olive_parameter_type"
NEUTRAL: tuple[Any, ...] = (None, [], {}, "")


class Notes:
    """What is said beside the values, in the order in which it was found."""

    def __init__(self) -> None:
        self.left_out: list[RecipeNote] = []
        self.changed: list[RecipeNote] = []

    def leave(self, path: str, reason: str) -> None:
        self.left_out.append(RecipeNote(path, reason))

    def change(self, path: str, reason: str) -> None:
        self.changed.append(RecipeNote(path, reason))


class Section:
    """One mapping of a recipe. Keys are taken; `leave_rest` names those that nobody took."""

    def __init__(self, path: str, content: object, notes: Notes) -> None:
        self.path = path
        self._notes = notes
        self._rest: dict[str, Any] = dict(content) if isinstance(content, dict) else {}
        if not isinstance(content, dict) and content not in NEUTRAL:
            notes.leave(path, f"It should be a mapping and is {shown(content)}.")

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def has(self, *keys: str) -> bool:
        return any(self._rest.get(key) is not None for key in keys)

    def peek(self, key: str) -> Any:
        return self._rest.get(key)

    def put(self, key: str, value: Any) -> None:
        """Lay a value here that stood elsewhere in the recipe."""
        self._rest[key] = value

    def take(self, *keys: str) -> Any:
        """The value of the first of these keys that is there, else None; the others stay."""
        return next((self._rest.pop(key) for key in keys if key in self._rest), None)

    def text(self, *keys: str) -> str:
        """Text, or empty; another kind of value is named."""
        key = next((each for each in keys if each in self._rest), keys[0])
        value = self.take(key)
        if isinstance(value, str | None):
            return value or ""
        self._notes.leave(self.at(key), f"It should be text and is {shown(value)}.")
        return ""

    def section(self, *keys: str) -> "Section":
        key = next((each for each in keys if each in self._rest), keys[0])
        return Section(self.at(key), self.take(key) or {}, self._notes)

    def flattened(self, *keys: str) -> "Section":
        """With the mappings of these keys laid over it, as Olive does with "config"."""
        for key in keys:
            inner = self._rest.get(key)
            if isinstance(inner, dict):
                del self._rest[key]
                for name in inner.keys() & self._rest.keys():
                    reason = f"'{key}' says it too, which is what Olive goes by."
                    self._notes.leave(self.at(name), reason)
                self._rest |= inner
        return self

    def leave(self, reason: str, *keys: str) -> None:
        """Name these keys, those of them that are there and say anything."""
        for key in keys:
            if self.take(key) not in NEUTRAL:
                self._notes.leave(self.at(key), reason)

    def leave_rest(self, otherwise: str, reasons: Mapping[str, str] | None = None) -> None:
        for key in [*self._rest]:
            self.leave((reasons or {}).get(key, otherwise), key)


class Values:
    """Option values for a spec with a method of that kind, each held against its declaration."""

    def __init__(self, kind: str, notes: Notes) -> None:
        kinds = {f"method{KIND}": kind}
        self._options = {each.path: each for each in options_of(TrainSpec, kinds=kinds)}
        self._notes = notes
        self.values: dict[str, Value] = {**kinds}

    def put(self, path: str, value: Value) -> None:
        """A value that is known to be good."""
        self.values[path] = value

    def default(self, path: str, value: Value, where: str) -> None:
        """Olive's own value for what a recipe does not say, named where ours is another."""
        self.values[path] = value
        ours = self._options[path].default
        if value != ours:
            reason = f"The recipe does not say; Olive takes {_plain(value)}, a new run here "
            self._notes.change(where, f"{reason}{_plain(ours)}.")

    def read(self, path: str, value: object, where: str, *, default: Value) -> None:
        """A recipe's value: converted, brought within bounds and named where that changes it."""
        if value is None:
            self.default(path, default, where)
            return
        option = self._options[path]
        value = self._first_of_search(value, where)
        if value == "DEFAULT_VALUE":
            self.default(path, default, where)
        elif option.kind == "bool":
            self._read_bool(option, value, where, default=default)
        else:
            self._read_number(option, value, where, default=default)

    def _read_bool(self, option: Option, value: object, where: str, *, default: Value) -> None:
        known = {"true": True, "false": False}
        told = value if isinstance(value, bool) else known.get(str(value).lower())
        if told is None:
            self._not_understood(option, value, where, default, "neither true nor false")
        else:
            self.values[option.path] = told

    def _read_number(self, option: Option, value: object, where: str, *, default: Value) -> None:
        number = number_of(value)
        if number is None:
            self._not_understood(option, value, where, default, "no number")
            return
        inside = _within(option, number)
        if inside is None:
            self._not_understood(option, value, where, default, "out of bounds")
            return
        self.values[option.path] = inside
        if inside != number:
            reason = f"It is {shown(value)}, which is not to be had here; the run takes "
            self._notes.change(where, f"{reason}{_plain(inside)}.")

    def _not_understood(
        self, option: Option, value: object, where: str, default: Value, what: str
    ) -> None:
        self.values[option.path] = default
        reason = f"{shown(value)} is {what} for {option.title.lower()}; Olive's default "
        self._notes.leave(where, f"{reason}{_plain(default)} stands in.")

    def _first_of_search(self, value: object, where: str) -> object:
        """A recipe may ask for a search over a value; one run has the first that is listed."""
        listed: Any = value
        if isinstance(value, dict) and SEARCH in value:
            listed = value.get("support") or value.get("values")
        if isinstance(listed, list) and listed:
            reason = f"It is searched over {shown(listed)}; one run takes {shown(listed[0])}."
            self._notes.change(where, reason)
            return listed[0]
        if value == "SEARCHABLE_VALUES":
            self._notes.change(where, "It is searched; one run takes Olive's default.")
            return "DEFAULT_VALUE"
        return value


def number_of(value: object) -> float | int | None:
    """A number, also from text: YAML reads 1e-4 as text. None for what is no finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _within(option: Option, number: float) -> float | int | None:
    """The nearest value that the option takes; None where a bound itself is not allowed."""
    inside: float | int = number if option.kind == "float" else round(number)
    if option.ge is not None and inside < option.ge:
        inside = option.ge
    if option.le is not None and inside > option.le:
        inside = option.le
    beyond = (option.gt is not None and inside <= option.gt) or (
        option.lt is not None and inside >= option.lt
    )
    if beyond:
        return None
    return float(inside) if option.kind == "float" else int(inside)


def shown(value: object) -> str:
    """A foreign value in a sentence, short."""
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)
