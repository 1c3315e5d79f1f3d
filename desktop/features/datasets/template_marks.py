"""The marks of a template's text: what is written out, what is filled in, what is learned."""

import re
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from engine.protocol.dataset_specs import Template

Syntax = Literal["fields", "jinja"]
Kind = Literal["text", "name", "mark"]

FIELDS = re.compile(r"\\\[\[|\\\]\]|\{\{|\}\}|\[\[|\]\]|\{[^{}\n]*\}")
JINJA = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
LEARNED_BLOCK = re.compile(r"\{%[-+]?\s*(end)?generation\b")
TOKENS = ("bos_token", "eos_token")


class Span(Struct, frozen=True):
    """A stretch of one line, in characters."""

    start: int
    end: int
    kind: Kind
    learned: bool


class Part(Struct, frozen=True):
    """A stretch of the whole text; one after the other they are all of it."""

    text: str
    kind: Kind
    learned: bool


def parts_of(text: str, syntax: Syntax) -> list[Part]:
    """A text that is still being written has parts too: a mark that stands alone is just text."""
    parts = list(_field_parts(text) if syntax == "fields" else _jinja_parts(text))
    if syntax == "fields" and not any(part.learned for part in parts):
        places = [at for at, part in enumerate(parts) if _is_column(part)]
        last = places[-1] if places else len(parts)
        parts = [Part(part.text, part.kind, at >= last) for at, part in enumerate(parts)]
    return parts


def lines_of(text: str, syntax: Syntax) -> list[list[Span]]:
    """The marks of each line."""
    lines: list[list[Span]] = [[]]
    column = 0
    for part in parts_of(text, syntax):
        for number, piece in enumerate(part.text.split("\n")):
            if number:
                lines.append([])
                column = 0
            if piece:
                lines[-1].append(Span(column, column + len(piece), part.kind, part.learned))
                column += len(piece)
    return lines


def names_in(template: Template) -> tuple[str, ...]:
    """Columns that a template of fields reads; what Jinja reads cannot be told from its text."""
    if template.syntax == "jinja":
        return ()
    names = (part.text[1:-1] for part in parts_of(template.text, "fields") if _is_column(part))
    return tuple(dict.fromkeys(names))


def named(name: str, syntax: Syntax) -> str:
    """How a name is written so that its text stands there."""
    return f"{{{name}}}" if syntax == "fields" else f"{{{{ {name} }}}}"


def learned_marks(syntax: Syntax) -> tuple[str, str]:
    if syntax == "fields":
        return "[[", "]]"
    return "{% generation %}", "{% endgeneration %}"


def writable(name: str, syntax: Syntax) -> bool:
    """Whether a template can name that column."""
    return not set(name) & set("{}\n") if syntax == "fields" else name.isidentifier()


def _is_column(part: Part) -> bool:
    return part.kind == "name" and part.text[1:-1] not in TOKENS


def _field_parts(text: str) -> Iterator[Part]:
    learned, done = False, 0
    for found in FIELDS.finditer(text):
        if found.start() > done:
            yield Part(text[done : found.start()], "text", learned)
        done = found.end()
        mark = found[0]
        if mark in ("[[", "]]"):
            learned = mark == "[["
            yield Part(mark, "mark", True)
        elif mark.startswith("{") and mark not in ("{{", "{}"):
            yield Part(mark, "name", learned)
        else:
            yield Part(mark, "text", learned)
    if done < len(text):
        yield Part(text[done:], "text", learned)


def _jinja_parts(text: str) -> Iterator[Part]:
    learned, done = False, 0
    for found in JINJA.finditer(text):
        if found.start() > done:
            yield Part(text[done : found.start()], "text", learned)
        done = found.end()
        block = LEARNED_BLOCK.match(found[0])
        if block is not None:
            learned = block[1] is None
            yield Part(found[0], "mark", True)
        elif found[0].startswith("{{"):
            yield from _expression(found[0], learned)
        else:
            yield Part(found[0], "mark", learned)
    if done < len(text):
        yield Part(text[done:], "text", learned)


def _expression(text: str, learned: bool) -> Iterator[Part]:
    """What stands in quotes is written out as it is."""
    done = 0
    for found in QUOTED.finditer(text):
        yield Part(text[done : found.start()], "name", learned)
        yield Part(found[0], "text", learned)
        done = found.end()
    yield Part(text[done:], "name", learned)
