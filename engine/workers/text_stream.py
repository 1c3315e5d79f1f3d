"""Text of tokens as they come, never a broken character."""

from collections.abc import Callable, Sequence

REPLACEMENT = "\ufffd"  # what a decoder writes for bytes that are no character (yet)
LONGEST_CHARACTER = 8  # tokens; an emoji is four bytes, so anything longer is really broken


class TextStream:
    """Decodes one reply token by token; the pieces add up to the decoded whole.

    Each piece is the difference of two decodings that begin at the same earlier token, as in
    Hugging Face's text-generation-inference: tokenizers that write a word's leading space only in
    context stay right. Bytes of an unfinished character are held back until it is whole.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str]) -> None:
        self._decode = decode
        self._tokens: list[int] = []
        self._context = 0  # decoding begins here
        self._written = 0  # tokens up to here are out

    def add(self, token: int) -> str:
        """The text that this token completes, often a word, sometimes nothing."""
        self._tokens.append(token)
        new = self._pending()
        held = len(self._tokens) - self._written
        if not new or (new.endswith(REPLACEMENT) and held <= LONGEST_CHARACTER):
            return ""
        self._context, self._written = self._written, len(self._tokens)
        return new

    def end(self) -> str:
        """What was held back, without the bytes that never became a character."""
        new = self._pending().rstrip(REPLACEMENT)
        self._context = self._written = len(self._tokens)
        return new

    def _pending(self) -> str:
        before = self._decode(self._tokens[self._context : self._written])
        return self._decode(self._tokens[self._context :])[len(before) :]
