from desktop.features.datasets.mapping_rules import in_order, role_of, with_role
from engine.protocol.specs import Mapping

PROMPTS = Mapping(convention="prompt_completion", user="prompt", assistant="completion")


def test_giving_a_column_anothers_part_swaps_the_two() -> None:
    changed = with_role(PROMPTS, "prompt", "assistant")
    assert (changed.user, changed.assistant) == ("completion", "prompt")
    assert changed.convention == "columns"


def test_an_ignored_column_takes_the_part_and_the_other_is_ignored() -> None:
    changed = with_role(PROMPTS, "title", "user")
    assert (changed.user, changed.assistant) == ("title", "completion")
    assert role_of(changed, "prompt") == ""


def test_an_input_makes_it_alpaca_and_messages_stand_alone() -> None:
    assert with_role(PROMPTS, "context", "input").convention == "alpaca"
    chat = with_role(PROMPTS, "turns", "messages")
    assert (chat.convention, chat.user, chat.assistant) == ("messages", "", "")


def test_a_column_can_be_ignored() -> None:
    assert with_role(PROMPTS, "prompt", "").user == ""


def test_mapped_columns_come_first_in_the_order_of_a_conversation() -> None:
    columns = ("id", "completion", "prompt")
    assert in_order(PROMPTS, columns) == ["prompt", "completion", "id"]
