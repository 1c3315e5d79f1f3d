from desktop.features.datasets.mapping_rules import in_order, role_of, with_role
from engine.protocol.dataset_specs import Mapping

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


PREFERENCE = Mapping("preference", user="prompt", chosen="good", rejected="bad")


def test_a_second_answer_makes_the_only_one_the_other_of_two() -> None:
    worse = with_role(PROMPTS, "bad", "rejected")
    assert worse == Mapping("preference", user="prompt", chosen="completion", rejected="bad")
    better = with_role(PROMPTS, "good", "chosen")
    assert better == Mapping("preference", user="prompt", chosen="good", rejected="completion")


def test_two_answers_change_places() -> None:
    changed = with_role(PREFERENCE, "good", "rejected")
    assert (changed.chosen, changed.rejected) == ("bad", "good")


def test_one_answer_gives_up_the_two() -> None:
    changed = with_role(PREFERENCE, "good", "assistant")
    assert changed == Mapping("columns", user="prompt", assistant="good")


def test_a_label_makes_it_an_unpaired_preference() -> None:
    assert with_role(PROMPTS, "liked", "label").convention == "unpaired"
    assert with_role(PREFERENCE, "liked", "label").convention == "unpaired"


def test_segments_stand_alone_and_tools_go_with_messages() -> None:
    talk = Mapping("messages", messages="turns", tools="tools", system="system")
    assert with_role(talk, "parts", "segments") == Mapping(
        "segments", segments="parts", system="system"
    )
    assert with_role(Mapping("messages", messages="turns"), "functions", "tools").tools
    assert with_role(talk, "prompt", "user").tools == "tools"
