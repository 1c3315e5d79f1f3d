"""A reply's text in blocks: prose, and code that gets a widget of its own."""

import json
import re
from typing import NamedTuple

FENCE = re.compile(r" {0,3}(`{3,}|~{3,})\s*([^\s`{]*)[^`]*$")
GOES_ON = re.compile(r"(\s|[-*+] |\d{1,9}[.)] |>|\|)")  # a list, a quote, a table or an indent


class Block(NamedTuple):
    """`start` is where it begins in the source; an open fence is not `closed`."""

    text: str
    start: int
    code: bool = False
    language: str = ""
    closed: bool = True


def split_blocks(source: str, *, paragraphs: bool = False) -> list[Block]:
    """Prose and fenced code in turn; with `paragraphs` prose also ends at blank lines, so that
    what a stream has finished can be told from what still grows."""
    blocks: list[Block] = []
    prose: list[str] = []
    prose_start = at = 0
    fence: tuple[str, str, int] | None = None  # the mark, the language, where it begins
    code: list[str] = []
    blank = False

    def end_prose() -> None:
        if "".join(prose).strip():
            blocks.append(Block("".join(prose).rstrip(), prose_start))
        prose.clear()

    for line in source.splitlines(keepends=True):
        bare = line.rstrip("\n")
        mark = FENCE.match(bare)
        if fence is not None:
            if mark and mark[1].startswith(fence[0]) and not bare.strip(" `~"):
                blocks.append(Block("".join(code).rstrip("\n"), fence[2], True, fence[1]))
                fence = None
            else:
                code.append(line)
        elif mark:
            end_prose()
            fence, code = (mark[1], mark[2], at), []
        else:
            if paragraphs and blank and bare.strip() and not GOES_ON.match(bare):
                end_prose()
            if not prose:
                prose_start = at
            if prose or bare.strip():
                prose.append(line)
        blank = not bare.strip()
        at += len(line)
        if not prose:
            prose_start = at
    end_prose()
    if fence is not None:
        blocks.append(Block("".join(code).rstrip("\n"), fence[2], True, fence[1], closed=False))
    return blocks


def blocks_of(text: str) -> list[Block]:
    """The blocks of a whole reply; an answer that is only JSON is one block of code."""
    return [Block(text.strip(), 0, code=True)] if is_json(text) else split_blocks(text)


def is_json(text: str) -> bool:
    """Whether it is one JSON object or array and nothing else."""
    bare = text.strip()
    if not bare.startswith(("{", "[")):
        return False
    try:
        return isinstance(json.loads(bare), dict | list)
    except (ValueError, RecursionError):
        return False


def looks_like_json(text: str) -> bool:
    """Whether a reply that still grows may be going to be JSON."""
    return re.match(r"\s*(\{|\[\s*[\[{\"\d])", text) is not None
