"""From a row to what the model sees of it; the tokenizer is passed in, no model library needed."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import jinja2
from msgspec import Struct

from engine.datasets.chat_templates import chat_template, template_name
from engine.datasets.conversation import SEEN, TEXT
from engine.datasets.pieces import Piece
from engine.datasets.row_file import read_rows
from engine.datasets.template_turns import template_turns
from engine.datasets.templates import row_pieces
from engine.datasets.tools import CALLS, TOOLS
from engine.protocol.dataset_specs import Template
from engine.protocol.problems import Refused
from engine.protocol.records import Row, Token, TokenView

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
        conversation: list[dict[str, Any]],
        tools: list[dict[str, Any]] | None = None,
        *,
        chat_template: str,
        add_generation_prompt: bool,
        tokenize: bool,
    ) -> Any: ...

    def decode(self, token_ids: list[int]) -> str: ...


class Render(Protocol):
    """The text of the first so many turns, with or without the beginning of an answer."""

    def __call__(self, upto: int, *, prompt: bool) -> str: ...


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
    answer as generation does. Loss falls on the assistant's turns with their calls of tools and
    their end-of-turn text; on nothing in a row whose answer is not desirable.
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
    Raw text has loss everywhere but in its masked segments, up to the token that ends it. A
    `template` says itself what is learned.
    """
    if template is not None:
        pieces = row_pieces(row, template, tokenizer)
    elif row.messages[0][0] in (TEXT, SEEN):
        pieces = _raw_text(row, tokenizer)
    else:
        pieces = _conversation(row, tokenizer)
    if row.desirable is False:
        return [Piece(piece.text, loss=False) for piece in pieces]
    return pieces


def _raw_text(row: Row, tokenizer: Tokenizer) -> list[Piece]:
    pieces = [Piece(content, loss=role == TEXT) for role, content in row.messages]
    last, end = pieces[-1], tokenizer.eos_token or ""
    if last.loss and not (end and last.text.rstrip().endswith(end)):
        pieces[-1] = Piece(last.text + end, loss=True)
    return pieces


def _conversation(row: Row, tokenizer: Tokenizer) -> list[Piece]:
    if all(role != "assistant" for role, _ in row.messages):
        raise Refused(
            "dataset.no-answer",
            f"Row {row.number} (line {row.line}) has no assistant turn to learn from.",
            "Map a column to the assistant or remove the row.",
        )
    try:
        return _answers(row, tokenizer, arguments_as_text=False)
    except TypeError as error:
        if all(role != CALLS for role, _ in row.messages):
            raise _not_accepted(row, error) from error
    except (jinja2.TemplateError, ValueError) as error:
        raise _not_accepted(row, error) from error
    try:
        return _answers(row, tokenizer, arguments_as_text=True)
    except (jinja2.TemplateError, TypeError, ValueError) as error:
        raise _not_accepted(row, error) from error


def _not_accepted(row: Row, error: Exception) -> Refused:
    return Refused(
        "dataset.template",
        f"The base's chat template does not accept row {row.number} (line {row.line}): {error}",
        "Some templates take no system turn, or only user and assistant in turn.",
    )


def _answers(row: Row, tokenizer: Tokenizer, *, arguments_as_text: bool) -> list[Piece]:
    has_tools = any(role in (TOOLS, CALLS) for role, _ in row.messages)
    template = chat_template(tokenizer.chat_template, for_tools=has_tools)
    told = template_turns(row.messages, template, arguments_as_text=arguments_as_text)

    def render(upto: int, *, prompt: bool) -> str:
        text: str = tokenizer.apply_chat_template(
            told.turns[:upto],
            told.tools,
            chat_template=template,
            add_generation_prompt=prompt,
            tokenize=False,
        )
        return text

    answers = [at for at, turn in enumerate(told.turns) if turn["role"] == "assistant"]
    return _every_answer(answers, render) or _last_answer(told.turns, answers[-1], render)


def _every_answer(answers: list[int], render: Render) -> list[Piece] | None:
    """None when a render does not begin with the one before it."""
    pieces: list[Piece] = []
    done = ""
    for at in answers:
        full = render(at + 1, prompt=False)
        prefix = render(at, prompt=True)
        if not full.startswith(prefix):
            # The prompt may open with something the finished turn lacks: it ends where they part.
            prefix = _common(prefix, full)
            if not prefix.startswith(render(at, prompt=False)):
                return None
        if not prefix.startswith(done):
            return None
        pieces += [Piece(prefix[len(done) :], loss=False), Piece(full[len(prefix) :], loss=True)]
        done = full
    return pieces


def _last_answer(turns: list[dict[str, Any]], at: int, render: Render) -> list[Piece]:
    """The generation prompt, then the answer as it stands in the finished text."""
    full = render(at + 1, prompt=False)
    prompt = render(at, prompt=True)
    content = turns[at]["content"].strip()
    if content:
        found = full.rfind(content)
    else:  # calls of tools alone, which only the template can spell
        opening = prompt.removeprefix(render(at, prompt=False))
        found = full.rfind(opening) + len(opening) if opening in full else -1
    if found < 0:
        raise ValueError("the answer is not in the text it makes")
    return [Piece(prompt, loss=False), Piece(full[found:], loss=True)]


def _common(first: str, second: str) -> str:
    pairs = enumerate(zip(first, second, strict=False))
    return first[: next((at for at, (one, other) in pairs if one != other), len(first))]
