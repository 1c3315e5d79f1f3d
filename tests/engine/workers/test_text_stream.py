from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from engine.workers.text_stream import TextStream
from tests.fakes.tiny_model import write_tiny_model


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    folder = write_tiny_model(tmp_path_factory.mktemp("tokenizer"))
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def pieces(tokenizer: Tokenizer, tokens: list[int]) -> list[str]:
    stream = TextStream(lambda some: str(tokenizer.decode(list(some))))
    return [*(stream.add(token) for token in tokens), stream.end()]


@given(text=st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_pieces_add_up_to_the_text_and_never_break_a_character(
    tokenizer: Tokenizer, text: str
) -> None:
    found = pieces(tokenizer, tokenizer.encode(text).ids)
    assert "".join(found) == text.rstrip("\ufffd") or "".join(found) == text
    assert "\ufffd" in text or not any("\ufffd" in piece for piece in found)


def test_an_emoji_comes_whole_with_its_last_byte(tokenizer: Tokenizer) -> None:
    assert pieces(tokenizer, tokenizer.encode("🦊!").ids) == ["", "", "", "🦊", "!", ""]


def test_a_character_cut_by_the_end_is_left_out(tokenizer: Tokenizer) -> None:
    assert "".join(pieces(tokenizer, tokenizer.encode("ab🦊").ids[:-1])) == "ab"


def test_bytes_that_never_become_a_character_do_not_hold_back_the_rest(
    tokenizer: Tokenizer, tmp_path: Path
) -> None:
    broken = tokenizer.encode("🦊").ids[1]
    found = pieces(tokenizer, [broken] * 20 + tokenizer.encode("end").ids)
    assert "".join(found).endswith("end")
    assert any(found[:12])
