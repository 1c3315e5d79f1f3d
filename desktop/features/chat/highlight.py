"""Colours for code, by Pygments, which is imported when the first code is shown."""

from functools import lru_cache
from typing import TYPE_CHECKING

from desktop.core.tokens import Token

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

LONGEST = 20_000  # characters; beyond it colours cost more than they help


def spans(code: str, language: str) -> list[tuple[int, int, Token]]:
    """(start, length, tone) of what is not plain text; nothing for an unknown language."""
    lexer = lexer_of(language.casefold()) if language and len(code) <= LONGEST else None
    if lexer is None:
        return []
    found = []
    for start, kind, value in lexer.get_tokens_unprocessed(code):
        tone = tone_of(kind)
        if tone is not None and value.strip():
            found.append((start, len(value), tone))
    return found


@lru_cache(maxsize=256)
def tone_of(kind: "_TokenType") -> Token | None:
    from pygments.token import Comment, Keyword, Literal, Name, Number, Operator, String

    tones: tuple[tuple[_TokenType, Token], ...] = (
        (Comment, "text3"),
        (Keyword, "accent"),
        (Operator.Word, "accent"),
        (Name.Tag, "accent"),
        (Name.Builtin, "accent"),
        (String, "ok"),
        (Number, "warn"),
        (Literal, "warn"),
    )
    return next((tone for parent, tone in tones if kind in parent), None)  # type: ignore[comparison-overlap]


@lru_cache(maxsize=32)
def lexer_of(language: str) -> "Lexer | None":
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language)
    except ClassNotFound:
        return None
