"""What a person types about a dataset: columns' parts, splits, cells and ranges of rows."""

import click
import pytest

from engine.commands.dataset_arguments import cells_from, mapping_from, row_range, split_from
from engine.commands.dataset_files import part_from
from engine.protocol.dataset_specs import Mapping, MixPart, SplitSpec
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset


def test_a_mapping_s_convention_follows_from_its_parts() -> None:
    assert mapping_from(["prompt=user", "reply=assistant", "note="]) == Mapping(
        convention="columns", user="prompt", assistant="reply"
    )
    assert mapping_from(["q = user", "a=chosen", "b=rejected"]) == Mapping(
        convention="preference", user="q", chosen="a", rejected="b"
    )
    assert mapping_from(["body=text"]) == Mapping(convention="text", text="body")


def test_without_parts_the_mapping_is_left_to_be_detected() -> None:
    assert mapping_from([]) is None


def test_a_column_may_have_an_equals_sign_in_its_name() -> None:
    assert mapping_from(["a=b=text"]) == Mapping(convention="text", text="a=b")


@pytest.mark.parametrize(
    ("texts", "code", "words"),
    [
        (["prompt"], "mapping.unknown-part", "Write COLUMN=PART"),
        (["prompt=usr"], "mapping.unknown-part", "user, assistant, system"),
        (["=user"], "mapping.unknown-part", "'=user'"),
        (["a=user", "b=user"], "mapping.twice", "part user is given twice"),
        (["a=user", "a=assistant"], "mapping.twice", "column a is given twice"),
        (["note="], "mapping.empty", "nothing is left to learn"),
    ],
)
def test_a_wrong_part_is_refused(texts: list[str], code: str, words: str) -> None:
    with pytest.raises(Refused) as caught:
        mapping_from(texts)
    problem = caught.value.problem
    assert problem.code == code
    assert words in f"{problem.message} {problem.hint}"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], SplitSpec()),
        (
            ["validation=0.2,test=0.1,stratify_by=team"],
            SplitSpec(validation=0.2, test=0.1, stratify_by="team"),
        ),
        (["validation=50", "seed=7"], SplitSpec(validation=50, seed=7)),
        (["given=false"], SplitSpec(given=False)),
        (["group_by=city, country,seed=1"], SplitSpec(group_by="city, country", seed=1)),
        (["seed=1", "seed=2"], SplitSpec(seed=2)),
    ],
)
def test_a_split_is_read_from_one_text_or_several(texts: list[str], expected: SplitSpec) -> None:
    assert split_from(SplitSpec(), texts) == expected


def test_a_split_keeps_what_is_not_named() -> None:
    before = SplitSpec(validation=0.3, stratify_by="team")
    assert split_from(before, ["test=0.1"]) == SplitSpec(
        validation=0.3, test=0.1, stratify_by="team"
    )


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("validaton=0.2", "settings.unknown", "Did you mean 'validation'?"),
        ("validation", "settings.no-value", "--split validation=VALUE"),
        ("seed=1,validation", "settings.no-value", "--split validation=VALUE"),
        ("validation=0", "settings.invalid", "validation"),
        ("test=-1", "settings.invalid", "test"),
        ("seed=many", "settings.invalid", "seed"),
        ("given=perhaps", "settings.invalid", "given"),
    ],
)
def test_a_wrong_split_is_refused(text: str, code: str, words: str) -> None:
    with pytest.raises(Refused) as caught:
        split_from(SplitSpec(), [text], flag="--split ")
    problem = caught.value.problem
    assert problem.code == code
    assert words in f"{problem.message} {problem.hint}"


def test_cells_keep_equals_signs_in_text_and_in_columns() -> None:
    columns = ("answer", "a=b", "a")
    assert cells_from(["answer=1+1=2", "a=b=x", "a="], columns) == {
        "answer": "1+1=2", "a=b": "x", "a": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"), [("anwser=x", "Did you mean 'answer'?"), ("answer", "COLUMN=TEXT")]
)
def test_a_cell_of_no_column_is_refused(text: str, words: str) -> None:
    with pytest.raises(Refused) as caught:
        cells_from([text], ("question", "answer"))
    assert words in caught.value.problem.hint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5-10", slice(4, 10)),
        ("5-", slice(4, None)),
        ("-10", slice(0, 10)),
        ("5", slice(4, 5)),
        (" 3-3 ", slice(2, 3)),
    ],
)
def test_a_range_counts_from_one_and_has_both_its_ends(text: str, expected: slice) -> None:
    assert row_range(text) == expected


@pytest.mark.parametrize("text", ["", "-", "0", "0-3", "5-4", "-0", "a", "1-2-3", "1:3", "--1"])
def test_a_range_without_rows_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        row_range(text)


CHAT = Dataset(id="c" * 32, name="chat", version=1, path="", sha256="", source="")
ODD = Dataset(id="0dd" + "0" * 29, name="v=2", version=1, path="", sha256="", source="")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("chat", MixPart(CHAT.id)),
        ("chat=3", MixPart(CHAT.id, 3.0)),
        ("v=2", MixPart(ODD.id)),
        ("v=2=0.5", MixPart(ODD.id, 0.5)),
        ("cccc=2", MixPart(CHAT.id, 2.0)),
    ],
)
def test_a_part_of_a_mix_has_a_weight(text: str, expected: MixPart) -> None:
    assert part_from([CHAT, ODD], text) == expected


@pytest.mark.parametrize("text", ["chat=", "chat=0", "chat=-1", "chat=nan", "chat=inf", "code=1"])
def test_a_wrong_weight_or_dataset_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        part_from([CHAT, ODD], text)
