"""Finding commands and places by fragments in any order."""

from collections.abc import Sequence


def match(text: str, query: str) -> tuple[tuple[int, int], ...] | None:
    """Where the fragments of the query lie in the text (start, length), or None.

    Every fragment must occur; each takes the first place that no other has taken, the start of
    a word before its inside.
    """
    folded = text.casefold()
    taken: list[tuple[int, int]] = []
    for word in sorted(query.casefold().split(), key=len, reverse=True):
        at = _place(folded, word, taken)
        if at is None:
            return None
        taken.append((at, len(word)))
    return tuple(sorted(taken))


def _place(text: str, word: str, taken: Sequence[tuple[int, int]]) -> int | None:
    inside: int | None = None
    at = text.find(word)
    while at >= 0:
        free = all(at + len(word) <= start or at >= start + size for start, size in taken)
        if free and (at == 0 or not text[at - 1].isalnum()):
            return at
        if free and inside is None:
            inside = at
        at = text.find(word, at + 1)
    return inside


def rank(text: str, spans: Sequence[tuple[int, int]]) -> tuple[int, int, int]:
    """Sorts matches: at word starts first, then the earliest, then the shortest."""
    loose = sum(1 for start, _ in spans if start > 0 and text[start - 1].isalnum())
    first = spans[0][0] if spans else 0
    return loose, first, len(text)
