import pytest

from engine.commands.tour_answers import exact

EXPECTED = '{"team": "billing", "priority": "low"}'


@pytest.mark.parametrize(
    ("reply", "right"),
    [
        (EXPECTED, True),
        (' {"priority":"low","team":"billing"}\n', True),
        ('{"team": "billing", "priority": "high"}', False),
        ('{"team": "billing"}', False),
        (f"Sure! {EXPECTED}", False),
        (f"{EXPECTED} {EXPECTED}", False),
        ("", False),
    ],
)
def test_only_the_same_json_value_and_nothing_else_is_exactly_right(
    reply: str, right: bool
) -> None:
    assert exact(reply, EXPECTED) is right


def test_answers_that_are_no_json_are_compared_as_text() -> None:
    assert exact(" Ahoy.\n", "Ahoy.")
    assert not exact("ahoy.", "Ahoy.")
