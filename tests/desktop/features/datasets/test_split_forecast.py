import pytest
from msgspec.structs import replace

from desktop.features.datasets.split_forecast import consequence, expected, in_words, refusal
from engine.protocol.dataset_specs import Mapping, SplitSpec
from tests.desktop.features.records import TICKETS


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (0.1, "0.1 = 10 %, about 24 rows"),
        (0.125, "0.125 = 12.5 %, about 30 rows"),
        (200.0, "200 = 200 rows"),
        (1.0, "1 = 1 row"),
        (0.0, "0 = none"),
    ],
)
def test_a_share_and_a_number_are_told_apart(wanted: float, said: str) -> None:
    assert in_words(wanted, 240) == said


def test_what_a_split_will_give_is_said_before_it_is_made() -> None:
    wanted = SplitSpec(validation=0.1, test=24)
    assert expected(wanted, 240).words == "192 train, 24 validation, 24 test rows"
    assert expected(SplitSpec(), 240).words == "216 train, 24 validation rows"
    assert consequence(SplitSpec(), TICKETS) == "About 225 train, 25 validation rows."


def test_sides_that_a_column_or_the_files_gave_are_kept() -> None:
    by_column = replace(TICKETS, mapping=Mapping(split="side"))
    by_files = replace(TICKETS, split="given by the files")
    assert "column side" in consequence(SplitSpec(), by_column)
    assert "the files" in consequence(SplitSpec(), by_files)
    assert consequence(SplitSpec(given=False), by_files).startswith("About")


def test_a_split_that_leaves_nothing_to_train_on_is_refused() -> None:
    assert refusal(SplitSpec(validation=200, test=50), TICKETS)
    assert refusal(SplitSpec(validation=0.6, test=0.4), TICKETS)
    assert not refusal(SplitSpec(validation=200, test=49), TICKETS)
