"""A row's tokens laid out for reading: spaced apart, line breaks kept, long turns folded."""

import re
from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from engine.protocol.records import Token, TokenView

SPECIAL = re.compile(r"<\|?[^<>\s]{1,40}\|?>|\[/?[A-Z_]{2,20}\]")
FOLD_OVER, FOLD_KEEPS = 40, 16  # tokens of a masked turn
LOSS_OVER, LOSS_KEEPS = 160, 120
BREAK = "↵"


class Piece(Struct, frozen=True):
    """A token, or the sign that stands for some of them; `text` is fit to show."""

    text: str
    kind: str  # "loss", "masked", "special", "fold", "limit", "cut" or "more"
    breaks: int = 0  # line breaks after it
    fold: int = -1  # which turn a sign opens
    spaced: bool = True  # set apart from the piece before it


def pieces_of(tokens: Sequence[Token], opened: frozenset[int] = frozenset()) -> list[Piece]:
    """All of it in order; `opened` are the numbers of turns that were unfolded."""
    pieces: list[Piece] = []
    for number, turn in enumerate(turns_of(tokens)):
        keeps = len(turn)
        over, kept = (LOSS_OVER, LOSS_KEEPS) if turn[0].loss else (FOLD_OVER, FOLD_KEEPS)
        if len(turn) > over and number not in opened:
            keeps = kept
        pieces += [piece_of(token) for token in turn[:keeps]]
        if keeps < len(turn):
            pieces.append(Piece(f"+ {len(turn) - keeps:,} tokens", "fold", fold=number))
    return [piece for piece in pieces if piece.text or piece.breaks]


def cut_pieces(view: TokenView, limit: int) -> list[Piece]:
    """The mark where the limit cuts, and what is beyond it."""
    if not view.cut:
        return []
    tokens = (msgspec.structs.replace(piece_of(token), kind="cut") for token in view.cut_tokens)
    pieces = [piece for piece in tokens if piece.text or piece.breaks]
    more = view.cut - len(view.cut_tokens)
    mark = Piece(f"cut here, limit {limit:,}", "limit", breaks=1)
    return [mark, *pieces, *([Piece(f"+ {more:,} more", "more")] if more > 0 else [])]


def turns_of(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Runs of tokens between special ones, and where loss begins or ends."""
    turn: list[Token] = []
    for token in tokens:
        if turn and (is_special(token) or is_special(turn[-1]) or token.loss != turn[-1].loss):
            yield turn
            turn = []
        turn.append(token)
    if turn:
        yield turn


def is_special(token: Token) -> bool:
    return SPECIAL.fullmatch(token.text.strip()) is not None


def piece_of(token: Token) -> Piece:
    """Spaces become the gap between tokens, a line break its sign; nothing else is changed."""
    breaks = token.text.count("\n")
    shown = token.text.replace("\r", "").replace("\t", "→").strip(" \n")
    shown = shown.replace("\n", BREAK)
    if breaks:
        shown = f"{shown} {BREAK}".strip() if shown.replace(BREAK, "") else BREAK * breaks
    elif token.text and not shown:
        shown = "·" * len(token.text)
    kind = "loss" if token.loss else "special" if is_special(token) else "masked"
    return Piece(shown, kind, breaks=1 if breaks else 0)
