"""Which words differ between two texts, cut down to one line around the first of them."""

import difflib
import re
from collections.abc import Sequence

from msgspec import Struct

WORDS = re.compile(r"\w+|\s+|[^\w\s]")
BEFORE = 40  # letters kept in front of the first difference
MOST = 160  # words compared from there on: more never fit on a line
READ = 4_000  # letters of a text that are looked at from there on
NEW_LINE = "↵"


class Piece(Struct, frozen=True):
    """A run of text that is, or is not, in the other text."""

    text: str
    differs: bool = False


Line = tuple[Piece, ...]


def differing(before: str, after: str) -> tuple[Line, Line]:
    """Both texts as one line each; what stands far in front of the first difference is cut."""
    start = _first_difference(before, after)
    head = before[max(0, start - BEFORE) : start]
    lead = f"… {head}" if start > BEFORE else head
    old, new = (_words(text[start : start + READ]) for text in (before, after))
    was, now = [Piece(lead)], [Piece(lead)]
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        same = kind == "equal"
        was.append(Piece("".join(old[a:b]), not same))
        now.append(Piece("".join(new[c:d]), not same))
    return _joined(was), _joined(now)


def plain(text: str) -> Line:
    """A text in which nothing is marked."""
    return _joined([Piece(text[:READ])])


def text_of(line: Sequence[Piece]) -> str:
    return "".join(piece.text for piece in line)


def _first_difference(before: str, after: str) -> int:
    """The beginning of the first word that differs."""
    at = 0
    for at, (a, b) in enumerate(zip(before, after, strict=False)):  # noqa: B007
        if a != b:
            break
    else:
        at = min(len(before), len(after))
    while at > 0 and before[at - 1].isalnum() and before[at - 1 : at + 1].isalnum():
        at -= 1
    return at


def _words(text: str) -> list[str]:
    return WORDS.findall(text)[:MOST]


def _joined(pieces: Sequence[Piece]) -> Line:
    """Without empty pieces; line breaks are shown, other space is one blank."""
    shown = (Piece(_visible(piece.text), piece.differs) for piece in pieces)
    return tuple(piece for piece in shown if piece.text)


def _visible(text: str) -> str:
    return re.sub(r"[^\S\n]+", " ", text).replace("\n", NEW_LINE)
