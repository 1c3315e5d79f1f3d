"""Colours for code, by Pygments."""

from functools import lru_cache

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Literal, Name, Number, Operator, String
from pygments.util import ClassNotFound

from desktop.core.tokens import Token

LONGEST = 20_000  # characters; beyond it colours cost more than they help
TONES: tuple[tuple[object, Token], ...] = (
    (Comment, "text3"),
    (Keyword, "accent"),
    (Operator.Word, "accent"),
    (Name.Tag, "accent"),
    (Name.Builtin, "accent"),
    (String, "ok"),
    (Number, "warn"),
    (Literal, "warn"),
)


def spans(code: str, language: str) -> list[tuple[int, int, Token]]:
    """(start, length, tone) of what is not plain text; nothing for an unknown language."""
    lexer = lexer_of(language.casefold()) if language and len(code) <= LONGEST else None
    if lexer is None:
        return []
    found = []
    for start, kind, value in lexer.get_tokens_unprocessed(code):
        tone = next((tone for parent, tone in TONES if kind in parent), None)  # type: ignore[operator]
        if tone is not None and value.strip():
            found.append((start, len(value), tone))
    return found


@lru_cache(maxsize=32)
def lexer_of(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language)
    except ClassNotFound:
        return None
