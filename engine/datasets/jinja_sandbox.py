"""Jinja for text from elsewhere: no way out of the template, and no work without end."""

import json
from collections.abc import Callable, Iterable, Iterator, Sized
from functools import wraps
from typing import Any, NoReturn

import jinja2
from jinja2 import nodes
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace, missing
from jinja2.visitor import NodeTransformer

LIMIT = 4_000_000  # characters of a text, items of a list
STEPS = 1_000_000  # turns of loops and calls; about a second
CHARACTERS_PER_STEP = 64
BITS = 4096  # of a whole number
FILTER_NAMES = (
    "abs", "capitalize", "count", "d", "default", "dictsort", "first", "float", "groupby", "int",
    "items", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr",
    "reverse", "select", "selectattr", "sort", "title", "trim", "truncate", "unique", "upper",
)  # fmt: skip
METHODS = frozenset({
    "capitalize", "count", "endswith", "find", "get", "index", "isalnum", "isalpha", "isdigit",
    "islower", "isspace", "isupper", "items", "join", "keys", "lower", "lstrip", "partition",
    "removeprefix", "removesuffix", "replace", "rfind", "rpartition", "rsplit", "rstrip", "split",
    "splitlines", "startswith", "strip", "title", "upper", "values",
})  # fmt: skip
PLAIN = (str, bytes, int, float, list, tuple, dict)


class Unknown(jinja2.Undefined):
    """A name that is none is false, but cannot be written; a missing key is empty."""

    def __str__(self) -> str:
        if self._undefined_obj is missing or self._undefined_exception is SecurityError:
            self._fail_with_undefined_error()
        return ""


class Bounded(NodeTransformer):
    """Has every loop counted and every joined text measured."""

    def visit_For(self, node: nodes.For) -> nodes.Node:
        if node.recursive:
            raise jinja2.TemplateSyntaxError("recursive loops are not allowed", node.lineno)
        self.generic_visit(node)
        node.iter = _called("counted", node.iter)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return _called("written", *node.nodes)


def _called(method: str, *arguments: Any) -> nodes.Expr:
    line = arguments[0].lineno
    attribute = nodes.EnvironmentAttribute(method, lineno=line)
    return nodes.Call(attribute, [*arguments], [], None, None, lineno=line)


class Names(Namespace):
    """Jinja's `namespace()`, without names that lead into Python."""

    def __init__(self, /, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        for name, value in dict(*args, **kwargs).items():
            self[name] = value

    def __setitem__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            raise jinja2.TemplateError(f"the name '{name}' begins with an underscore")
        super().__setitem__(name, value)


class Sandbox(ImmutableSandboxedEnvironment):
    """Hugging Face's Jinja (its options and its names) with limits on time and size."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, extensions: Iterable[type[Any]]) -> None:
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=Unknown,
            optimized=False,  # nothing is reckoned while a template is only read
            finalize=_writable,
            extensions=[*extensions, "jinja2.ext.loopcontrols"],
        )
        self._steps = 0
        own = {
            "join": self._join,
            "replace": self._replace,
            "string": self.written,
            "tojson": self._json,
        }
        kept = {name: FILTERS[name] for name in FILTER_NAMES}
        kept["safe"] = lambda value: value  # nothing is escaped
        self.filters = {name: self._charged(made) for name, made in (kept | own).items()}
        self.globals = {"range": self._range, "namespace": Names, "raise_exception": _refuse}

    def refill(self) -> None:
        """Give the next rendering its own number of steps."""
        self._steps = STEPS

    def charge(self, steps: int) -> None:
        self._steps -= steps
        if self._steps < 0:
            raise jinja2.TemplateError(f"it takes more than {STEPS:,} steps")

    def counted(self, items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            self.charge(1)
            yield item

    def written(self, *values: Any) -> str:
        """The values' texts, one after the other: Jinja's `~`."""
        return self.concat([str(_writable(value)) for value in values])

    def call(self, context: Any, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        owner = getattr(function, "__self__", None)
        self.charge(_cost(owner, *args))
        if isinstance(owner, str) and function.__name__ == "replace":
            return self._replace(owner, *args, **kwargs)
        if isinstance(owner, str) and function.__name__ == "join":
            return self._join(args[0] if args else (), owner)
        return _measured(super().call(context, function, *args, **kwargs))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        sized = [each for each in (left, right) if isinstance(each, Sized)]
        size = sum(map(len, sized))
        if operator == "*" and sized:
            numbers = [each for each in (left, right) if isinstance(each, int)]
            size *= numbers[0] if numbers else 1
        if operator == "%" and sized:
            raise jinja2.TemplateError("'%' is for numbers; join texts with '~'")
        if operator in ("*", "**") and isinstance(left, int) and isinstance(right, int):
            bits = left.bit_length()
            if (bits + right.bit_length() if operator == "*" else bits * right) > BITS:
                raise jinja2.TemplateError("the number becomes too large")
        self.charge(1 + size // CHARACTERS_PER_STEP)
        _within(size)
        return super().call_binop(context, operator, left, right)

    def wrap_str_format(self, value: Any) -> None:
        """`str.format` is no method here: it can make any length of one number."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, PLAIN):
            return attr in METHODS
        return super().is_safe_attribute(obj, attr, value)

    def _charged(self, made: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(made)
        def charged(*args: Any, **kwargs: Any) -> Any:
            self.charge(_cost(*args))
            return _measured(made(*args, **kwargs))

        return charged

    def _range(self, *bounds: int) -> range:
        numbers = range(*bounds)
        self.charge(_within(len(numbers)))
        return numbers

    def concat(self, texts: Iterable[str], /) -> str:
        found = [*texts]
        self.charge(1 + _within(sum(map(len, found))) // CHARACTERS_PER_STEP)
        return "".join(found)

    def _join(self, items: Iterable[Any], d: str = "") -> str:
        texts = [str(_writable(item)) for item in items]
        _within(sum(map(len, texts)) + len(d) * len(texts))
        return d.join(texts)

    def _replace(self, text: str, old: str, new: str, count: int = -1) -> str:
        text = str(text)
        times = text.count(old) if count < 0 else min(text.count(old), count)
        _within(len(text) + times * len(new))
        return text.replace(old, new, count)

    def _json(self, value: Any, ensure_ascii: bool = False, indent: int | None = None) -> str:
        """As Hugging Face's `tojson`: without the escapes for HTML."""
        encoder = json.JSONEncoder(ensure_ascii=ensure_ascii, indent=indent and min(indent, 16))
        chunks: list[str] = []
        for chunk in encoder.iterencode(value):
            self.charge(1)
            chunks.append(chunk)
        return self.concat(chunks)


def _cost(*values: Any) -> int:
    """Steps that a call takes at least, by the size of what it is given."""
    sizes = (len(value) for value in values if isinstance(value, str | list | tuple | dict))
    return 1 + sum(sizes) // CHARACTERS_PER_STEP


def _within(size: int) -> int:
    if size > LIMIT:
        raise jinja2.TemplateError(f"a text becomes longer than {LIMIT:,} characters")
    return size


def _measured(value: Any) -> Any:
    if isinstance(value, str | list):
        _within(len(value))
    return value


def _writable(value: Any) -> Any:
    """Text and numbers; a list in a list in a list could become any length."""
    if isinstance(value, list | tuple | dict):
        raise jinja2.TemplateError("a list or a mapping cannot be written; use '| tojson'")
    return value


def _refuse(message: object) -> NoReturn:
    raise jinja2.TemplateError(str(message))
