"""Rows in another language than most."""

import re
from array import array
from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import TYPE_CHECKING

from msgspec import Struct

from engine.datasets.language_names import LANGUAGE_NAMES, SAME_AS

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

CONFIDENT = 0.9
FEWEST_LETTERS = 30
LOOKED_AT = 200  # characters of prose
MAIN_SHARE = 0.8
LIKELIEST = 8  # languages whose shares are added up by group
REPORT_EVERY = 1000  # rows
_NO_LANGUAGE = "zxx"  # of ISO 639: no linguistic content

_NO_PROSE = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`|<[^<>\n]{1,200}>|\w+://\S+|www\.\S+|\S{1,64}@\S+", re.DOTALL
)
_MARKS = ("`", "<", "@", "://", "www.")  # without one of these there is nothing to take out
# Digits, marks and pictures. Vowel signs of Indian scripts count as letters, unlike in \w.
_NO_LETTERS = re.compile(
    r"[\s\d!-/:-@\[-`{-~\xa1-\xbf\u2000-\u2bff\u3000-\u303f\ufe00-\ufe0f\U0001f000-\U0001faff]+"
)
_SYLLABLE = re.compile(r"[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]")
_SYLLABLE_LETTERS = 3  # what one such sign tells
_CODE = str.maketrans("", "", '{}[]()=<>;_|#$&*+^~@\\"/')
_MOST_CODE = 0.06  # of the signs that are no spaces
_FEWEST_LETTERS_OF_ALL = 0.75


class OtherLanguage(Struct, frozen=True):
    """A row in another language than the dataset's; `language` is a code, such as "uk"."""

    row: int
    language: str


class Languages(Struct, frozen=True):
    """The language of most rows that have one, its share of them, and the rows in others.

    `main` is "" when no row has enough prose. `others` is empty when the main language has less
    than 80 %: such a dataset means to hold several.
    """

    main: str
    share: float
    others: tuple[OtherLanguage, ...]


def languages(
    texts: Iterable[tuple[int, str]], *, progress: Callable[[int], None] | None = None
) -> Languages:
    """Reads the texts once; `progress` is told how many have been read."""
    census = LanguageCensus()
    for count, (row, text) in enumerate(texts, 1):
        census.add(row, text)
        if progress is not None and count % REPORT_EVERY == 0:
            progress(count)
    return census.result()


class LanguageCensus:
    """Told of every row in turn, then asked. Loading the model takes half a second and 140 MB."""

    def __init__(self) -> None:
        self._identifier = _load_identifier()
        self._rows: dict[str, array[int]] = {}

    @property
    def recognised(self) -> frozenset[str]:
        """The codes of all languages that a row can be in."""
        labels = set(self._identifier.labels) - {_NO_LANGUAGE}
        return frozenset(SAME_AS.get(code, code) for code in labels)

    def add(self, row: int, text: str) -> None:
        if language := self.language(text):
            self._rows.setdefault(language, array("Q")).append(row)

    def language(self, text: str) -> str:
        """A code, or "" for a text that is too short, no prose, or not clearly of one language."""
        prose = prose_of(text)
        if not prose:
            return ""
        code, share = self._identifier.classify(prose)
        if share < CONFIDENT:  # perhaps shared by languages that count as one
            code, share = self._best_group(prose)
        return SAME_AS.get(code, code) if share >= CONFIDENT and code != _NO_LANGUAGE else ""

    def _best_group(self, prose: str) -> tuple[str, float]:
        shares: dict[str, float] = {}
        for code, share in self._identifier.rank(prose)[:LIKELIEST]:
            same = SAME_AS.get(code, code)
            shares[same] = shares.get(same, 0.0) + share
        return max(shares.items(), key=itemgetter(1))

    def result(self) -> Languages:
        total = sum(map(len, self._rows.values()))
        if not total:
            return Languages("", 0.0, ())
        main = max(sorted(self._rows), key=lambda code: len(self._rows[code]))
        share = len(self._rows[main]) / total
        others = [
            OtherLanguage(row, code)
            for code, rows in self._rows.items()
            for row in rows
            if code != main and share >= MAIN_SHARE
        ]
        return Languages(main, share, tuple(sorted(others, key=lambda other: other.row)))


def language_name(code: str) -> str:
    """For people: "Ukrainian" for "uk"; the code itself when it has no name here."""
    return LANGUAGE_NAMES.get(code, code)


def prose_of(text: str) -> str:
    """The beginning of a text without code, tags and addresses; "" when little else is there."""
    prose = text[: 4 * LOOKED_AT]
    if any(mark in prose for mark in _MARKS):
        prose = _NO_PROSE.sub(" ", prose)
    prose = " ".join(prose.split())[:LOOKED_AT]
    return prose if _is_prose(prose) else ""


def _is_prose(text: str) -> bool:
    letters = len(_NO_LETTERS.sub("", text))
    if letters < FEWEST_LETTERS:
        letters_worth = letters + (_SYLLABLE_LETTERS - 1) * len(_SYLLABLE.findall(text))
        if letters_worth < FEWEST_LETTERS:
            return False
    signs = len(text) - text.count(" ")
    code = len(text) - len(text.translate(_CODE))
    return letters >= _FEWEST_LETTERS_OF_ALL * signs and code <= _MOST_CODE * signs


def _load_identifier() -> "LanguageIdentifier":
    import numpy as np
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([*LANGUAGE_NAMES, *SAME_AS, _NO_LANGUAGE])
    # Its choice of columns leaves an array in which every row is scattered: half the speed.
    identifier.nb_ptc = np.ascontiguousarray(identifier.nb_ptc, np.float32)
    return identifier
