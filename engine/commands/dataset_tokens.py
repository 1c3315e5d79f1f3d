"""What the model sees of a row, in the terminal: what is learned, only read, and cut off."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from engine.client import EngineClient
from engine.commands.names import find
from engine.commands.output import visible
from engine.protocol.problems import Refused
from engine.protocol.records import BaseModel, Dataset, ModelStatus, Token, TokenView

LEARNED, READ, CUT = "bold green", "dim", "red strike"
OPEN, CLOSE = "⟦", "⟧"  # around what is learned, where there is no colour
CUT_OPEN, CUT_CLOSE = "⟪", "⟫"  # around what is beyond the limit


def base_for_tokens(models: Sequence[BaseModel], text: str) -> BaseModel:
    """The base model that is named, or the only one that is ready."""
    if text:
        return find("base model", models, text)
    ready = [model for model in models if model.status is ModelStatus.READY]
    if len(ready) == 1:
        return ready[0]
    names = ", ".join(sorted(model.name for model in ready))
    raise Refused(
        "tokens.which-base",
        "Tokens depend on the base model.",
        f"Name one with --base: {names}." if ready else "Add one with 'adapter-studio models add'.",
    )


def token_view(
    client: EngineClient, dataset: Dataset, number: int, *, base: BaseModel, max_length: int
) -> TokenView:
    query = f"base={base.id}&max_length={max_length}&version={dataset.version}"
    return client.get(f"/api/datasets/{dataset.id}/rows/{number}/tokens?{query}", TokenView)


def print_tokens(view: TokenView, base: BaseModel, console: Console) -> None:
    """Colours on a terminal, otherwise brackets; then how many tokens are what."""
    console.print(token_text(view, marks=not console.is_terminal), soft_wrap=True)
    console.print()
    console.print(f"{counts(view)}; {visible(base.name)}, {visible(view.template)}", soft_wrap=True)
    if not console.is_terminal:
        legend = f"{OPEN}learned{CLOSE}"
        console.print(f"{legend}, {CUT_OPEN}cut off{CUT_CLOSE}" if view.cut else legend)


def token_text(view: TokenView, *, marks: bool) -> Text:
    """The row's text with every span styled, or in brackets too."""
    text = Text()
    for learned, span in _spans(view.tokens):
        shown = f"{OPEN}{span}{CLOSE}" if marks and learned else span
        text.append(shown, LEARNED if learned else READ)
    if view.cut:
        rest = "".join(visible(token.text) for token in view.cut_tokens)
        rest += "…" if view.cut > len(view.cut_tokens) else ""
        text.append(f"{CUT_OPEN}{rest}{CUT_CLOSE}" if marks else rest, CUT)
    return text


def counts(view: TokenView) -> str:
    """As in "63 tokens, 21 learned, 42 only read, 5 more cut off"."""
    learned = sum(token.loss for token in view.tokens)
    words = f"{len(view.tokens):,} tokens, {learned:,} learned"
    words += f", {len(view.tokens) - learned:,} only read"
    return f"{words}, {view.cut:,} more cut off" if view.cut else words


def _spans(tokens: Sequence[Token]) -> Iterator[tuple[bool, str]]:
    """Neighbours of one kind as one text."""
    for learned, group in groupby(tokens, key=lambda token: token.loss):
        yield learned, "".join(visible(token.text) for token in group)
