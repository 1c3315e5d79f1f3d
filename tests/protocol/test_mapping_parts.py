import pytest

from engine.protocol.dataset_specs import Mapping
from engine.protocol.mapping_parts import PARTS, convention, mapping_of


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"user": "prompt", "assistant": "completion"}, "prompt_completion"),
        ({"user": "question", "assistant": "answer"}, "columns"),
        ({"user": "a", "assistant": "b", "reasoning": "c"}, "columns"),
        ({"user": "a", "input": "b", "assistant": "c"}, "alpaca"),
        ({"user": "a", "history": "b", "assistant": "c"}, "alpaca"),
        ({"user": "a", "assistant": "b", "label": "c"}, "unpaired"),
        ({"user": "a", "chosen": "b", "rejected": "c"}, "preference"),
        ({"messages": "m", "system": "s", "tools": "t"}, "messages"),
        ({"segments": "s"}, "segments"),
        ({"text": "t", "split": "s"}, "text"),
    ],
)
def test_the_convention_follows_from_the_parts(parts: dict[str, str], expected: str) -> None:
    assert convention(parts) == expected
    assert mapping_of(parts).parts == parts


def test_every_column_of_a_mapping_is_a_part() -> None:
    assert {*PARTS} == {*Mapping.__struct_fields__} - {"convention"}
