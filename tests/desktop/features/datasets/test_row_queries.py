from desktop.features.datasets.row_queries import (
    EVERYTHING,
    narrows,
    query_string,
    sorted_next,
    unfiltered,
    with_answer,
    within,
)
from engine.protocol.dataset_specs import RowQuery


def test_only_what_is_asked_for_is_in_the_address() -> None:
    assert query_string(EVERYTHING) == "query="
    wanted = RowQuery("a&b", answer='{"x": "ü"}', split="train", sort="#", descending=True)
    assert query_string(wanted) == (
        "query=a%26b&answer=%7B%22x%22%3A%20%22%C3%BC%22%7D&split=train&sort=%23&descending=true"
    )


def test_an_empty_answer_is_asked_for_too() -> None:
    assert query_string(RowQuery(answer="")) == "query=&answer="


def test_clicks_on_a_name_go_up_down_and_back() -> None:
    wanted = RowQuery("may")
    up = sorted_next(wanted, "prompt")
    down = sorted_next(up, "prompt")
    assert (up.sort, up.descending) == ("prompt", False)
    assert (down.sort, down.descending) == ("prompt", True)
    assert sorted_next(down, "prompt") == wanted
    assert sorted_next(down, "tokens") == RowQuery("may", sort="tokens")


def test_an_order_alone_leaves_out_no_row() -> None:
    assert not narrows(RowQuery(sort="prompt", descending=True))
    assert narrows(RowQuery(answer=""))
    wanted = RowQuery("may", split="test", sort="prompt", descending=True)
    assert unfiltered(wanted) == RowQuery(sort="prompt", descending=True)


def test_the_same_bar_or_label_once_more_shows_all_again() -> None:
    some = within(EVERYTHING, 40, 79)
    assert (some.shortest, some.longest) == (40, 79)
    assert within(some, 40, 79) == EVERYTHING
    assert with_answer(with_answer(EVERYTHING, "bug"), "bug") == EVERYTHING
