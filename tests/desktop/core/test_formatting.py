from datetime import datetime

import pytest

from desktop.core import formatting


@pytest.mark.parametrize(
    ("count", "text"),
    [(812, "812 B"), (9_800_000, "9.8 MB"), (269_000_000, "269 MB"), (1_500_000_000, "1.5 GB"),
     (999_600, "1.0 MB"), (0, "0 B"), (4_000, "4.0 KB"), (3.2e12, "3.2 TB")],
)  # fmt: skip
def test_sizes_are_powers_of_ten(count: float, text: str) -> None:
    assert formatting.size(count) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(1842, "1,842"), (9999, "9,999"), (194_000, "194 K"), (4_880_000, "4.88 M"),
     (12_345, "12.3 K"), (134_500_000, "134 M"), (0, "0")],
)  # fmt: skip
def test_counts_above_ten_thousand_have_three_figures(number: float, text: str) -> None:
    assert formatting.count(number) == text


@pytest.mark.parametrize(
    ("number", "text"), [(134_515_008, "134.5 M"), (4_884_480, "4.88 M"), (57_600, "57.6 K")]
)
def test_parameters_read_as_models_are_named(number: float, text: str) -> None:
    assert formatting.parameters(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0.4 s"), (45, "45 s"), (2520, "42 min"), (4860, "1 h 21 min"), (7200, "2 h"),
     (3599, "1 h"), (59.7, "1 min")],
)  # fmt: skip
def test_durations(seconds: float, text: str) -> None:
    assert formatting.duration(seconds) == text


def test_what_is_left_is_never_told_in_seconds() -> None:
    assert formatting.remaining(12) == "under a minute"
    assert formatting.remaining(1680) == "28 min"


@pytest.mark.parametrize(
    ("value", "text"), [(2e-4, "2e-4"), (16, "16"), (32.0, "32"), (0.05, "0.05"), (0, "0")]
)
def test_settings_are_written_without_needless_zeros(value: float, text: str) -> None:
    assert formatting.number(value) == text


def test_days() -> None:
    now = datetime(2026, 3, 12, 15, 0).timestamp()
    assert formatting.moment(datetime(2026, 3, 12, 9, 5).timestamp(), now) == "today, 09:05"
    assert formatting.day(datetime(2026, 3, 11, 23, 0).timestamp(), now) == "yesterday"
    assert formatting.day(datetime(2026, 3, 8).timestamp(), now) == "Sunday"
    assert formatting.day(datetime(2026, 1, 5).timestamp(), now) == "5 January 2026"


def test_plurals_and_shares() -> None:
    assert formatting.plural(1, "row") == "1 row"
    assert formatting.plural(1842, "row") == "1,842 rows"
    assert formatting.plural(2, "query", "queries") == "2 queries"
    assert formatting.percent(0.653) == "65 %"
