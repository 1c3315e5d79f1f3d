import time

from desktop.features.datasets.diff_lines import lines_of
from desktop.features.datasets.word_diff import differing, plain, text_of
from engine.protocol.records import DatasetDiff, Row


def row(number: int, prompt: str, completion: str, split: str = "train") -> Row:
    messages = (("user", prompt), ("assistant", completion))
    return Row(number, number, split, messages, {"prompt": prompt, "completion": completion})


def marked(line: object) -> list[str]:
    return [piece.text for piece in line if piece.differs]  # type: ignore[attr-defined]


def test_only_the_words_that_differ_are_marked() -> None:
    was, now = differing("It opens at nine on Monday.", "It opens at ten on Tuesday.")
    assert (marked(was), marked(now)) == (["nine", "Monday"], ["ten", "Tuesday"])
    assert (text_of(was), text_of(now)) == (
        "It opens at nine on Monday.", "It opens at ten on Tuesday."
    )  # fmt: skip


def test_a_word_is_marked_as_a_whole() -> None:
    was, now = differing("tickets", "ticketing")
    assert (marked(was), marked(now)) == (["tickets"], ["ticketing"])


def test_text_far_in_front_of_the_first_difference_is_cut() -> None:
    was, now = differing("word " * 200 + "red", "word " * 200 + "green")
    assert text_of(was).startswith("… ")
    assert len(text_of(was)) < 60
    assert (marked(was), marked(now)) == (["red"], ["green"])


def test_line_breaks_are_shown() -> None:
    assert text_of(plain("one\ntwo\t three")) == "one↵two three"


def test_very_long_texts_are_compared_at_once() -> None:
    began = time.monotonic()
    for _ in range(100):
        differing("alpha " * 50_000, "beta " * 50_000)
    assert time.monotonic() - began < 5


def test_settings_come_first_and_what_is_not_shown_is_counted() -> None:
    diff = DatasetDiff(
        before=1, after=2, settings=(("Split", "random, seed 42", "random, seed 7"),),
        added_count=1205, removed_count=1, changed_count=1, moved_count=1,
        added=(row(5, "new", "answer"),), removed=(row(3, "old", "answer"),),
        changed=((row(1, "a b", "x"), row(1, "a c", "y")),),
        moved=((row(2, "p", "c"), row(2, "p", "c", "validation")),),
    )  # fmt: skip
    lines = lines_of(diff)
    assert [(line.kind, line.label) for line in lines] == [
        ("heading", "Settings"), ("setting", "Split"),
        ("heading", "Changed"), ("changed", "1"), ("changed", ""),
        ("heading", "Added"), ("added", "5"), ("more", "and 1,204 more"),
        ("heading", "Removed"), ("removed", "3"),
        ("heading", "Moved to another side"), ("moved", "2"),
    ]  # fmt: skip
    changed = [line for line in lines if line.kind == "changed"]
    assert [line.name for line in changed] == ["prompt", "completion"]
    assert text_of(lines[-1].second) == "Training → Validation"


def test_rows_of_other_columns_are_compared_by_their_text() -> None:
    was = Row(1, 1, "train", (("user", "a"), ("assistant", "b")), {"q": "same"})
    now = Row(1, 1, "train", (("user", "a"), ("assistant", "c")), {"q": "same"})
    diff = DatasetDiff(1, 2, (), 0, 0, 1, 0, (), (), ((was, now),), ())
    assert text_of(lines_of(diff)[-1].second).endswith("assistant: c")
