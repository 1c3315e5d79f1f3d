import pytest

from desktop.features.training.hints import hints, rows_over
from engine.protocol.options import Value
from tests.desktop.features.records import STATS, TICKETS

VALUES: dict[str, Value] = {
    "method.rank": 16, "method.alpha": 32.0, "schedule": "cosine", "warmup_ratio": 0.05,
    "learning_rate": 2e-4, "batch_size": 8, "accumulation": 1, "max_length": 512,
    "early_stopping": 5, "eval_every": 0,
}  # fmt: skip


def told(path: str, **more: Value) -> str:
    values = {**VALUES, **{name.replace("__", "."): value for name, value in more.items()}}
    return hints(values, dataset=TICKETS, forecast=None, stats=STATS, rate=2e-4)[path]


def test_hints_say_what_a_setting_leads_to() -> None:
    assert told("method.alpha") == "Twice the rank"
    assert told("learning_rate") == "Cosine, 5 % warm-up"
    assert told("batch_size") == "29 steps an epoch"
    assert told("max_length") == "No row is cut"
    assert told("early_stopping") == "Evaluations without gain"


def test_the_learning_rate_says_where_it_comes_from() -> None:
    assert told("learning_rate", method__kind="ia3") == "Set for IA³; cosine, 5 % warm-up"
    assert told("learning_rate", learning_rate=1e-3) == "2e-4 is usual for LoRA here"
    assert told("method.alpha", method__kind="adalora") == ""


def test_hints_follow_the_values() -> None:
    assert told("method.alpha", method__alpha=24.0) == "1.5 times the rank"
    assert told("learning_rate", schedule="linear", warmup_ratio=0) == "Linear, no warm-up"
    assert told("batch_size", accumulation=4) == "4 added up, 32 rows a step"
    assert told("max_length", max_length=200) == "50 rows are cut"
    assert told("early_stopping", early_stopping=0) == "Never stops early"


def test_a_value_that_cannot_be_read_gets_no_hint() -> None:
    assert told("method.alpha", method__alpha="much") == ""
    assert told("batch_size", batch_size="") == ""


@pytest.mark.parametrize(("limit", "cut"), [(412, 0), (411, 1), (306, 25), (40, 250), (10, 250)])
def test_rows_over_a_limit_are_read_from_the_histogram(limit: int, cut: int) -> None:
    assert rows_over(STATS, limit) == cut
