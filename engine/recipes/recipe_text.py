"""A recipe's text as plain data: YAML or JSON, bounded before anything is built from it."""

import json
import math
from pathlib import Path
from typing import Any

import yaml

from engine.protocol.problems import Refused

MOST_BYTES = 1_000_000
DEEPEST = 32
MOST_NODES = 20_000  # with every alias counted as what it stands for
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class StrictLoader(LOADER):  # type: ignore[misc]  # which of the two is known at run time alone
    """The safe loader, which knows plain data only; a key that comes twice is refused."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        _refuse_repeated([key for key in keys if key != "<<"])
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


class PlainDumper(yaml.SafeDumper):
    """Writes every value out, without anchors and aliases."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def read_recipe(path: Path) -> str:
    """The text of a file. Raises Refused for one that is missing, too large or no UTF-8."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        reason = f"'{path.name}' cannot be read: {error.strerror}"
        raise Refused("recipes.unreadable", f"{reason}.", "Check the path.") from error
    if len(content) > MOST_BYTES:
        raise _too_large()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable("it is not UTF-8 text") from error


def parse_recipe(text: str) -> dict[str, Any]:
    """The mapping that a recipe is. Raises Refused for anything else, large, deep or tagged."""
    if len(text) > MOST_BYTES:
        raise _too_large()
    try:
        content = _json(text) if text.lstrip()[:1] == "{" else _yaml(text)
    except RecursionError as error:
        raise _too_deep() from error
    except yaml.YAMLError as error:
        raise _unreadable(_words_of(error)) from error
    except ValueError as error:  # JSON's, and numbers that are none
        raise _unreadable(str(error)) from error
    if not isinstance(content, dict):
        raise _unreadable("it is no mapping of names to values")
    return content


def format_recipe(recipe: dict[str, Any], comment: str = "") -> str:
    """YAML in the order of the mapping."""
    head = "".join(f"# {line}\n" for line in comment.splitlines())
    body: str = yaml.dump(
        recipe, Dumper=PlainDumper, sort_keys=False, allow_unicode=True, width=100
    )
    return head + body


def _json(text: str) -> Any:
    """JSON; what begins with a brace and is none may be a flow mapping of YAML."""
    try:
        content = json.loads(text, object_pairs_hook=_mapping, parse_constant=_no_number)
    except json.JSONDecodeError:
        return _yaml(text)
    _check_size(content)
    return content


def _yaml(text: str) -> Any:
    _check_events(text)
    loader = StrictLoader(text)
    try:
        return _plain(loader.get_single_data())
    finally:
        loader.dispose()


def _check_events(text: str) -> None:
    """Follow the parser's events, which build nothing, and stop at the first bound."""
    sizes: dict[str, int] = {}  # of what each anchor stands for
    open_nodes: list[tuple[str | None, int]] = []
    for event in yaml.parse(text, Loader=LOADER):
        anchor, size = getattr(event, "anchor", None), 1
        if isinstance(event, yaml.CollectionStartEvent):
            if len(open_nodes) == DEEPEST:
                raise _too_deep()
            open_nodes.append((anchor, 1))
            continue
        if isinstance(event, yaml.AliasEvent):
            if anchor is None or anchor not in sizes:
                raise _unreadable(f"the alias '{str(anchor)[:40]}' stands for nothing complete")
            size = sizes[anchor]
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, size = open_nodes.pop()
        elif not isinstance(event, yaml.ScalarEvent):
            continue
        if anchor is not None:
            sizes[anchor] = size
        if open_nodes:
            above, before = open_nodes[-1]
            open_nodes[-1] = (above, before + size)
            size += before
        if size > MOST_NODES:
            raise _too_large()


def _check_size(content: Any) -> None:
    level, nodes = [content], 0
    for _ in range(DEEPEST + 1):
        nodes += len(level)
        if nodes > MOST_NODES:
            raise _too_large()
        level = [each for node in level for each in _inside(node)]
        if not level:
            return
    raise _too_deep()


def _inside(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return [*node.values()]
    return node if isinstance(node, list) else []


def _plain(node: Any) -> Any:
    """Text keys, lists and JSON's own scalars; dates and the like become their text."""
    if isinstance(node, dict):
        return _mapping([(str(key), _plain(value)) for key, value in node.items()])
    if isinstance(node, list | tuple | set):
        return [_plain(each) for each in node]
    if isinstance(node, float) and not math.isfinite(node):
        return str(node)
    return node if isinstance(node, bool | int | float | str | None) else str(node)


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _refuse_repeated([key for key, _ in pairs])
    return dict(pairs)


def _refuse_repeated(keys: list[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise _unreadable(f"'{key[:40]}' stands twice in one mapping")
        seen.add(key)


def _no_number(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")


def _words_of(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or "it is no YAML"
    mark = getattr(error, "problem_mark", None)
    where = f" in line {mark.line + 1}" if mark is not None else ""
    return f"{' '.join(str(problem).split())[:160]}{where}"


def _unreadable(reason: str) -> Refused:
    return Refused(
        "recipes.unreadable",
        f"The recipe cannot be read: {reason}.",
        "An Olive recipe is YAML or JSON with input_model, data_configs and passes.",
    )


def _too_large() -> Refused:
    return Refused(
        "recipes.too-large",
        f"The recipe is larger than {MOST_BYTES // 1_000_000} MB or {MOST_NODES:,} values.",
        "Choose the recipe itself and not its data.",
    )


def _too_deep() -> Refused:
    return Refused(
        "recipes.too-deep",
        f"The recipe is nested deeper than {DEEPEST} levels.",
        "Choose a recipe that Olive itself would read.",
    )
