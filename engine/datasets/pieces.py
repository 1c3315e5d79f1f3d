"""What a row or a prompt is made of: text in parts that carry loss and parts that do not."""

from collections.abc import Iterable

from msgspec import Struct

from engine.protocol.problems import Refused


class Piece(Struct, frozen=True):
    """Text that is tokenized on its own."""

    text: str
    loss: bool


def merged(pieces: Iterable[Piece]) -> list[Piece]:
    """The same text without empty pieces, and with one piece for neighbours of a kind."""
    result: list[Piece] = []
    for piece in pieces:
        if result and result[-1].loss == piece.loss:
            result[-1] = Piece(result[-1].text + piece.text, loss=piece.loss)
        elif piece.text:
            result.append(piece)
    return result


def fault(line: int, reason: str, hint: str, *, code: str = "template.invalid") -> Refused:
    """What is wrong with a template's text, and in which of its lines, from 1."""
    where = f"Line {line} of the template" if line else "The template"
    return Refused(code, f"{where}: {reason.rstrip('.')}.", hint)
