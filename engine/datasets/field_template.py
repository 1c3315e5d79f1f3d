r"""Templates as in Olive: `{column}` placeholders, and `[[ ]]` around what is to be learned.

Without such marks everything from the last placeholder to the end is learned. `{{` and `}}` write
a brace, `\[[` and `\]]` the brackets themselves; `{bos_token}` and `{eos_token}` are the base's.
"""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from engine.datasets.pieces import Piece, fault

MARKS = re.compile(r"\\\[\[|\\\]\]|\{\{|\}\}|\[\[|\]\]|\{[^{}\n]*\}|[{}]")
WRITTEN = {r"\[[": "[[", r"\]]": "]]", "{{": "{", "}}": "}"}
TOKENS = frozenset({"bos_token", "eos_token"})


class Part(Struct, frozen=True):
    """A stretch of plain text, or the name of a column."""

    text: str
    column: bool
    learned: bool
    line: int


class FieldTemplate:
    """A template's text, read once. Raises Refused naming the line that is wrong."""

    whole = False  # a row of several exchanges is rendered exchange by exchange

    def __init__(self, text: str) -> None:
        parts = [*_parts(text)]
        data = [at for at, part in enumerate(parts) if part.column and part.text not in TOKENS]
        if not data:
            raise fault(0, "it names no column", "Write a column's name in braces, as {text}.")
        if not any(part.learned for part in parts):
            parts = [replace(part, learned=at >= data[-1]) for at, part in enumerate(parts)]
        first = next(at for at, part in enumerate(parts) if part.learned)
        self._parts = parts
        self.required = {parts[at].text: parts[at].line for at in reversed(data)}
        self.names = tuple(dict.fromkeys(parts[at].text for at in data))
        self.before: tuple[str, ...] | None = tuple(parts[at].text for at in data if at < first)
        self.learned: tuple[str, ...] | None = tuple(
            parts[at].text for at in data if parts[at].learned
        )

    def pieces(self, values: Mapping[str, object]) -> list[Piece]:
        """One exchange. An answer that ends the text is followed by the base's end of sequence.

        Without it the adapter would never learn to stop. `values` has `bos_token` and `eos_token`.
        """
        pieces = [
            Piece(str(values.get(part.text, "")) if part.column else part.text, loss=part.learned)
            for part in self._parts
        ]
        end = str(values["eos_token"])
        text = "".join(piece.text for piece in pieces if piece.loss)
        if self._parts[-1].learned and text and not text.endswith(end):
            pieces.append(Piece(end, loss=True))
        return pieces


def _parts(text: str) -> Iterator[Part]:
    opened, done = 0, 0  # the line of an open mark; the characters that are read
    for found in MARKS.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        if found.start() > done:
            yield Part(text[done : found.start()], False, opened > 0, line)
        done = found.end()
        mark = found[0]
        if mark in WRITTEN:
            yield Part(WRITTEN[mark], False, opened > 0, line)
        elif mark in ("[[", "]]"):
            if (mark == "[[") == (opened > 0):
                raise fault(
                    line,
                    "'[[' stands inside another '[['" if opened else "']]' has no '[[' before it",
                    rf"Write \{mark} for the brackets themselves.",
                )
            opened = line if mark == "[[" else 0
        elif len(mark) > 2:
            yield Part(mark[1:-1], True, opened > 0, line)
        else:
            reason = "'{}' names no column" if mark == "{}" else f"'{mark}' stands alone"
            raise fault(line, reason, "Write {{ and }} for the braces themselves.")
    if opened:
        raise fault(opened, "'[[' is never closed", "Write ']]' where what is learned ends.")
    if done < len(text):
        yield Part(text[done:], False, False, text.count("\n") + 1)
