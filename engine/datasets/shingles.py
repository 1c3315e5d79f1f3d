"""Texts as sets of short word sequences, whose overlap says how alike two texts are."""

import re
import unicodedata
from collections.abc import Sequence, Set

WIDTH = 3  # words
MOST_WORDS = 50_000  # of one text

# Scripts without spaces between words: Thai to Burmese, Khmer, kana, Chinese. A letter is a word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_PUNCTUATION = "\\s!-/:-@\\[-^`{-~\xa1\xab\xb7\xbb\xbf\u2000-\u206f\u3000-\u303f\ud800-\udfff"
_WORD = re.compile(
    rf"[-+*/<>=^%×÷−](?=\s?\d)"  # 5 - 3 is not 5 + 3
    rf"|[{_UNSPACED}]"
    rf"|[^{_PUNCTUATION}{_UNSPACED}]+"
)


def words_of(text: str) -> list[str]:
    """The first 50,000 words in lower case, without punctuation.

    Letters of scripts that put no space between words are words; so are signs before a number.
    """
    plain = unicodedata.normalize("NFKC", text[: MOST_WORDS * 40]).casefold()
    return _WORD.findall(plain)[:MOST_WORDS]


def shingles_of(words: Sequence[str]) -> frozenset[str]:
    """All sequences of three words (shingles: Broder, 1997, On the resemblance of documents).

    Lee et al. (2022, arXiv:2107.06499) take five for web pages. Rows are shorter: one word in
    fifty replaced leaves 0.88 in common by threes and 0.80 by fives. A text of one or two words
    is one sequence, so that it resembles nothing but itself.
    """
    width = min(WIDTH, len(words))
    if not width:
        return frozenset()
    return frozenset(
        " ".join(words[start : start + width]) for start in range(len(words) - width + 1)
    )


def jaccard(one: Set[str], other: Set[str]) -> float:
    """The share of all shingles that both have; 0 for two empty sets."""
    common = len(one & other)
    union = len(one) + len(other) - common
    return common / union if union else 0.0
