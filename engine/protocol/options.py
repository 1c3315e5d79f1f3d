"""The options of a spec, read from its one declaration: for forms, flags and documentation."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.inspect import (
    BoolType,
    Field,
    FloatType,
    IntType,
    LiteralType,
    Metadata,
    StrType,
    StructType,
    UnionType,
    type_info,
)
from msgspec.structs import replace

from engine.protocol.problems import Refused

S = TypeVar("S", bound=Struct)
Value = int | float | str | bool


class Option(Struct, frozen=True):
    """One field of a spec; `path` joins nested names with dots: "method.rank"."""

    path: str
    title: str
    help: str
    kind: str  # "int", "float", "bool", "str" or "choice"
    default: Value | None  # None: must be given
    unit: str = ""
    shown: bool = False
    group: str = ""  # heading under which it stands among all settings
    choices: tuple[str, ...] = ()
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    max_length: int | None = None  # characters


KIND = ".kind"
BOUNDS = ("ge", "gt", "le", "lt", "max_length")
KINDS: dict[type, str] = {
    IntType: "int",
    FloatType: "float",
    BoolType: "bool",
    StrType: "str",
    LiteralType: "choice",
}


def options_of(
    spec: type[Struct], prefix: str = "", *, kinds: Mapping[str, str] | None = None
) -> Iterator[Option]:
    """Every option of a spec, nested specs included, in the order of their declaration.

    A field that is one of several specs gives the choice "field.kind" and then the options of the
    kind that `kinds` names for that choice, or of its default.
    """
    return iter(_declared(spec, prefix, frozenset((kinds or {}).items())))


@lru_cache(maxsize=256)
def _declared(
    spec: type[Struct], prefix: str, chosen: frozenset[tuple[str, str]]
) -> tuple[Option, ...]:
    """Read once for each choice of kinds: a form asks for them at every key stroke."""
    return tuple(_read(spec, prefix, dict(chosen)))


def _read(spec: type[Struct], prefix: str, kinds: Mapping[str, str]) -> Iterator[Option]:
    info = type_info(spec)
    assert isinstance(info, StructType)
    for field in info.fields:
        kind = field.type
        inner = kind.type if isinstance(kind, Metadata) else kind
        if isinstance(inner, StructType):
            yield from _read(inner.cls, f"{prefix}{field.name}.", kinds)
        elif isinstance(inner, UnionType):
            choice = _choice_of_kind(field, inner, prefix)
            yield choice
            member = _member(inner, choice, kinds.get(choice.path, str(choice.default)))
            yield from _read(member.cls, f"{prefix}{field.name}.", kinds)
        elif type(inner) in KINDS:
            yield _option(field, kind, inner, prefix)


def every_option_of(spec: type[Struct]) -> Iterator[Option]:
    """The options of every kind; those of the same path come once for each that differs."""
    seen: set[Option] = set()
    for kinds in [{}, *_other_kinds(spec)]:
        for option in options_of(spec, kinds=kinds):
            if option not in seen:
                seen.add(option)
                yield option


def _other_kinds(spec: type[Struct]) -> Iterator[dict[str, str]]:
    for option in options_of(spec):
        if option.path.endswith(KIND):
            yield from ({option.path: choice} for choice in option.choices)


def kinds_in(spec: Struct) -> dict[str, str]:
    """Which kind each field has that is one of several specs: {"method.kind": "lora"}."""
    paths = (option.path for option in options_of(type(spec)) if option.path.endswith(KIND))
    return {path: str(get_value(spec, path)) for path in paths}


def _members(union: UnionType) -> Iterator[StructType]:
    return (each for each in union.types if isinstance(each, StructType))


def _member(union: UnionType, choice: Option, kind: str) -> StructType:
    for each in _members(union):
        if each.tag == kind:
            return each
    raise Refused(
        "settings.invalid",
        f"There is no {choice.title.lower()} '{kind}'.",
        f"Known: {', '.join(choice.choices)}.",
    )


def _choice_of_kind(field: Field, union: UnionType, prefix: str) -> Option:
    return Option(
        path=f"{prefix}{field.name}{KIND}",
        title=field.name.replace("_", " ").capitalize(),
        help="",
        kind="choice",
        default=str(field.default.__struct_config__.tag),
        choices=tuple(str(each.tag) for each in _members(union)),
    )


def _option(field: Field, kind: Any, inner: Any, prefix: str) -> Option:
    schema: dict[str, Any] = (kind.extra_json_schema or {}) if isinstance(kind, Metadata) else {}
    extra: dict[str, Any] = (kind.extra or {}) if isinstance(kind, Metadata) else {}
    bounds = {name: getattr(inner, name, None) for name in BOUNDS}
    return Option(
        path=prefix + field.name,
        title=schema.get("title", field.name.replace("_", " ").capitalize()),
        help=schema.get("description", ""),
        kind=KINDS[type(inner)],
        default=None if field.default is msgspec.NODEFAULT else field.default,
        unit=extra.get("unit", ""),
        shown=bool(extra.get("shown", False)),
        group=extra.get("group", ""),
        choices=tuple(str(value) for value in inner.values)
        if isinstance(inner, LiteralType)
        else (),
        **bounds,
    )


def get_value(spec: Struct, path: str) -> Value:
    """The value at a path like "method.rank"; "method.kind" is the tag of what is there."""
    value: Any = spec
    *parents, last = path.split(".")
    for name in parents:
        value = getattr(value, name)
    if f".{last}" == KIND:
        return str(value.__struct_config__.tag)
    return getattr(value, last)  # type: ignore[no-any-return]


def with_values(spec: S, values: Mapping[str, Value]) -> S:
    """The spec with those paths set, checked against the declaration; text is converted.

    Another kind begins with its own defaults. Raises Refused naming the option when a path or a
    kind is unknown or a value is out of its bounds.
    """
    plain = msgspec.to_builtins(spec)
    kinds = kinds_in(spec)
    for path, before in kinds.items():
        if path in values and str(values[path]) != before:
            kinds[path] = str(values[path])
            _field_of(plain, path.removesuffix(KIND)).clear()
    known = {option.path for option in options_of(type(spec), kinds=kinds)}
    for path, value in values.items():
        if path not in known:
            raise Refused(
                "settings.unknown",
                f"There is no setting '{path}'.",
                f"Known: {', '.join(sorted(known))}.",
            )
        parent, _, last = path.rpartition(".")
        _field_of(plain, parent)[last] = value
    try:
        return msgspec.convert(plain, type(spec), strict=False)
    except msgspec.ValidationError as error:
        raise Refused(
            "settings.invalid", f"{error}.", "Correct that setting and try again."
        ) from error


def fitting(
    spec: Struct, values: Mapping[str, Value], *, meant_for: Mapping[str, str] | None = None
) -> dict[str, Value]:
    """Of values that were meant for other kinds, such as a preset's, those that this spec has too.

    `meant_for` names those kinds. What two kinds declare differently is not the same setting,
    though its name be the same: VeRA's rank is not LoRA's. Only the defaults may differ.
    """
    here = _without_defaults(type(spec), kinds_in(spec))
    there = here if meant_for is None else _without_defaults(type(spec), meant_for)
    return {
        path: value
        for path, value in values.items()
        if path in here and here[path] == there.get(path)
    }


def _without_defaults(spec: type[Struct], kinds: Mapping[str, str]) -> dict[str, Option]:
    return {each.path: replace(each, default=None) for each in options_of(spec, kinds=kinds)}


def _field_of(plain: dict[str, Any], path: str) -> dict[str, Any]:
    for name in filter(None, path.split(".")):
        plain = plain[name]
    return plain
