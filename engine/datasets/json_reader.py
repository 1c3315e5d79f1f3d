"""JSON and JSON Lines, whichever the content is."""

import io
import json
import re
from collections.abc import Iterator
from itertools import islice

import msgspec

from engine.datasets.findings import Findings
from engine.datasets.source import Progress, Record, Source, bounded_lines, is_clean
from engine.protocol.problems import Refused

WHOLE_LIMIT = 512 * 1024 * 1024  # bytes; a JSON list is held in memory, JSON Lines are not
WRAPPED = re.compile(r'\s*\{\s*"(?:data|rows|examples|records|items|train)"\s*:\s*\[')
BROKEN_LIMIT = 100  # elements of one list; each error costs a walk through the whole text
PEEKED = 50  # lines
PEEK_LIMIT = 1 << 20  # characters of one line
DECODER = json.JSONDecoder(strict=False)
FORGIVABLE = re.compile(r"NaN|Infinity|[\x00-\x1f]|\}$")
SPACE_OR_COMMA = re.compile(r"[\s,]*")


def read_json(source: Source, findings: Findings, progress: Progress) -> Iterator[Record]:
    """One record per line, or per element of a list; a bare list of messages is one record.

    What cannot be parsed becomes a finding with its line; reading goes on behind it.
    """
    lines = is_lines(source)
    with source.open() as text:
        if not lines:
            if source.path.stat().st_size > WHOLE_LIMIT:
                raise Refused(
                    "datasets.too-large",
                    f"{source.name} is one JSON value of more than 512 MB.",
                    "Write it as JSON Lines: one object per line.",
                )
            yield from _whole(text.read(), findings, progress)
            return
        for number, line in bounded_lines(text, findings, progress):
            if line.strip():
                yield from read_line(number, line, findings)


def is_lines(source: Source) -> bool:
    """Whether every line is a value of its own, told from the first lines."""
    with source.open() as text:
        lines = [line for line in islice(_peek(text), PEEKED) if line.strip()]
    if not lines:
        return True
    if len(lines[0]) == PEEK_LIMIT:  # cut: too long to be parsed only to see what it is
        return not lines[0].lstrip().startswith("[") and not WRAPPED.match(lines[0])
    first = _read(lines[0], brief=True)[0]
    if isinstance(first, dict):
        return not WRAPPED.match(lines[0]) or len(lines) > 1
    if isinstance(first, list):
        return len(lines) > 1
    if not lines[0].lstrip().startswith(("{", "[")):
        return True
    if len(lines) > 1 and all(line[0] in "{[" for line in lines):
        return True
    return any(line[0] in "{[" and _read(line, brief=True)[0] is not None for line in lines[1:])


def _peek(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(PEEK_LIMIT):
        yield line


def read_line(number: int, line: str, findings: Findings) -> Iterator[Record]:
    """The record of one line of JSON; what is wrong with it becomes a finding."""
    value, why = _read(line, brief=findings.full)
    if why:
        findings.error(why, number)
    elif isinstance(value, dict):
        yield Record(number, value)
    elif _is_messages(value):
        yield Record(number, {"messages": value})
    else:
        findings.error("The line holds no JSON object", number)


def _read(line: str, *, brief: bool) -> tuple[object, str]:
    """The value of a line, and why there is none; `brief` spares the search for the reason.

    Forgives what Python's JSON forgives (NaN, control characters) and a comma at the end.
    """
    try:
        return msgspec.json.decode(line), ""
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass
    text = line.strip().rstrip(",")
    if brief and not FORGIVABLE.search(text):
        return None, "The line is not valid JSON"
    try:
        return DECODER.decode(text), ""
    except json.JSONDecodeError as error:
        if not is_clean(line):
            return None, "The line holds bytes that are not in the file's encoding"
        return (
            None,
            f"The line is not valid JSON: {error.msg.removesuffix(' at')}, column {error.colno}",
        )
    except (ValueError, RecursionError):
        return None, "The line is nested too deeply"


def _is_messages(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(each, dict) and ("role" in each or "from" in each) for each in value)
    )


def _whole(text: str, findings: Findings, progress: Progress) -> Iterator[Record]:
    wrapped = WRAPPED.match(text)
    at = wrapped.end() if wrapped else len(text) - len(text.lstrip())
    in_list = wrapped is not None
    if not in_list and text[at : at + 1] == "[":
        at, in_list = at + 1, True
    line, counted, broken = 1, 0, 0
    indent: str | None = None
    closed = False
    while True:
        at = _skip(text, at)
        if at >= len(text):
            break
        line += text.count("\n", counted, at)
        counted = at
        if text[at] == "]" and in_list:
            closed = True
            break
        if indent is None:
            indent = text[text.rfind("\n", 0, at) + 1 : at]
        value, end, why = _element(text, at)
        if why:
            findings.error(why, line)
            broken += 1
            if broken > BROKEN_LIMIT:
                findings.error("Too many elements cannot be read; the rest is not read", line)
                return
        elif isinstance(value, dict):
            yield Record(line, value)
        elif _is_messages(value):
            yield Record(line, {"messages": value})
        else:
            findings.error("The element is no JSON object", line)
        at = end if not why else _next_element(text, at, indent)
        progress(at / len(text))
    if in_list and not closed:
        findings.add("file", "The list is not closed; the file may be cut off", line=line)


def _skip(text: str, at: int) -> int:
    found = SPACE_OR_COMMA.match(text, at)
    return found.end() if found else at


def _element(text: str, at: int) -> tuple[object, int, str]:
    """The value at that place, where it ends, and why it cannot be read."""
    try:
        value, end = DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        line = error.lineno
        return None, at, f"The element is not valid JSON: {error.msg} in line {line}"
    except (ValueError, RecursionError):
        return None, at, "The element is nested too deeply"
    return value, end, ""


def _next_element(text: str, at: int, indent: str) -> int:
    """Where the next element begins in a file with one indentation; its end if there is none."""
    if indent.strip():
        return len(text)
    found = re.compile(rf"\n{indent}(?=[{{\[])").search(text, at)
    return found.end() if found else len(text)
