import pytest

from engine.commands.dataset_diff import MOST_WORDS, fields_of, print_diff, word_diff
from engine.protocol.records import DatasetDiff, Row


def row(number: int, prompt: str, answer: str, split: str = "train") -> Row:
    messages = (("user", prompt), ("assistant", answer))
    return Row(number, number, split, messages, cells={"prompt": prompt, "answer": answer})


OLD, NEW = row(3, "How many?", "It is 7.\nSure."), row(2, "How many?", "It is 8.\nSure.")
DIFF = DatasetDiff(
    before=1,
    after=2,
    settings=(("Train rows", "9", "8"), ("System", "", "persona")),
    added_count=0,
    removed_count=5,
    changed_count=1,
    moved_count=1,
    added=(),
    removed=(row(1, "Who?", "Me\x07"),),
    changed=((OLD, NEW),),
    moved=((row(4, "Why?", "So."), row(3, "Why?", "So.", split="test")),),
)


def test_words_that_differ_are_marked_where_there_is_no_colour() -> None:
    minus, plus = word_diff("It is 7, I say.", "It is seven, they say.", marks=True)
    assert minus.plain == "It is [-7-], [-I-] say."
    assert plus.plain == "It is {+seven+}, {+they+} say."


def test_words_that_differ_stand_out_by_their_style_on_a_terminal() -> None:
    minus, plus = word_diff("It is 7.", "It is 8.", marks=False)
    assert (minus.plain, plus.plain) == ("It is 7.", "It is 8.")
    assert [plus.plain[each.start : each.end] for each in plus.spans if each.style] == ["8"]


@pytest.mark.parametrize(
    ("before", "after"), [("", "new"), ("old", ""), ("a " * MOST_WORDS, "b " * MOST_WORDS)]
)
def test_texts_without_words_in_common_or_too_long_are_shown_whole(before: str, after: str) -> None:
    minus, plus = word_diff(before, after, marks=True)
    assert (minus.plain, plus.plain) == (before, after)


def test_a_diff_reads_from_settings_to_rows(capsys: pytest.CaptureFixture[str]) -> None:
    print_diff(DIFF, "faq", stat=False)
    assert capsys.readouterr().out.splitlines() == [
        "faq: version 1 to 2",
        "Train rows: 9 to 8",
        "System: none to persona",
        "0 rows added, 5 removed, 1 changed, 1 moved to another side",
        "",
        "Row 1, train",
        "- user: Who?",
        "- assistant: Me\\x07",
        "and 4 more removed",
        "",
        "Row 3 to 2, train",
        "- answer: It is [-7-].",
        "- Sure.",
        "+ answer: It is {+8+}.",
        "+ Sure.",
        "",
        "Row 3: train to test  So.",
    ]


def test_a_summary_leaves_the_rows_out(capsys: pytest.CaptureFixture[str]) -> None:
    print_diff(DIFF, "faq", stat=True)
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_a_role_that_speaks_again_is_numbered() -> None:
    turns = (("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d"))
    assert fields_of(Row(1, 1, "train", turns, rejected=(("assistant", "x"),))) == {
        "user": "a", "assistant": "b", "user (2)": "c", "assistant (2)": "d",
        "rejected assistant": "x",
    }  # fmt: skip
