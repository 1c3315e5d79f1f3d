"""The options of a spec, read from its one declaration: for forms, flags and documentation."""

from collections.abc import Iterator, Mapping
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
    type_info,
)

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
    choices: tuple[str, ...] = ()
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None


KINDS: dict[type, str] = {
    IntType: "int",
    FloatType: "float",
    BoolType: "bool",
    StrType: "str",
    LiteralType: "choice",
}


def options_of(spec: type[Struct], prefix: str = "") -> Iterator[Option]:
    """Every option of a spec, nested specs included, in the order of their declaration."""
    info = type_info(spec)
    assert isinstance(info, StructType)
    for field in info.fields:
        kind = field.type
        inner = kind.type if isinstance(kind, Metadata) else kind
        if isinstance(inner, StructType):
            yield from options_of(inner.cls, f"{prefix}{field.name}.")
        elif type(inner) in KINDS:
            yield _option(field, kind, inner, prefix)


def _option(field: Field, kind: Any, inner: Any, prefix: str) -> Option:
    schema: dict[str, Any] = (kind.extra_json_schema or {}) if isinstance(kind, Metadata) else {}
    extra: dict[str, Any] = (kind.extra or {}) if isinstance(kind, Metadata) else {}
    bounds = {name: getattr(inner, name, None) for name in ("ge", "gt", "le", "lt")}
    return Option(
        path=prefix + field.name,
        title=schema.get("title", field.name.replace("_", " ").capitalize()),
        help=schema.get("description", ""),
        kind=KINDS[type(inner)],
        default=None if field.default is msgspec.NODEFAULT else field.default,
        unit=extra.get("unit", ""),
        shown=bool(extra.get("shown", False)),
        choices=tuple(str(value) for value in inner.values)
        if isinstance(inner, LiteralType)
        else (),
        **bounds,
    )


def get_value(spec: Struct, path: str) -> Value:
    """The value at a path like "method.rank"."""
    value: Any = spec
    for name in path.split("."):
        value = getattr(value, name)
    return value  # type: ignore[no-any-return]


def with_values(spec: S, values: Mapping[str, Value]) -> S:
    """The spec with those paths set, checked against the declaration; text is converted.

    Raises Refused naming the option when a path is unknown or a value is out of its bounds.
    """
    plain = msgspec.to_builtins(spec)
    known = {option.path for option in options_of(type(spec))}
    for path, value in values.items():
        if path not in known:
            raise Refused(
                "settings.unknown",
                f"There is no setting '{path}'.",
                f"Known: {', '.join(sorted(known))}.",
            )
        *parents, last = path.split(".")
        at = plain
        for name in parents:
            at = at[name]
        at[last] = value
    try:
        return msgspec.convert(plain, type(spec), strict=False)
    except msgspec.ValidationError as error:
        raise Refused(
            "settings.invalid", f"{error}.", "Correct that setting and try again."
        ) from error
