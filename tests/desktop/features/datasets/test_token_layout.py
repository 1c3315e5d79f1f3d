from desktop.features.datasets.token_layout import cut_pieces, pieces_of
from engine.protocol.records import Token, TokenView


def masked(*texts: str) -> list[Token]:
    return [Token(text, False) for text in texts]


def test_spaces_become_gaps_and_line_breaks_keep_their_sign() -> None:
    pieces = pieces_of(masked("<|im_start|>", "user", "\n", "My", " two"))
    assert [piece.text for piece in pieces] == ["<|im_start|>", "user", "↵", "My", "two"]
    assert [piece.breaks for piece in pieces] == [0, 0, 1, 0, 0]
    assert [piece.kind for piece in pieces] == ["special", "masked", "masked", "masked", "masked"]


def test_a_long_masked_turn_folds_and_unfolds() -> None:
    tokens = masked("<|im_start|>", *(f" word{at}" for at in range(69)), "<|im_end|>")
    folded = pieces_of(tokens)
    sign = next(piece for piece in folded if piece.kind == "fold")
    assert sign.text == "+ 53 tokens"
    assert folded[-1].text == "<|im_end|>"
    assert len(pieces_of(tokens, frozenset({sign.fold}))) == 71


def test_an_answer_is_not_folded_at_the_length_of_a_prompt() -> None:
    pieces = pieces_of([Token(f" w{at}", True) for at in range(100)])
    assert {piece.kind for piece in pieces} == {"loss"}


def test_tokens_of_spaces_alone_can_be_seen() -> None:
    assert [piece.text for piece in pieces_of(masked("a", "   ", "b"))] == ["a", "···", "b"]


def test_a_token_without_text_of_its_own_is_left_out() -> None:
    assert [piece.text for piece in pieces_of(masked("é", "", "x"))] == ["é", "x"]


def test_what_is_beyond_the_limit_follows_a_mark_and_is_counted() -> None:
    tokens = (Token("a", False), Token("\n", True), Token("b", True))
    pieces = cut_pieces(TokenView(1, (), 1_203, "x", tokens), 1024)
    assert [(piece.text, piece.kind) for piece in pieces] == [
        ("cut here, limit 1,024", "limit"), ("a", "cut"), ("↵", "cut"), ("b", "cut"),
        ("+ 1,200 more", "more"),
    ]  # fmt: skip


def test_a_row_within_the_limit_has_no_mark() -> None:
    assert cut_pieces(TokenView(1, (Token("a", False),), 0, "x"), 512) == []
