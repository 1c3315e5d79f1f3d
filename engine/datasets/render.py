"""From a row to what the model sees of it; the tokenizer is passed in, no model library needed."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import jinja2
from msgspec import Struct

from engine.datasets.chat_templates import chat_template, template_name
from engine.datasets.conversation import TEXT
from engine.datasets.pieces import Piece
from engine.datasets.rows import read_rows
from engine.datasets.templates import row_pieces
from engine.protocol.problems import Refused
from engine.protocol.records import Row, Token, TokenView
from engine.protocol.specs import Template

__all__ = ["encode_row", "read_rows", "render_row", "token_view"]
MASKED = -100  # the label without loss, as in torch's cross-entropy
SHOWN_CUT = 200  # tokens beyond the limit that are shown


class Tokenizer(Protocol):
    """The part of transformers' tokenizers that is used here."""

    chat_template: Any
    bos_token: str | None
    eos_token: str | None
    is_fast: bool  # knows which characters a token came from

    def __call__(
        self, text: str, *, add_special_tokens: bool, return_offsets_mapping: bool = False
    ) -> Mapping[str, list[Any]]: ...

    def apply_chat_template(
        self,
        conversation: list[dict[str, str]],
        *,
        chat_template: str,
        add_generation_prompt: bool,
        tokenize: bool,
    ) -> Any: ...

    def decode(self, token_ids: list[int]) -> str: ...


class Encoded(Struct, frozen=True):
    """One row as token ids; `labels` repeats the ids where there is loss and is -100 elsewhere."""

    input_ids: tuple[int, ...]
    labels: tuple[int, ...]
    cut: int = 0  # tokens beyond the limit

    @property
    def supervised(self) -> int:
        """How many tokens carry loss; the first token of a row is nobody's target."""
        return sum(label != MASKED for label in self.labels[1:])


def encode_row(
    row: Row, tokenizer: Tokenizer, *, max_length: int, template: Template | None = None
) -> Encoded:
    """Token ids and labels of one row under the template, else the base's own chat template.

    Each part is tokenized by itself, so that training sees the same border between prompt and
    answer as generation does. Loss falls on the assistant's turns with their end-of-turn text.
    `max_length` (tokens) cuts at the end. Raises Refused when the template does not accept the
    row's roles.
    """
    input_ids: list[int] = []
    labels: list[int] = []
    for piece in render_row(row, tokenizer, template):
        ids = tokenizer(piece.text, add_special_tokens=False)["input_ids"]
        input_ids.extend(ids)
        labels.extend(ids if piece.loss else [MASKED] * len(ids))
    return Encoded(
        input_ids=tuple(input_ids[:max_length]),
        labels=tuple(labels[:max_length]),
        cut=max(0, len(input_ids) - max_length),
    )


def token_view(
    row: Row, tokenizer: Tokenizer, *, max_length: int, template: Template | None = None
) -> TokenView:
    """The same tokens as `encode_row` gives, each as its part of the row's text.

    The texts joined are the text of the row; a character that is spread over several tokens is
    shown with the first of them.
    """
    tokens: list[Token] = []
    for piece in render_row(row, tokenizer, template):
        tokens += [Token(text, loss=piece.loss) for text in _token_texts(piece.text, tokenizer)]
    return TokenView(
        row=row.number,
        tokens=tuple(tokens[:max_length]),
        cut=max(0, len(tokens) - max_length),
        template=template.name if template else template_name(tokenizer.chat_template),
        cut_tokens=tuple(tokens[max_length : max_length + SHOWN_CUT]),
    )


def _token_texts(text: str, tokenizer: Tokenizer) -> Iterator[str]:
    if not tokenizer.is_fast:
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        yield from (tokenizer.decode([token]) for token in ids)
        return
    encoding = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    done = 0
    for _, end in encoding["offset_mapping"]:  # spaces that tokenizers leave out come along
        yield text[done:end]
        done = max(done, end)


def render_row(row: Row, tokenizer: Tokenizer, template: Template | None = None) -> list[Piece]:
    """The row's text in alternating parts without and with loss, up to its last answer.

    What a template adds for an answer after its own generation prompt is the part with loss. A
    template that rewrites earlier turns once more are there (it drops their reasoning, say) gets
    loss on the last answer only, because only that one is rendered as generation would see it.
    Raw text has loss everywhere, up to the token that ends it. A `template` says itself what is
    learned.
    """
    if template is not None:
        return row_pieces(row, template, tokenizer)
    if row.messages[0][0] == TEXT:
        return [Piece(row.messages[0][1] + (tokenizer.eos_token or ""), loss=True)]
    turns = [{"role": role, "content": content} for role, content in row.messages]
    answers = [at for at, turn in enumerate(turns) if turn["role"] == "assistant"]
    if not answers:
        raise Refused(
            "dataset.no-answer",
            f"Row {row.number} (line {row.line}) has no assistant turn to learn from.",
            "Map a column to the assistant or remove the row.",
        )
    try:
        return _every_answer(turns, answers, tokenizer) or _last_answer(turns, answers, tokenizer)
    except (jinja2.TemplateError, TypeError, ValueError) as error:
        raise Refused(
            "dataset.template",
            f"The base's chat template does not accept row {row.number} (line {row.line}): {error}",
            "Some templates take no system turn, or only user and assistant in turn.",
        ) from error


def _every_answer(
    turns: list[dict[str, str]], answers: list[int], tokenizer: Tokenizer
) -> list[Piece] | None:
    """None when a render does not begin with the one before it."""
    pieces: list[Piece] = []
    done = ""
    for at in answers:
        full = _render(tokenizer, turns[: at + 1], prompt=False)
        prefix = _render(tokenizer, turns[:at], prompt=True)
        if not full.startswith(prefix):
            # The prompt may open with something the finished turn lacks: it ends where they part.
            prefix = _common(prefix, full)
            if not prefix.startswith(_render(tokenizer, turns[:at], prompt=False)):
                return None
        if not prefix.startswith(done):
            return None
        pieces += [Piece(prefix[len(done) :], loss=False), Piece(full[len(prefix) :], loss=True)]
        done = full
    return pieces


def _last_answer(
    turns: list[dict[str, str]], answers: list[int], tokenizer: Tokenizer
) -> list[Piece]:
    """The generation prompt, then the answer as it stands in the finished text."""
    at = answers[-1]
    full = _render(tokenizer, turns[: at + 1], prompt=False)
    found = full.rfind(turns[at]["content"].strip())
    if found < 0:
        raise ValueError("the answer is not in the text it makes")
    prompt = _render(tokenizer, turns[:at], prompt=True)
    return [Piece(prompt, loss=False), Piece(full[found:], loss=True)]


def _common(first: str, second: str) -> str:
    pairs = enumerate(zip(first, second, strict=False))
    return first[: next((at for at, (one, other) in pairs if one != other), len(first))]


def _render(tokenizer: Tokenizer, turns: list[dict[str, str]], *, prompt: bool) -> str:
    text: str = tokenizer.apply_chat_template(
        turns,
        chat_template=chat_template(tokenizer.chat_template),
        add_generation_prompt=prompt,
        tokenize=False,
    )
    return text
