import io

import pytest
from rich.console import Console

from engine.commands.dataset_tokens import base_for_tokens, counts, print_tokens, token_text
from engine.protocol.problems import Refused
from engine.protocol.records import BaseModel, ModelStatus, Token, TokenView

VIEW = TokenView(
    row=1,
    tokens=(Token("<user>", loss=False), Token("Hi", loss=False), Token("Yes", loss=True)),
    cut=300,
    template="ChatML template",
    cut_tokens=(Token(" sir", loss=True), Token("\x1b[2J", loss=True)),
)
TINY = BaseModel(id="1" * 32, name="Tiny", path="", source="folder")
LARGE = BaseModel(id="2" * 32, name="Large", path="", source="folder")


def test_learned_and_cut_tokens_are_in_brackets_without_colour() -> None:
    assert token_text(VIEW, marks=True).plain == "<user>Hi⟦Yes⟧⟪ sir\\x1b[2J…⟫"


def test_colours_stand_for_the_brackets_on_a_terminal() -> None:
    text = token_text(VIEW, marks=False)
    assert text.plain == "<user>HiYes sir\\x1b[2J…"
    assert [(text.plain[span.start : span.end], span.style) for span in text.spans] == [
        ("<user>Hi", "dim"), ("Yes", "bold green"), (" sir\\x1b[2J…", "red strike"),
    ]  # fmt: skip


def test_counts_tell_what_is_learned_read_and_cut() -> None:
    assert counts(VIEW) == "3 tokens, 1 learned, 2 only read, 300 more cut off"
    assert counts(TokenView(1, (), 0, "")) == "0 tokens, 0 learned, 0 only read"


def test_a_terminal_gets_escapes_and_no_legend() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, color_system="standard", width=80)
    print_tokens(VIEW, TINY, console)
    assert "\x1b[1;32mYes\x1b[0m" in screen.getvalue()
    assert "⟦" not in screen.getvalue()
    assert "Tiny, ChatML template" in screen.getvalue()


def test_the_only_base_that_is_ready_need_not_be_named() -> None:
    moved = BaseModel(id="3" * 32, name="Gone", path="", source="", status=ModelStatus.MISSING)
    assert base_for_tokens([TINY, moved], "") is TINY
    assert base_for_tokens([TINY, LARGE], "large") is LARGE
    with pytest.raises(Refused) as caught:
        base_for_tokens([TINY, LARGE], "")
    assert "--base: Large, Tiny" in caught.value.problem.hint
    with pytest.raises(Refused):
        base_for_tokens([], "")
