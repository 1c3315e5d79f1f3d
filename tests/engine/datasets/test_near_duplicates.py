import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.datasets.near_duplicates import NearDuplicate, NearDuplicateSearch, near_duplicates
from engine.datasets.shingles import jaccard, shingles_of, words_of

SENTENCE = (
    "ship invoice refund customer late parcel tracking number support agent reply window price"
    " change account password reset email address order delivery Friday morning warehouse"
)
WORDS = SENTENCE.split()
TEXT = (
    "The parcel left our warehouse on Friday morning and the driver could not find your address,"
    " so it came back to us; tell us which day suits you and we send it again free of charge."
)


def found(*texts: str, threshold: float = 0.8) -> list[tuple[int, int]]:
    pairs = near_duplicates(enumerate(texts, 1), threshold=threshold)
    return [(pair.row, pair.earlier) for pair in pairs]


def test_a_row_with_one_word_changed_is_named_with_the_row_it_resembles() -> None:
    other = "How long do I have to return shoes that I bought online last week?"
    changed = TEXT.replace("Friday", "Monday")
    (pair,) = near_duplicates([(3, TEXT), (5, other), (9, changed)])
    assert (pair.row, pair.earlier) == (9, 3)
    assert pair.similarity == jaccard(shingles_of(words_of(TEXT)), shingles_of(words_of(changed)))
    assert 0.8 <= pair.similarity < 1


@pytest.mark.parametrize(
    "like",
    [TEXT.upper(), TEXT.replace(",", "").replace(".", " !"), f"  {TEXT}\n\n", f"**{TEXT}**"],
    ids=["case", "punctuation", "space", "marks"],
)
def test_case_punctuation_and_space_make_no_difference(like: str) -> None:
    assert near_duplicates([(1, TEXT), (2, like)]) == [NearDuplicate(2, 1, 1.0)]


def test_an_exact_repetition_is_left_to_its_own_finding() -> None:
    assert found(TEXT, TEXT, TEXT) == []
    assert found(TEXT, TEXT, TEXT.upper(), TEXT, TEXT.upper()) == [(3, 1)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is 5 - 3?", "What is 5 + 3?"),
        ("yes", "no"),
        ("Name the capital of France.", "Name the capital of Spain."),
        ("दिन में कि", "दिन में का"),
        ("", "..."),
        ("?", "!"),
        (TEXT, TEXT[:120]),
        (TEXT, " ".join(reversed(TEXT.split()))),
    ],
)
def test_what_only_looks_alike_is_not_named(one: str, other: str) -> None:
    assert found(one, other) == []


def test_languages_without_spaces_are_compared_by_letters() -> None:
    chinese = "会议已改到星期四下午三点在二楼的大会议室举行,请大家带上打印好的议程和问题清单。"
    assert found(chinese, chinese.replace("四", "五")) == [(2, 1)]
    assert (
        found(chinese, "今天的天气很好,我们一起去公园散步吧,然后在湖边的茶馆里喝一杯热茶。") == []
    )


def test_a_lower_threshold_finds_looser_pairs() -> None:
    looser = TEXT.replace("Friday", "Monday").replace("driver", "courier")
    assert found(TEXT, looser) == []
    assert found(TEXT, looser, threshold=0.6) == [(2, 1)]


@given(st.lists(st.lists(st.sampled_from(WORDS[:4]), max_size=12).map(" ".join), max_size=12))
def test_everything_found_is_near_and_no_earlier_repetition(texts: list[str]) -> None:
    for pair in near_duplicates(enumerate(texts)):
        row, earlier = texts[pair.row], texts[pair.earlier]
        assert pair.earlier < pair.row
        assert row not in texts[: pair.row]
        assert jaccard(shingles_of(words_of(row)), shingles_of(words_of(earlier))) >= 0.8


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_is_read(one: str, other: str) -> None:
    near_duplicates([(1, one), (2, other), (3, one + "\ud800")])


def planted(count: int) -> Iterator[tuple[int, str]]:
    """Random rows, each second with one word of the row before it changed."""
    chance = random.Random(5)
    for number in range(1, count, 2):
        words = chance.choices(WORDS, k=60)
        yield number, " ".join(words)
        words[chance.randrange(60)] = f"word{number}"
        yield number + 1, " ".join(words)


def test_planted_rows_are_all_found_and_nothing_else() -> None:
    pairs = near_duplicates(planted(4000))
    assert [(pair.row, pair.earlier) for pair in pairs] == [
        (number + 1, number) for number in range(1, 4000, 2)
    ]


def test_progress_is_told_while_the_texts_stream() -> None:
    told: list[int] = []
    near_duplicates(planted(2500), progress=told.append)
    assert told == [1000, 2000]


def test_a_search_goes_on_after_it_was_asked() -> None:
    with NearDuplicateSearch() as search:
        search.add(1, TEXT)
        assert search.found() == []
        search.add(2, TEXT.upper())
        assert search.found() == [NearDuplicate(2, 1, 1.0)]
        search.add(3, TEXT + "!")
        assert [pair.row for pair in search.found()] == [2, 3]


@pytest.mark.parametrize("changed", [1, 2], ids=["all alike", "all just not alike"])
def test_rows_that_are_all_alike_take_linear_time(changed: int) -> None:
    """All pairs of these rows would be 12 million; at 10 us each that is two minutes."""
    chance = random.Random(7)
    base = chance.choices(WORDS, k=50)

    def rows() -> Iterator[tuple[int, str]]:
        for number in range(5000):
            words = list(base)
            for at in chance.sample(range(50), changed):
                words[at] = f"{number}at{at}"
            yield number, " ".join(words)

    started = time.process_time()
    near_duplicates(rows())
    assert time.process_time() - started < 20


def test_one_enormous_text_is_compared_by_its_beginning() -> None:
    long = " ".join(f"word{number}" for number in range(60_000))
    assert found(long, long + " end") == [(2, 1)]


SCRIPT = """
from engine.datasets.near_duplicates import near_duplicates
from tests.engine.datasets.test_near_duplicates import planted
print([(pair.row, pair.earlier, pair.similarity) for pair in near_duplicates(planted(400))])
"""


def test_the_answer_does_not_depend_on_the_hash_seed() -> None:
    answers = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(answers) == 1
    assert b"(2, 1, " in answers.pop()
